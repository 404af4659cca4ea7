import type { Envelope, StemmaEvent } from '../model/event.ts';
import { isObjectId, tryThingRef } from '../model/keys.ts';
import { createCompiler } from './cel.ts';

/** What an expression of a gate or a watch can speak of. */
const VARIABLES = {
  /** `type`, `source`, `id`, `subject`, `time`, `correlationid`, `causationid`, `workflowid` (empty where not given), and `data`. */
  event: 'map',
  /** What the event is about, as `<label>:<key>`; empty where that is nothing of the graph. */
  subject: 'string',
  /** Digests of the artifacts that the event names as made, published, signed or deployed, or that its `subject` names. */
  artifacts: 'list<string>',
  /** Package URLs of the same. */
  packages: 'list<string>',
  /** The commit that it names, or an empty string. */
  commit: 'string',
  /** `workflowid`, or the workflow that its data name. */
  workflow: 'string',
  /** `correlationid`, or an empty string. */
  correlation: 'string',
  /** Its outcome, result or verdict in lower case, or an empty string. */
  outcome: 'string',
} as const;

export type VariableValues = Readonly<Record<keyof typeof VARIABLES, unknown>>;

export const eventExpressions = createCompiler(VARIABLES);

/** What the log says of an event beside the event itself. */
export type Noted = { readonly subjectRef: string | null; readonly outcome: string | null };

/** Pure: the event alone decides. */
export function variablesOf({ envelope, body }: StemmaEvent, noted: Noted): VariableValues {
  const data = dataOf(envelope, body.data);
  const named = thingsIn(envelope, data);
  return {
    event: { ...attributesOf(envelope), data },
    subject: noted.subjectRef ?? '',
    artifacts: named.filter((text) => !text.startsWith('pkg:')),
    packages: named.filter((text) => text.startsWith('pkg:')),
    commit: commitOf(envelope, data),
    workflow: envelope.workflowid ?? textOf(data['workflow']),
    correlation: envelope.correlationid ?? '',
    outcome: (noted.outcome ?? firstText(data, ['outcome', 'result', 'verdict'])).toLowerCase(),
  };
}

type Data = Readonly<Record<string, unknown>>;

/** In the newest version of its type, with what its producer has added. */
function dataOf(envelope: Envelope, data: unknown): Data {
  return { ...asObject(envelope.data), ...asObject(data) };
}

function attributesOf(envelope: Envelope) {
  const { type, source, id, subject = '', time = '' } = envelope;
  const { correlationid = '', causationid = '', workflowid = '' } = envelope;
  return { type, source, id, subject, time, correlationid, causationid, workflowid };
}

/** Digests, and package URLs with a version, in their canonical form. A document is not what it is about. */
function thingsIn({ type, subject }: Envelope, data: Data): string[] {
  const listed = Array.isArray(data['artifacts']) ? (data['artifacts'] as unknown[]) : [];
  const stated = type.startsWith('document.')
    ? [data['about']]
    : [data, ...listed].flatMap((one) =>
        typeof one === 'string' ? [one] : [asObject(one)['digest'], asObject(one)['purl']],
      );
  const found = [...stated, subject].flatMap((text) => {
    const ref = typeof text === 'string' ? tryThingRef(text) : null;
    return ref?.label === 'Artifact' || ref?.label === 'PackageVersion' ? [ref.key] : [];
  });
  return [...new Set(found)];
}

function commitOf({ subject = '' }: Envelope, data: Data): string {
  const stated = textOf(data['commit']);
  if (stated !== '') return stated;
  return isObjectId(subject) ? subject : '';
}

function firstText(data: Data, names: readonly string[]): string {
  return names.map((name) => textOf(data[name])).find((text) => text !== '') ?? '';
}

function asObject(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Data) // an object of JSON
    : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
