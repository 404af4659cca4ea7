import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LastWord } from '../../graph/read/events.ts';
import type { EventType } from '../../model/events/catalogue.ts';
import { deploymentKey } from '../../model/deployment.ts';
import { buildKey } from '../../model/keys.ts';
import { refId } from '../../model/node.ts';

/** A CloudEvent as a mutation builds it. Whether it is valid is for the edge to say. */
export type Envelope = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  readonly time?: string;
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly workflowid?: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** The same word within this time, and nothing else in between, is a retry. */
const RETRY_MS = 10 * 60_000;
/** The graph may be away; an event never waits for it longer. */
const PATIENCE_MS = 1_000;

const OF_BUILDS: readonly EventType[] = ['build.queued', 'build.started', 'build.completed'];
const OF_DEPLOYMENTS: readonly EventType[] = [
  'deployment.created',
  'deployment.progressed',
  'deployment.completed',
  'deployment.failed',
  'deployment.removed',
  'deployment.rolledback',
];

/** What can be so more than once of one thing, with the words that may come in between. */
const RECURRING: Partial<Record<EventType, readonly EventType[]>> = {
  'build.started': OF_BUILDS,
  'build.completed': OF_BUILDS,
  'deployment.completed': OF_DEPLOYMENTS,
  'deployment.failed': OF_DEPLOYMENTS,
  'deployment.removed': OF_DEPLOYMENTS,
  'deployment.rolledback': OF_DEPLOYMENTS,
  'deployment.verified': ['deployment.verified'],
  'vulnerability.detected': ['vulnerability.detected', 'vulnerability.withdrawn'],
};

export function isRecurring(type: EventType): boolean {
  return RECURRING[type] !== undefined;
}

export type RecurrenceOptions = {
  /** The newest event about a thing (`Label:key`), of some types. */
  readonly lastWord: (ref: string, types: readonly string[]) => Promise<LastWord | null>;
  readonly now: () => number;
};

/**
 * An event with the id that tells a retry from a second time, where neither `id` nor `time` was given. The same word again is the
 * event that is known, if it was the last that was said of the thing and ten minutes have not passed; after another word, or later,
 * it has happened again, and its id names what came before. Where the graph cannot be asked it is told once more rather than lost.
 *
 * @param envelope with an id that was derived from what it says
 */
export async function withOccurrence(
  envelope: Envelope,
  { lastWord, now }: RecurrenceOptions,
): Promise<Envelope> {
  const types = RECURRING[envelope.type];
  const ref = subjectOf(envelope);
  if (types === undefined || ref === null) return envelope;
  let last: LastWord | null;
  try {
    last = await patiently(lastWord(ref, types));
  } catch {
    return { ...envelope, id: `${envelope.id}-${now()}` };
  }
  if (last === null) return envelope;
  const isSame = last.source === envelope.source && last.eventId.startsWith(envelope.id);
  if (isSame && now() - last.acceptedAt < RETRY_MS) return { ...envelope, id: last.eventId };
  const before = createHash('sha256').update(last.key).digest('hex').slice(0, 16);
  return { ...envelope, id: `${envelope.id}-${before}` };
}

/** What the event is about, as the log keeps it; null where its data name nothing, for which the edge has an answer. */
function subjectOf({ type, source, data }: Envelope): string | null {
  const text = (name: string): string | null => {
    const value = data[name];
    return typeof value === 'string' ? value : null;
  };
  const [build, deployment, vulnerability] = [
    text('build'),
    text('deployment'),
    text('vulnerability'),
  ];
  try {
    if (type.startsWith('build.') && build !== null) {
      return refId({ label: 'Build', key: buildKey(build, text('builder') ?? source) });
    }
    if (deployment !== null) {
      return refId({ label: 'Deployment', key: deploymentKey(source, deployment) });
    }
  } catch {
    return null;
  }
  return vulnerability === null ? null : refId({ label: 'Vulnerability', key: vulnerability });
}

async function patiently<T>(reading: Promise<T>): Promise<T> {
  reading.catch(() => undefined); // told below, or too late
  const stop = new AbortController();
  try {
    return await Promise.race([
      reading,
      delay(PATIENCE_MS, null, { signal: stop.signal }).then(() => {
        throw new Error('the graph does not answer');
      }),
    ]);
  } finally {
    stop.abort();
  }
}
