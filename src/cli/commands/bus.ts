import type { Command } from 'commander';
import type { BusKeys } from '../../bus/keys.ts';
import { withBus, type Redis } from '../bus.ts';
import { usage } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { printTable } from '../questions.ts';

type BusFlags = { readonly group?: string; readonly json?: boolean };
type RemoveFlags = BusFlags & { readonly claimTo?: string };

export function addBus(program: Command, io: CliIo): void {
  const bus = program
    .command('bus')
    .description('Look at the event bus: how far each group has come, who reads, what was lost.')
    .addHelpText(
      'after',
      `
Works on Redis itself: REDIS_URL, else the one of the service that runs here.

Examples:
  stemma bus status
  stemma bus note-gaps
  stemma bus remove-consumer host-4711-0a1b2c3d --claim-to host-4712-4e5f6a7b`,
    );

  withGroup(bus.command('status').description('Progress, consumers and lost events by group.'))
    .addHelpText('after', '\nExamples:\n  stemma bus status --json')
    .action(async ({ group, json }: BusFlags) => {
      const groups = await withBus(io, async (redis, keys) => {
        const names = await groupsIn(redis, keys, group);
        return Promise.all(names.map((name) => statusOf(redis, keys, name)));
      });
      if (json === true) {
        io.out(JSON.stringify({ version: 2, groups }));
        return;
      }
      for (const status of groups) printStatus(status, io);
      if (groups.length === 0) io.out('No consumer group has read from this bus.');
    });

  withGroup(
    bus
      .command('note-gaps')
      .description('Take note of the events that were lost so far: /healthz is green again.'),
  )
    .addHelpText(
      'after',
      '\nNothing of a lost event is in the graph: have it sent again.\n\nExamples:\n  stemma bus note-gaps',
    )
    .action(async ({ group, json }: BusFlags) => {
      const { noteGaps, progressOf } = await import('../../bus/log/lag.ts');
      const noted = await withBus(io, async (redis, keys) => {
        const names = await groupsIn(redis, keys, group);
        return Promise.all(
          names.map(async (name) => {
            await noteGaps(redis, keys, name);
            return { group: name, noted: (await progressOf(redis, keys, name)).lost };
          }),
        );
      });
      if (json === true) io.out(JSON.stringify({ version: 2, groups: noted }));
      else {
        for (const one of noted)
          io.out(`${one.group}: ${one.noted} lost events are taken note of.`);
      }
    });

  withGroup(
    bus
      .command('remove-consumer')
      .description('Remove a consumer that will not come back; nothing that waits for it is lost.')
      .argument('<name>', 'as "stemma bus status" shows it')
      .option('--claim-to <name>', 'the consumer that takes over what is pending'),
  )
    .addHelpText('after', '\nExamples:\n  stemma bus remove-consumer old --claim-to new')
    .action(async (name: string, { group, claimTo, json }: RemoveFlags) => {
      const { removeConsumer } = await import('../../bus/group/consumers.ts');
      const removed = await withBus(io, async (redis, keys) => {
        const groups = [];
        for (const one of await groupsIn(redis, keys, group)) {
          const { consumers } = await statusOf(redis, keys, one);
          if (consumers.some((consumer) => consumer.name === name)) groups.push(one);
        }
        const [found, ...others] = groups;
        if (found === undefined) {
          throw usage(`No group has a consumer '${name}': "stemma bus status" lists them.`);
        }
        if (others.length > 0) {
          throw usage(
            `Several groups have a consumer '${name}' (${groups.join(', ')}): add --group.`,
          );
        }
        const moved = await removeConsumer(redis, keys, {
          ...{ group: found, name, claimTo: claimTo ?? null },
        });
        return { group: found, moved };
      });
      if (json === true) io.out(JSON.stringify({ version: 1, name, ...removed }));
      else io.out(`'${name}' is removed, ${removed.moved} events were handed on.`);
    });
}

function withGroup(command: Command): Command {
  return command.option('--group <name>', 'the consumer group (default: every group)');
}

/** @throws CommanderError where there is no such group */
async function groupsIn(
  redis: Redis,
  keys: BusKeys,
  group: string | undefined,
): Promise<readonly string[]> {
  const { knownGroups } = await import('../../bus/group/groups.ts');
  const names = await knownGroups(redis, keys);
  if (group === undefined) return names;
  if (names.includes(group)) return [group];
  throw usage(`There is no consumer group '${group}': ${names.join(', ') || 'none'} is known.`);
}

type Status = Awaited<ReturnType<typeof statusOf>>;

async function statusOf(redis: Redis, keys: BusKeys, group: string) {
  const { gapsOf, progressOf } = await import('../../bus/log/lag.ts');
  const { consumersOf, groupOf } = await import('../../bus/group/groups.ts');
  const consumers = [];
  for (const stream of keys.streams) {
    if ((await groupOf(redis, stream, group)) === null) continue;
    for (const consumer of await consumersOf(redis, stream, group)) {
      consumers.push({ stream, ...consumer });
    }
  }
  const progress = await progressOf(redis, keys, group);
  return { group, progress, consumers, gaps: await gapsOf(redis, keys, group) };
}

function printStatus({ group, progress, consumers, gaps }: Status, io: CliIo): void {
  const { position, through, waiting, lost, noted } = progress;
  io.out(`${group}: settled up to ${through} of ${position}, ${waiting} events wait`);
  io.out(`lost: ${lost} events, ${noted} of them taken note of`);
  for (const { from, to, at, rewound } of gaps) {
    const what = rewound === true ? 'Redis was lost or restored' : `positions ${from} to ${to}`;
    io.out(`  ${new Date(at).toISOString()}  ${what}`);
  }
  if (consumers.length === 0) return;
  printTable(
    [
      ['CONSUMER', 'STREAM', 'PENDING', 'IDLE MS'],
      ...consumers.map(({ name, stream, pending, idleMs }) => [name, stream, pending, idleMs]),
    ],
    io,
  );
}
