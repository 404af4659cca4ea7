import { setTimeout as delay } from 'node:timers/promises';
import { delayOf, type Client, type RetryLimits } from '../cli/client.ts';
import { messageOf, StemmaError, type ErrorCode } from '../errors.ts';
import { parseEvent, type Envelope } from '../model/event.ts';
import type { EventData, EventType } from '../model/events/catalogue.ts';
import { sourceOf, toEnvelope, toFailure, type Answer } from './answer.ts';
import type { PositionStore } from './position.ts';

/** What a watcher acts on. The data of a type of the catalogue is in its newest version, whichever was sent. */
export type WatchedEvent<T extends string> = {
  [K in T]: {
    readonly type: K;
    readonly data: K extends EventType ? EventData<K> : unknown;
    /** As sent: `id`, `source`, `subject`, `time`, `correlationid`, … */
    readonly envelope: Envelope;
    /** Log number. */
    readonly position: number;
  };
}[T];

export type Acting = {
  /** Aborted when the watcher was told to stop and its grace is over. */
  readonly signal: AbortSignal;
  /** 1 for the first try. */
  readonly attempt: number;
};

export type Answers = Answer | readonly Answer[] | undefined;

export type WatchOptions<T extends string> = {
  readonly name: string;
  readonly types: readonly T[];
  readonly filter: Readonly<Record<string, string>>;
  readonly act: (event: WatchedEvent<T>, acting: Acting) => Promise<Answers>;
  readonly client: Pick<Client, 'subscribe' | 'postEvents'>;
  readonly positions: PositionStore;
  readonly attempts: number;
  readonly delays: RetryLimits;
  readonly onProblem: (problem: Error) => void;
  /** Ends the waiting. */
  readonly stopping: AbortSignal;
  /** Ends what is under way. */
  readonly stopped: AbortSignal;
};

type Item = {
  readonly events: {
    readonly position: number;
    readonly event: { readonly body: string | null; readonly source: string } | null;
  };
};

const WATCH = `subscription Watch($filter: EventFilter, $after: Position) {
  events(filter: $filter, after: $after) { position event { body source } }
}`;

/** What a watcher waits out. Anything else ends it: a position that was trimmed, for one, would be silence about what it missed. */
const PASSING = new Set<ErrorCode>([
  'SERVER_UNAVAILABLE',
  'DEPENDENCY_UNAVAILABLE',
  'BACKPRESSURE',
  'SLOW_CONSUMER',
]);
/** The first of two answers under one identity stays: the event was acted on before. */
const ANSWERED: ErrorCode = 'IDEMPOTENCY_CONFLICT';

/**
 * One event after the other, in the order of the log: act, send the answers, keep the position. An event whose position was not kept
 * is acted on again, and its answers are duplicates.
 *
 * @throws StemmaError or CliError where it cannot go on
 */
export async function watch<T extends string>(options: WatchOptions<T>): Promise<void> {
  const { client, positions, stopping, onProblem } = options;
  const filter = { ...options.filter, types: options.types };
  const isOver = (): boolean => stopping.aborted;
  let after = await positions.load();
  let failures = 0;
  while (!isOver()) {
    try {
      for await (const { events: item } of client.subscribe<Item>(
        WATCH,
        { filter, after },
        stopping,
      )) {
        failures = 0;
        const { event, position } = item;
        if (event !== null && event.source !== sourceOf(options.name)) {
          if (!(await settle(options, event.body ?? '', position))) return;
        }
        if (position !== after) await positions.save(position);
        after = position;
        if (isOver()) return;
      }
    } catch (error) {
      if (isOver()) return;
      if (!(error instanceof StemmaError && PASSING.has(error.code))) throw error;
      onProblem(error);
    }
    failures += 1;
    await waitFor(delayOf(failures, null, options.delays), stopping);
  }
}

/** False where the watcher was stopped before it was done with the event. */
async function settle<T extends string>(
  options: WatchOptions<T>,
  text: string,
  position: number,
): Promise<boolean> {
  const { name, stopping, stopped } = options;
  const trigger = JSON.parse(text) as Envelope; // the service has accepted it
  for (let attempt = 1; ; attempt += 1) {
    const done = await tryOnce(options, trigger, position, attempt);
    if (stopped.aborted) return false;
    if ('problem' in done && attempt < options.attempts) {
      await waitFor(delayOf(attempt, null, options.delays), stopping);
      if (stopping.aborted) return false;
      continue;
    }
    // the same answers would be refused again
    const reason = 'problem' in done ? done.problem : await send(options.client, done.answers);
    if (reason === null) return true;
    const failure = toFailure(name, trigger, attempt, reason.slice(0, 1_000));
    const refusal = await send(options.client, [JSON.stringify(failure)]);
    if (refusal === null) return true;
    throw new StemmaError('INTERNAL_SERVER_ERROR', `A failure could not be reported: ${refusal}`);
  }
}

/** The answers of one try, each as JSON, or why there are none. */
async function tryOnce<T extends string>(
  { name, act, stopped, onProblem }: WatchOptions<T>,
  trigger: Envelope,
  position: number,
  attempt: number,
): Promise<{ readonly answers: readonly string[] } | { readonly problem: string }> {
  try {
    const answers = listOf(
      await act(toWatched<T>(trigger, position), { signal: stopped, attempt }),
    );
    return {
      answers: answers.map((answer, at) => JSON.stringify(toEnvelope(name, trigger, answer, at))),
    };
  } catch (error) {
    onProblem(error instanceof Error ? error : new Error(messageOf(error)));
    return { problem: messageOf(error) };
  }
}

/**
 * Why an event was refused, so that it would be refused again; null where all of them were taken.
 *
 * @throws StemmaError, CliError where the service is away, or refuses the caller
 */
async function send(
  client: Pick<Client, 'postEvents'>,
  events: readonly string[],
): Promise<string | null> {
  if (events.length === 0) return null;
  try {
    const receipts = await client.postEvents(events, { wait: 'ACCEPTED', waitMs: 10_000 });
    const refused = receipts.find(({ error }) => error !== null && error.code !== ANSWERED);
    return refused?.error ? `${refused.error.code}: ${refused.error.message}` : null;
  } catch (error) {
    if (!(error instanceof StemmaError) || PASSING.has(error.code)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

function toWatched<T extends string>(envelope: Envelope, position: number): WatchedEvent<T> {
  const { body } = parseEvent(envelope, () => undefined);
  return { type: envelope.type, data: body.data, envelope, position } as WatchedEvent<T>; // only these types are watched
}

function listOf(answers: Answers): readonly Answer[] {
  if (answers === undefined) return [];
  return 'type' in answers ? [answers] : answers;
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
