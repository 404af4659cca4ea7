import type { Command } from 'commander';
import type { Receipt } from '../../model/receipt.ts';
import { CliError, EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, printTable, readAll, sayMore, type Connection } from '../questions.ts';
import { RECEIPT, refused, showReceipt } from '../receipt.ts';
import { brief, safe } from '../text.ts';

type Gate = {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly superseded: boolean;
  readonly definedAt: string;
  readonly position: number;
  readonly throughPosition: number;
};
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
type SendFlags = JsonFlag & { readonly reason?: string; readonly wait?: boolean };

const FIELDS = `name version description key withinSeconds enabled disabledReason superseded source definedAt position throughPosition
  inputs { name types when accept key }`;
const LIST = `query Gates($name: String, $enabled: Boolean, $superseded: Boolean, $first: Int!, $after: String) {
  gates(name: $name, enabled: $enabled, superseded: $superseded, first: $first, after: $after) { nodes { ${FIELDS} } ${PAGE_INFO} }
}`;
const GET = `query Gate($name: String!, $version: Int) { gate(name: $name, version: $version) { ${FIELDS} } }`;
const STATUS = `query GateStatus($ref: String, $gate: String, $version: Int, $outcome: GateOutcome, $first: Int!, $after: String) {
  gateStatus(ref: $ref, gate: $gate, version: $version, outcome: $outcome, first: $first, after: $after) {
    nodes { gate { name version } ref outcome since inputs { name state reason since event { source eventId } } } ${PAGE_INFO}
  }
}`;
const SWITCH = (field: 'enableGate' | 'disableGate') =>
  `mutation Switch($input: SwitchGateInput!, $wait: WaitFor!) {
  receipt: ${field}(input: $input, wait: $wait) { ${RECEIPT} }
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

  group
    .command('list')
    .description('List them, by name and version; without --all the newest version of each.')
    .option('--name <gate>', 'only the versions of this gate')
    .option('--all', 'also versions that a later one has replaced')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 500)
    .addHelpText('after', '\nExamples:\n  stemma gate list --all')
    .action(async (flags: JsonFlag & { name?: string; all?: boolean; limit: number }) => {
      const service = await client();
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const superseded = flags.all === true ? null : false;
        const variables = { name: flags.name ?? null, enabled: null, superseded, first, after };
        return (await service.graphql<{ gates: Connection<Gate> }>(LIST, variables)).gates;
      });
      if (flags.json === true) {
        io.out(JSON.stringify({ gates: items, more }));
        return;
      }
      printTable(
        items.map((gate) => [
          ...[gate.name, gate.version, stateOf(gate), gate.definedAt],
          brief(gate.description ?? '', 80),
        ]),
        io,
      );
      sayMore(more, io);
    });

  group
    .command('get')
    .description('Show one of them, with its inputs.')
    .argument('<name>', 'name of the gate')
    .argument('[version]', 'this version; left out: the newest', version)
    .addHelpText('after', '\nExamples:\n  stemma gate get release --json')
    .action(async (name: string, given: number | undefined, flags: JsonFlag) => {
      const variables = { name, version: given ?? null };
      const { gate } = await (
        await client()
      ).graphql<{ gate: (Gate & { readonly inputs: readonly object[] }) | null }>(GET, variables);
      if (gate === null) {
        const which = given === undefined ? '' : ` ${given}`;
        throw new CliError('NOT_FOUND', `Nobody defined the gate ${brief(name, 120)}${which}.`, {
          exitCode: EXIT.notFound,
        });
      }
      if (flags.json === true) {
        io.out(JSON.stringify(gate));
        return;
      }
      const { inputs, ...rest } = gate;
      for (const [field, value] of Object.entries(rest)) {
        if (value !== null) io.out(`${field}: ${safe(String(value))}`);
      }
      for (const input of inputs) io.out(`input: ${safe(inputText(input))}`);
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

  for (const [word, field, what] of SWITCHES) {
    group
      .command(word)
      .description(what)
      .argument('<name>', 'name of the gate')
      .option('--reason <text>', 'why')
      .option('--wait', 'wait until it is in the graph')
      .addHelpText(
        'after',
        `\nExamples:\n  stemma gate ${word} release --reason 'the scanner is back'`,
      )
      .action(async (name: string, flags: SendFlags) => {
        const wait = flags.wait === true ? 'APPLIED' : 'ACCEPTED';
        const { reason = null } = flags;
        const service = await client();
        // its name is looked up first: what is said of a gate that nobody defined has no effect
        await service.graphql(STATUS, {
          ...{ ref: null, gate: name, version: null, outcome: null, first: 1, after: null },
        });
        const input = { name, reason, time: new Date().toISOString() };
        const { receipt } = await service.graphql<{ receipt: Receipt }>(SWITCH(field), {
          ...{ input, wait },
        });
        showReceipt(receipt, flags.json === true, io);
        if (receipt.error !== null) throw refused(receipt);
      });
  }
}

type StatusFlags = JsonFlag & {
  readonly gate?: string;
  readonly gateVersion?: number;
  readonly outcome?: string;
  readonly limit: number;
};

const SWITCHES = [
  ['enable', 'enableGate', 'Let a gate speak again, in all of its versions.'],
  [
    'disable',
    'disableGate',
    'Keep a gate from speaking, in all of its versions; it goes on to look.',
  ],
] as const;

function stateOf({ enabled, superseded }: Gate): string {
  if (superseded) return 'superseded';
  return enabled ? 'enabled' : 'disabled';
}

function inputText(input: object): string {
  return Object.entries(input)
    .filter(([, value]) => value !== null)
    .map(([field, value]) => `${field} ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('; ');
}

function showStatus({ gate, ref, outcome, since, inputs }: Status, io: CliIo): void {
  io.out([`${gate.name}@${gate.version}`, outcome, since ?? '-', brief(ref, 100)].join('\t'));
  for (const { name, state, since: at, event, reason } of inputs) {
    const what = event === null ? '-' : brief(`${event.source} ${event.eventId}`, 200);
    const why = reason === null ? [] : [brief(reason, 300)];
    io.out([`  ${brief(name, 100)}`, state, at ?? '-', what, ...why].join('\t'));
  }
}
