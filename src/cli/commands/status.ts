import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { BusFigures } from '../../bus/group/figures.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { printTable } from '../questions.ts';
import { safe } from '../text.ts';

type StatusFlags = { readonly json?: boolean; readonly interval: number };

/** What the bus was at a time, ms since the epoch. */
type Reading = { readonly at: number; readonly figures: BusFigures };

type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };
/** What the service says of itself; `ready` is null where it does not answer. */
type Service = {
  readonly url: string;
  readonly ready: boolean | null;
  readonly checks: readonly Check[];
};

type Status = ReturnType<typeof statusOf> & { readonly service: Service };

const PROBE_MS = 3_000;
const CLEAR = '\u001b[H\u001b[2J';

export function addStatus(program: Command, io: CliIo): void {
  program
    .command('status')
    .description(
      'Show how the service and its consumers are: in a terminal until Ctrl-C, else once.',
    )
    .option('--interval <ms>', 'between two looks', wholeNumber(100, 600_000), 1_000)
    .addHelpText(
      'after',
      `
Rates are those between two looks. Asks the service (STEMMA_URL) for its roles, and Redis (REDIS_URL) for the rest; without them those of the service that runs here.

Examples:
  stemma status
  stemma status --json | jq '.groups[] | select(.waiting > 0)'`,
    )
    .action(async ({ json = false, interval }: StatusFlags) => {
      const { withBus } = await import('../bus.ts');
      const { readBusFigures } = await import('../../bus/group/figures.ts');
      const { connect } = await import('../service.ts');
      const { url } = connect(io);
      const signal = io.interrupted();
      const isLive = io.isTerminal && !json;
      await withBus(io, async (redis, keys) => {
        const look = async (): Promise<Reading> => ({
          figures: await readBusFigures(redis, keys),
          at: Date.now(),
        });
        let before = await look();
        do {
          await delay(interval, undefined, { signal }).catch(() => undefined); // Ctrl-C: a last look
          const [now, service] = await Promise.all([look(), askService(url)]);
          const status = { ...statusOf(before, now), service };
          if (json) io.out(JSON.stringify({ version: 1, ...status }));
          else print(status, isLive, io);
          before = now;
        } while (isLive && !signal.aborted);
      });
    });
}

/** Pure: how things are at the second of two readings. */
export function statusOf(before: Reading, { at, figures }: Reading) {
  const seconds = Math.max(at - before.at, 1) / 1_000;
  const earlier = new Map(before.figures.groups.map((one) => [one.group, one]));
  const rate = (now: number, then: number | undefined): number | null =>
    then === undefined ? null : Math.round((Math.max(now - then, 0) / seconds) * 10) / 10;
  return {
    deadLetters: figures.deadLetters,
    groups: figures.groups.map(
      ({ group, position, through, waiting, waitingSince, lost, noted }) => ({
        ...{ group, position, through, waiting, lost, noted },
        oldestSeconds: waitingSince === null ? 0 : Math.max(at - waitingSince, 0) / 1_000,
        acceptedPerSecond: rate(position, earlier.get(group)?.position),
        settledPerSecond: rate(through, earlier.get(group)?.through),
      }),
    ),
    streams: figures.streams
      .filter(({ entries, groups }) => entries > 0 || groups.length > 0)
      .map(({ stream, entries, groups }) => ({
        ...{ stream, entries },
        pending: Object.fromEntries(groups.map(({ name, pending }) => [name, pending])),
      })),
  };
}

async function askService(url: string): Promise<Service> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PROBE_MS) });
    const { ready, checks } = (await response.json()) as Omit<Service, 'url'>;
    return { url, ready, checks };
  } catch {
    return { url, ready: null, checks: [] };
  }
}

function print(
  { service, deadLetters, groups, streams }: Status,
  isLive: boolean,
  io: CliIo,
): void {
  if (isLive) io.out(CLEAR + new Date().toISOString());
  const answers =
    service.ready === null ? 'does not answer' : service.ready ? 'ready' : 'not ready';
  io.out(`${safe(service.url)}: ${answers}`);
  for (const { name, detail } of service.checks.filter(({ ok }) => !ok)) {
    io.out(`  ${safe(name)}: ${safe(detail)}`);
  }
  io.out(`dead letters: ${deadLetters}`);
  if (groups.length === 0) {
    io.out('No consumer group has read from this bus.');
    return;
  }
  const shown = (value: number | null): string => (value === null ? '?' : value.toFixed(1));
  printTable(
    [
      ['GROUP', 'SETTLED', 'HEAD', 'WAITING', 'OLDEST S', 'IN/S', 'OUT/S', 'LOST'],
      ...groups.map((one) => [
        ...[one.group, one.through, one.position, one.waiting, one.oldestSeconds.toFixed(1)],
        ...[shown(one.acceptedPerSecond), shown(one.settledPerSecond), one.lost - one.noted],
      ]),
    ],
    io,
  );
  const names = groups.map(({ group }) => group);
  printTable(
    [
      ['STREAM', 'EVENTS', ...names.map((name) => `PENDING ${name}`)],
      ...streams.map(({ stream, entries, pending }) => [
        ...[stream, entries],
        ...names.map((name) => pending[name] ?? '-'),
      ]),
    ],
    io,
  );
}
