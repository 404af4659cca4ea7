import type { Command } from 'commander';
import { addDefinitionCommands } from '../definition-commands.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, readAll, sayMore, type Connection } from '../questions.ts';
import { brief } from '../text.ts';

type Status = {
  readonly gate: { readonly name: string; readonly version: number };
  readonly ref: string;
  readonly outcome: string;
  readonly since: string | null;
  readonly inputs: readonly {
    readonly name: string;
    readonly state: string;
    readonly reason: string | null;
    readonly since: string | null;
    readonly event: { readonly source: string; readonly eventId: string } | null;
  }[];
};
type JsonFlag = { readonly json?: boolean };

const STATUS = `query GateStatus($ref: String, $gate: String, $version: Int, $outcome: GateOutcome, $first: Int!, $after: String) {
  gateStatus(ref: $ref, gate: $gate, version: $version, outcome: $outcome, first: $first, after: $after) {
    nodes { gate { name version } ref outcome since inputs { name state reason since event { source eventId } } } ${PAGE_INFO}
  }
}`;
export function addGate(program: Command, io: CliIo): void {
  const group = program
    .command('gate')
    .description('Look at gates, and at what they know of a correlation key.')
    .addHelpText(
      'after',
      `
Gates are defined by stemma apply.

Examples:
  stemma apply -f gates.yaml
  stemma gate list
  stemma gate status sha256:e3b0…
  stemma gate status --gate release --outcome FAILED
  stemma gate disable release --reason 'the scanner is broken'`,
    );
  const client = async () => (await import('../service.ts')).connect(io);
  const version = wholeNumber(1, Number.MAX_SAFE_INTEGER);

  addDefinitionCommands(group, io, {
    ...{ word: 'gate', plural: 'gates', acts: 'speak' },
    fields: 'key withinSeconds inputs { name types when accept key }',
  });

  group
    .command('status')
    .description('Show what gates know of a correlation key, or one gate of all its keys.')
    .argument('[ref]', 'a correlation key, as gates have it: a digest, a commit id, …')
    .option('--gate <name>', 'only this gate')
    .option('--gate-version <n>', 'this version of it; left out: the newest', version)
    .option('--outcome <outcome>', 'PASSED, FAILED or WAITING')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 500)
    .addHelpText(
      'after',
      '\nExamples:\n  stemma gate status sha256:e3b0…\n  stemma gate status --gate release --outcome WAITING',
    )
    .action(async (ref: string | undefined, flags: StatusFlags) => {
      const service = await client();
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const variables = {
          ...{ ref: ref ?? null, gate: flags.gate ?? null, version: flags.gateVersion ?? null },
          ...{ outcome: flags.outcome?.toUpperCase() ?? null, first, after },
        };
        return (await service.graphql<{ gateStatus: Connection<Status> }>(STATUS, variables))
          .gateStatus;
      });
      if (flags.json === true) {
        io.out(JSON.stringify({ gateStatus: items, more }));
        return;
      }
      if (items.length === 0) io.err('No gate has seen anything of it.');
      for (const status of items) showStatus(status, io);
      sayMore(more, io);
    });
}

type StatusFlags = JsonFlag & {
  readonly gate?: string;
  readonly gateVersion?: number;
  readonly outcome?: string;
  readonly limit: number;
};

function showStatus({ gate, ref, outcome, since, inputs }: Status, io: CliIo): void {
  io.out([`${gate.name}@${gate.version}`, outcome, since ?? '-', brief(ref, 100)].join('\t'));
  for (const { name, state, since: at, event, reason } of inputs) {
    const what = event === null ? '-' : brief(`${event.source} ${event.eventId}`, 200);
    const why = reason === null ? [] : [brief(reason, 300)];
    io.out([`  ${brief(name, 100)}`, state, at ?? '-', what, ...why].join('\t'));
  }
}
