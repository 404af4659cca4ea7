import type { Command } from 'commander';
import type { Receipt } from '../model/receipt.ts';
import { CliError, EXIT } from './exit.ts';
import { wholeNumber } from './flags.ts';
import type { CliIo } from './io.ts';
import { PAGE_INFO, printTable, readAll, sayMore, type Connection } from './questions.ts';
import { RECEIPT, refused, showReceipt } from './receipt.ts';
import { brief, safe } from './text.ts';

/** What is defined by name and version: gates, watches. */
export type DefinitionKind = {
  /** As people call it, and the field of one of them. */
  readonly word: 'gate' | 'watch';
  readonly plural: 'gates' | 'watches';
  /** Fields beside those that all kinds have. */
  readonly fields: string;
  /** What it does while it is enabled, and does not while it is disabled. */
  readonly acts: string;
};

type Defined = {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly superseded: boolean;
  readonly definedAt: string;
};
type JsonFlag = { readonly json?: boolean };
type SwitchFlags = JsonFlag & { readonly reason?: string; readonly wait?: boolean };

const COMMON =
  'name version description enabled disabledReason superseded source definedAt position throughPosition';

/** The commands that all kinds have: list, get, enable, disable. */
export function addDefinitionCommands(group: Command, io: CliIo, kind: DefinitionKind): void {
  const { word, plural, fields, acts } = kind;
  const client = async () => (await import('./service.ts')).connect(io);
  const version = wholeNumber(1, Number.MAX_SAFE_INTEGER);
  const get = `query Get($name: String!, $version: Int) {
    found: ${word}(name: $name, version: $version) { ${COMMON} ${fields} }
  }`;

  group
    .command('list')
    .description('List them, by name and version; without --all the newest version of each.')
    .option('--name <name>', `only the versions of this ${word}`)
    .option('--all', 'also versions that a later one has replaced')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 500)
    .addHelpText('after', `\nExamples:\n  stemma ${word} list --all`)
    .action(async (flags: JsonFlag & { name?: string; all?: boolean; limit: number }) => {
      const service = await client();
      const query = `query List($name: String, $superseded: Boolean, $first: Int!, $after: String) {
        list: ${plural}(name: $name, superseded: $superseded, first: $first, after: $after) { nodes { ${COMMON} ${fields} } ${PAGE_INFO} }
      }`;
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const superseded = flags.all === true ? null : false;
        const variables = { name: flags.name ?? null, superseded, first, after };
        return (await service.graphql<{ list: Connection<Defined> }>(query, variables)).list;
      });
      if (flags.json === true) {
        io.out(JSON.stringify({ [plural]: items, more }));
        return;
      }
      printTable(
        items.map((one) => [
          ...[one.name, one.version, stateOf(one), one.definedAt, brief(one.description ?? '', 80)],
        ]),
        io,
      );
      sayMore(more, io);
    });

  group
    .command('get')
    .description('Show one of them.')
    .argument('<name>', `name of the ${word}`)
    .argument('[version]', 'this version; left out: the newest', version)
    .addHelpText('after', `\nExamples:\n  stemma ${word} get release --json`)
    .action(async (name: string, given: number | undefined, flags: JsonFlag) => {
      const variables = { name, version: given ?? null };
      const service = await client();
      const { found } = await service.graphql<{ found: object | null }>(get, variables);
      if (found === null) throw unknown(word, name, given);
      if (flags.json === true) {
        io.out(JSON.stringify(found));
        return;
      }
      for (const [field, value] of Object.entries(found) as [string, unknown][]) {
        if (value === null) continue;
        io.out(`${field}: ${safe(typeof value === 'string' ? value : JSON.stringify(value))}`);
      }
    });

  for (const [verb, what] of [
    ['enable', `Let a ${word} ${acts} again, in all of its versions.`],
    ['disable', `Keep a ${word} from this: it does not ${acts}, in any of its versions.`],
  ] as const) {
    const type = `Switch${capital(word)}Input`;
    const mutation = `mutation Switch($input: ${type}!, $wait: WaitFor!) {
      receipt: ${verb}${capital(word)}(input: $input, wait: $wait) { ${RECEIPT} }
    }`;
    group
      .command(verb)
      .description(what)
      .argument('<name>', `name of the ${word}`)
      .option('--reason <text>', 'why')
      .option('--wait', 'wait until it is in the graph')
      .addHelpText(
        'after',
        `\nExamples:\n  stemma ${word} ${verb} release --reason 'the scanner is broken'`,
      )
      .action(async (name: string, flags: SwitchFlags) => {
        const service = await client();
        const { found } = await service.graphql<{ found: object | null }>(get, { name });
        if (found === null) throw unknown(word, name);
        const input = { name, reason: flags.reason ?? null, time: new Date().toISOString() };
        const wait = flags.wait === true ? 'APPLIED' : 'ACCEPTED';
        const variables = { input, wait };
        const { receipt } = await service.graphql<{ receipt: Receipt }>(mutation, variables);
        showReceipt(receipt, flags.json === true, io);
        if (receipt.error !== null) throw refused(receipt);
      });
  }
}

function stateOf({ enabled, superseded }: Defined): string {
  if (superseded) return 'superseded';
  return enabled ? 'enabled' : 'disabled';
}

function unknown(word: string, name: string, version?: number): CliError {
  const which = version === undefined ? '' : ` ${version}`;
  const message = `Nobody defined the ${word} ${brief(name, 120)}${which}: see stemma ${word} list.`;
  return new CliError('NOT_FOUND', message, { exitCode: EXIT.notFound });
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
