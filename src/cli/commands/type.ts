import type { Command } from 'commander';
import type { Receipt } from '../../model/receipt.ts';
import { CliError, EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, printTable, readAll, sayMore, type Connection } from '../questions.ts';
import { RECEIPT, refused, showReceipt } from '../receipt.ts';
import { brief, safe } from '../text.ts';

type EventType = {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly fingerprint: string;
  readonly source: string;
  readonly registeredAt: string;
  readonly position: number;
  readonly deprecated: boolean;
  readonly deprecationReason: string | null;
  readonly schema?: unknown;
};
type JsonFlag = { readonly json?: boolean };
type SendFlags = JsonFlag & { readonly wait?: boolean };

const FIELDS =
  'name version description fingerprint source registeredAt position deprecated deprecationReason deprecatedAt';
const LIST = `query EventTypes($name: String, $deprecated: Boolean, $first: Int!, $after: String) {
  eventTypes(name: $name, deprecated: $deprecated, first: $first, after: $after) { nodes { ${FIELDS} } ${PAGE_INFO} }
}`;
const GET = `query EventType($name: String!, $version: Int) {
  eventType(name: $name, version: $version) { ${FIELDS} schema }
}`;
const REGISTER = `mutation Register($input: RegisterEventTypeInput!, $wait: WaitFor!) {
  receipt: registerEventType(input: $input, wait: $wait) { ${RECEIPT} }
}`;
const DEPRECATE = `mutation Deprecate($input: DeprecateEventTypeInput!, $wait: WaitFor!) {
  receipt: deprecateEventType(input: $input, wait: $wait) { ${RECEIPT} }
}`;

export function addType(program: Command, io: CliIo): void {
  const group = program
    .command('type')
    .description('Register event types of your own, look at them, deprecate them.')
    .addHelpText(
      'after',
      `
A version of a type never changes: another schema is another version.

Examples:
  stemma type register com.example.review.given --schema review.json
  stemma type list
  stemma type get com.example.review.given
  stemma type deprecate com.example.review.given 1 --reason 'send version 2'`,
    );
  const client = async () => (await import('../service.ts')).connect(io);
  const version = wholeNumber(1, Number.MAX_SAFE_INTEGER);

  group
    .command('list')
    .description('List them, by name and version.')
    .option('--name <type>', 'only the versions of this type')
    .option('--deprecated', 'only those that are deprecated')
    .option('--no-deprecated', 'only those that are not')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 500)
    .addHelpText('after', '\nExamples:\n  stemma type list --no-deprecated')
    .action(async (flags: JsonFlag & { name?: string; deprecated?: boolean; limit: number }) => {
      const service = await client();
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const { name = null, deprecated = null } = flags;
        const variables = { name, deprecated, first, after };
        return (await service.graphql<{ eventTypes: Connection<EventType> }>(LIST, variables))
          .eventTypes;
      });
      if (flags.json === true) {
        io.out(JSON.stringify({ eventTypes: items, more }));
        return;
      }
      printTable(
        items.map((type) => [
          ...[type.name, type.version, type.fingerprint.slice(0, 12), type.registeredAt],
          type.deprecated ? 'deprecated' : brief(type.description ?? '', 80),
        ]),
        io,
      );
      sayMore(more, io);
    });

  group
    .command('get')
    .description('Show one of them, with its schema.')
    .argument('<name>', 'name of the type')
    .argument('[version]', 'this version; left out: the newest', version)
    .addHelpText('after', '\nExamples:\n  stemma type get com.example.review.given 1 --json')
    .action(async (name: string, given: number | undefined, flags: JsonFlag) => {
      const variables = { name, version: given ?? null };
      const { eventType } = await (
        await client()
      ).graphql<{ eventType: EventType | null }>(GET, variables);
      if (eventType === null) {
        const which = given === undefined ? '' : ` ${given}`;
        throw new CliError('NOT_FOUND', `Nobody registered ${brief(name, 120)}${which}.`, {
          exitCode: EXIT.notFound,
        });
      }
      if (flags.json === true) {
        io.out(JSON.stringify(eventType));
        return;
      }
      const { schema, ...rest } = eventType;
      for (const [field, value] of Object.entries(rest)) {
        if (value !== null) io.out(`${field}: ${safe(String(value))}`);
      }
      for (const line of JSON.stringify(schema, null, 2).split('\n')) io.out(safe(line));
    });

  withWait(
    group
      .command('register')
      .description('Register a version of a type.')
      .argument('<name>', 'name of the type, dotted and in the past tense')
      .argument('[version]', 'version of the schema', version, 1),
  )
    .requiredOption('--schema <file>', 'JSON Schema 2020-12 of its data; - is standard input')
    .option('--description <text>', 'what its events say')
    .addHelpText(
      'after',
      "\nExamples:\n  stemma type register com.example.review.given --schema review.json --description 'a review was given'",
    )
    .action(
      async (
        name: string,
        given: number,
        flags: SendFlags & { schema: string; description?: string },
      ) => {
        const schema = await readSchema(flags.schema, io);
        const { description = null } = flags;
        await send(REGISTER, { name, version: given, schema, description }, flags);
      },
    );

  withWait(
    group
      .command('deprecate')
      .description('Say that no new events of a version should be sent.')
      .argument('<name>', 'name of the type')
      .argument('<version>', 'version of the type', version),
  )
    .requiredOption('--reason <text>', 'why, and what to send instead')
    .addHelpText(
      'after',
      "\nExamples:\n  stemma type deprecate com.example.review.given 1 --reason 'send version 2'",
    )
    .action(async (name: string, given: number, flags: SendFlags & { reason: string }) => {
      const { reason } = flags;
      await send(DEPRECATE, { name, version: given, reason }, flags);
    });

  async function send(operation: string, input: object, flags: SendFlags): Promise<void> {
    const wait = flags.wait === true ? 'APPLIED' : 'ACCEPTED';
    const { receipt } = await (
      await client()
    ).graphql<{ receipt: Receipt }>(operation, { input, wait });
    showReceipt(receipt, flags.json === true, io);
    if (receipt.error !== null) throw refused(receipt);
  }
}

function withWait(command: Command): Command {
  return command.option('--wait', 'wait until it is in the graph');
}

async function readSchema(file: string, io: CliIo): Promise<unknown> {
  const { readText } = await import('../text-file.ts');
  const text = await readText(file, io);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new CliError('BAD_USER_INPUT', `${file} is not JSON.`, { exitCode: EXIT.usage, cause });
  }
}
