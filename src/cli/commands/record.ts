import { Option, type Command } from 'commander';
import type { Receipt } from '../../model/receipt.ts';
import { usage } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { ciRunOf, type CiRun } from '../ci.ts';
import { RECEIPT, refused, showReceipt } from '../receipt.ts';
import { brief } from '../text.ts';
import { COMMON, KINDS, type Field, type Kind } from '../record-kinds.ts';

type Flags = Readonly<Record<string, unknown>>;

/** `stemma record <kind>`: each flag is a field of the mutation's input, in kebab case. */
export function addRecord(program: Command, io: CliIo): void {
  const record = program
    .command('record')
    .description(
      'Report a commit, build, artifact, deployment or vulnerability, and how a deployment ended.',
    )
    .addHelpText(
      'after',
      `
The same call again is a duplicate, unless --id or --time says otherwise. What can happen again (a completion, a rollback, a
verification) is a duplicate for ten minutes, and only while nothing else is said of the thing. Where the same --id or --time has said
something else before, the first stays: --correct says it anew, with a time of now. In GitHub Actions, GitLab CI, CircleCI, Buildkite, Azure
Pipelines and Jenkins, "stemma record build" is about the run that it is called in.

Examples:
${KINDS.map(({ examples }) => `  ${examples[0] ?? ''}`).join('\n')}`,
    );
  for (const kind of KINDS) addKind(record, kind, io);
}

function addKind(record: Command, kind: Kind, io: CliIo): void {
  const command = record
    .command(kind.name)
    .description(kind.description)
    .argument(
      kind.subject.ofCi === undefined ? `<${kind.subject.field}>` : `[${kind.subject.field}]`,
      kind.subject.description,
    );
  for (const field of kind.fields) addField(command, field);
  for (const field of COMMON) addField(command, field);
  command
    .option('--wait', 'wait until it is in the graph')
    .option(
      '--correct',
      'say it anew, after something else was said of it: without --id, with a time of now',
    )
    .addHelpText('after', `\nExamples:\n${kind.examples.map((text) => `  ${text}`).join('\n')}`)
    .action(async (given: string | undefined, stated: Flags) => {
      const run = given === undefined ? runOfCi(kind, io) : null;
      const subject = given ?? run?.build ?? '';
      const flags = corrected(run === null ? stated : { ...told(kind, run), ...stated });
      const receipt = await send(kind, subject, flags, io);
      showReceipt(receipt, flags['json'] === true, io);
      if (receipt.error !== null) {
        const how = `'stemma get ${brief(subject, 200)}' shows what is known. If this is right, say it with --correct.`;
        throw refused(receipt, how);
      }
    });
}

/**
 * The run of the CI that this is called in.
 *
 * @throws CliError USAGE where there is none
 */
function runOfCi(kind: Kind, io: CliIo): CiRun {
  const run = ciRunOf(io.env);
  if (run === null) {
    throw usage(
      `Say which ${kind.name} it is: this is not called in a run of a CI that stemma knows by its variables.`,
    );
  }
  io.err(`${run.vendor}: ${brief(run.build, 300)}`);
  return run;
}

/** What the CI says of its run, as flags that nobody gave. */
function told({ subject }: Kind, run: CiRun): Flags {
  const known = (subject.ofCi ?? []).map((field) => [field, run[field]] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== null));
}

/** A later statement: an id or a time of before would be that of the first one. */
function corrected(flags: Flags): Flags {
  if (flags['correct'] !== true) return flags;
  return { ...flags, id: undefined, time: new Date().toISOString() };
}

/** What a flag is followed by, unless it is one value. */
const VALUES: Readonly<Partial<Record<Field['kind'], string>>> = {
  flag: '',
  switch: '',
  list: ' <value...>',
  artifacts: ' <value...>',
};

function addField(command: Command, { field, kind, description, choices, required }: Field): void {
  const name = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const option = new Option(`--${name}${VALUES[kind] ?? ' <value>'}`, description);
  if (choices !== undefined) option.choices(choices);
  if (required === true) option.makeOptionMandatory();
  command.addOption(option);
  if (kind === 'switch') command.addOption(new Option(`--no-${name}`, `not: ${description}`));
}

async function send(kind: Kind, subject: string, flags: Flags, io: CliIo): Promise<Receipt> {
  const input: Record<string, unknown> = { [kind.subject.field]: subject };
  for (const { field, kind: type, to } of [...kind.fields, ...COMMON]) {
    const value = flags[field];
    if (value === undefined) continue;
    const [outer, inner] = to ?? [field];
    const read = toValue(type, value, field);
    input[outer] = inner === undefined ? read : { ...(input[outer] as object), [inner]: read }; // an object of ours
  }
  const { mutation, type } = kind.mutation(input);
  const { connect } = await import('../service.ts');
  const query = `mutation Record($input: ${type}!, $wait: WaitFor!, $waitMs: Int!) {
    receipt: ${mutation}(input: $input, wait: $wait, waitMs: $waitMs) {
      ${RECEIPT}
    }
  }`;
  const wait = flags['wait'] === true ? 'APPLIED' : 'ACCEPTED';
  const variables = { input, wait, waitMs: 60_000 };
  return (await connect(io).graphql<{ receipt: Receipt }>(query, variables)).receipt;
}

function toValue(type: Field['kind'], value: unknown, field: string): unknown {
  const text = String(value);
  switch (type) {
    case 'text':
    case 'list':
    case 'flag':
    case 'switch':
      return value;
    case 'word':
      return text.toUpperCase();
    case 'number':
      if (!/^\d+$/.test(text)) throw usage(`--${field} must be a whole number.`);
      return Number(text);
    case 'score':
      if (!/^\d+(?:\.\d+)?$/.test(text) || Number(text) > 10) {
        throw usage(`--${field} must be a number from 0 to 10.`);
      }
      return Number(text);
    case 'artifacts':
      return (value as string[]).map((one) => artifactOf(one)); // commander gathers a list
  }
}

const ARTIFACT_FIELDS = new Set(['name', 'purl', 'mediaType', 'url', 'size', 'otherDigests']);

/** `sha256:…`, `sha256:…,name=app.tgz,size=3`, or an ArtifactInput as JSON. */
function artifactOf(text: string): unknown {
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      throw usage(`--artifacts '${brief(text, 80)}' is not JSON.`);
    }
  }
  const [digest = '', ...pairs] = text.split(',');
  const artifact: Record<string, unknown> = { digest };
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = pair
      .slice(0, Math.max(at, 0))
      .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!ARTIFACT_FIELDS.has(name)) {
      throw usage(
        `--artifacts '${brief(text, 80)}' cannot be read: write digest,name=…,purl=…,media-type=…,size=…,url=…, or JSON.`,
      );
    }
    const value = pair.slice(at + 1);
    if (name === 'size') artifact[name] = Number(value);
    else artifact[name] = name === 'otherDigests' ? value.split('+') : value;
  }
  return artifact;
}
