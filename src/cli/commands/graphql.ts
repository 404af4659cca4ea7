import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { messageOf } from '../../errors.ts';
import { usage } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { brief, safe } from '../text.ts';

type GraphqlFlags = {
  readonly file?: string;
  readonly field: Readonly<Record<string, unknown>>;
  readonly rawField: Readonly<Record<string, unknown>>;
  readonly operation?: string;
  readonly compact?: boolean;
  readonly json?: boolean;
};

export function addGraphql(program: Command, io: CliIo): void {
  program
    .command('graphql')
    .description('Send a query or mutation as it is, and print the answer as JSON.')
    .argument('[query]', 'the operation; left out, or -: standard input')
    .option('--file <path>', 'read the operation from this file')
    .option(
      '-F, --field <name=value>',
      'a variable: true, false, null, numbers, {…} and […] are read as JSON, @path as a file, the rest as text',
      typed,
      {},
    )
    .option('-f, --raw-field <name=value>', 'a variable, as text whatever it looks like', raw, {})
    .option('--operation <name>', 'which one to run, of several')
    .option('--compact', 'on one line, as with --json')
    .addHelpText(
      'after',
      `
The answer is printed as it comes. Where it has errors they are also told on standard error, and the exit code is that of the first
one: 2 wrong usage, 4 not found, 6 service not available, else 1.

Examples:
  stemma graphql '{ environments { nodes { key } } }'
  stemma graphql 'query ($ref: String!) { resolve(ref: $ref) { label key } }' -F ref=44ee177
  stemma graphql --file question.graphql -F first=10 -F of=@id.txt | jq .data
  echo '{ deployments(live: true) { nodes { key } } }' | stemma graphql`,
    )
    .action(async (argument: string | undefined, flags: GraphqlFlags) => {
      if (argument !== undefined && flags.file !== undefined) {
        throw usage('Give the query as an argument or with --file, not both.');
      }
      const variables = { ...(await withFiles(flags.field)), ...flags.rawField };
      const query = await readQuery(argument, flags.file, io);
      const { connect } = await import('../service.ts');
      const answer = await connect(io).ask({
        ...{ query, variables },
        ...(flags.operation === undefined ? {} : { operationName: flags.operation }),
      });
      const isCompact = flags.compact === true || flags.json === true;
      io.out(JSON.stringify(answer.body, null, isCompact ? 0 : 2));
      const [first] = answer.errors;
      if (first === undefined) return;
      const { toFailure } = await import('../exit.ts');
      for (const error of answer.errors) io.err(`stemma: ${safe(error.message)}`);
      io.exitWith(toFailure(first).exitCode);
    });
}

async function readQuery(
  argument: string | undefined,
  file: string | undefined,
  io: CliIo,
): Promise<string> {
  if (file !== undefined && file !== '-') return readText(file);
  if (argument !== undefined && argument !== '-') return argument;
  if (argument === undefined && file === undefined && 'isTTY' in io.stdin && io.stdin.isTTY) {
    throw usage('Give a query as an argument, with --file, or on standard input.');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const query = Buffer.concat(chunks).toString();
  if (query.trim() === '') throw usage('The query on standard input is empty.');
  return query;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usage(`'${brief(path, 200)}' cannot be read: ${messageOf(error)}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Stands for the text of a file until the command runs. */
class FileText {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

function typed(text: string, before: Fields): Fields {
  const [name, value] = split(text);
  return { ...before, [name]: toValue(name, value) };
}

function raw(text: string, before: Fields): Fields {
  const [name, value] = split(text);
  return { ...before, [name]: value };
}

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw usage(
      `'${brief(text, 80)}' must be name=value, with the name of a variable of the query.`,
    );
  }
  return [name, text.slice(at + 1)];
}

/** Numbers that JSON would change, such as long ids, stay text. */
function toValue(name: string, value: string): unknown {
  if (value.startsWith('@')) return new FileText(value.slice(1));
  if (/^(?:true|false|null)$/.test(value)) return JSON.parse(value);
  if (/^-?\d+(?:\.\d+)?$/.test(value))
    return String(Number(value)) === value ? Number(value) : value;
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw usage(`The value of '${name}' is not JSON (${messageOf(error)}): give text with -f.`);
  }
}

async function withFiles(fields: Fields): Promise<Fields> {
  const entries = Object.entries(fields).map(
    async ([name, value]) =>
      [name, value instanceof FileText ? await readText(value.path) : value] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
