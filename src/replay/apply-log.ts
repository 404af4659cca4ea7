import { ExponentialBackoff, fullJitterGenerator, handleWhen, retry } from 'cockatiel';
import { assertedBy, decodeEntry } from '../apply/decode.ts';
import { applyDocuments } from '../apply/documents.ts';
import { applyRevisions } from '../apply/revisions.ts';
import { messageOf, StemmaError } from '../errors.ts';
import { classifyFailure } from '../graph/classify.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { createWriter, type LoggedEvent } from '../graph/write/writer.ts';
import type { Log } from '../telemetry.ts';
import type { LogRecord } from './log.ts';

/** An event of the log that could not be applied. */
export type Problem = {
  readonly n: number;
  readonly code: string;
  readonly message: string;
  /** Whether the event itself is in the log all the same: so it is with the parts of a broken document. */
  readonly logged: boolean;
};

export type LogApplierOptions = {
  readonly graph: Graph;
  readonly statements: Statements;
  readonly log: Log;
  /** A problem with one event; the others go on. */
  readonly onProblem: (problem: Problem) => void;
  /** How often a batch is tried while the database is away or busy. */
  readonly maxAttempts?: number;
};

/** Writes events of a log, with what they say, to a graph. It knows no bus: nothing of a replay leaves the process. */
export interface LogApplier {
  /** @throws StemmaError DEPENDENCY_UNAVAILABLE; BAD_USER_INPUT where the graph has other events under these identities */
  apply(records: readonly LogRecord[], signal: AbortSignal): Promise<void>;
}

export function createLogApplier(options: LogApplierOptions): LogApplier {
  const { graph, statements, log, onProblem, maxAttempts = 30 } = options;
  const writer = createWriter({ graph, statements, assertedBy });
  const patient = retry(
    handleWhen((error) => ['unavailable', 'conflict'].includes(classifyFailure(error))),
    {
      maxAttempts,
      backoff: new ExponentialBackoff({
        generator: fullJitterGenerator,
        initialDelay: 20,
        maxDelay: 5_000,
      }),
    },
  );

  return {
    async apply(records, signal) {
      const events = records.flatMap((record) => decode(record, onProblem) ?? []);
      await writeAll(events, signal);
      // after everything is written: a document is whole with its last part, wherever that was
      const broken = new Map<string, unknown>();
      try {
        await patient.execute(async () => {
          const keep = (digest: string, error: unknown) => void broken.set(digest, error);
          const said = await applyDocuments(writer, events, keep);
          await applyRevisions(writer, [...events, ...said]);
        }, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw classifyFailure(error) === 'unavailable' ? unavailable(error) : error;
      }
      for (const [digest, error] of broken) {
        onProblem(toProblem(lastOf(events, digest), error, true));
      }
    },
  };

  /** Writes events as one batch; halves it where one of them cannot be written, until that one is alone. */
  async function writeAll(events: readonly LoggedEvent[], signal: AbortSignal): Promise<void> {
    if (events.length === 0) return;
    try {
      await write(events, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (classifyFailure(error) === 'unavailable') throw unavailable(error);
      if (error instanceof StemmaError) throw error;
      const [only] = events;
      if (events.length === 1 && only !== undefined) {
        onProblem(toProblem(only.n, error, false));
        return;
      }
      log.warn({ err: error, events: events.length }, 'batch halved');
      const middle = Math.ceil(events.length / 2);
      await writeAll(events.slice(0, middle), signal);
      await writeAll(events.slice(middle), signal);
    }
  }

  async function write(events: readonly LoggedEvent[], signal: AbortSignal): Promise<void> {
    const results = await patient.execute(() => writer.write(events), signal);
    results.forEach((result, at) => {
      if (result.outcome === 'applied') return;
      throw new StemmaError(
        'BAD_USER_INPUT',
        `The graph has the event at position ${events[at]?.n ?? 0} of this log at its own position ${result.first}: it holds another log. Choose an empty database.`,
      );
    });
  }
}

function decode(record: LogRecord, onProblem: (problem: Problem) => void): LoggedEvent | null {
  const { body, n, acceptedAt, contentHash } = record;
  try {
    return decodeEntry({ text: body, n, acceptedAt, contentHash });
  } catch (error) {
    onProblem(toProblem(n, error, false));
    return null;
  }
}

function lastOf(events: readonly LoggedEvent[], digest: string): number {
  return Math.max(
    ...events.flatMap(({ n, changes }) => (changes.subject?.key === digest ? n : [])),
  );
}

function toProblem(n: number, error: unknown, logged: boolean): Problem {
  const code = error instanceof StemmaError ? error.code : 'HANDLER_FAILED';
  return { n, code, message: messageOf(error), logged };
}

function unavailable(cause: unknown): StemmaError {
  return new StemmaError(
    'DEPENDENCY_UNAVAILABLE',
    'The graph database does not answer: run the same command again to go on where it stopped.',
    { cause },
  );
}
