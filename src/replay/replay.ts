import type { Graph } from '../graph/driver.ts';
import { createNameReader } from '../graph/read/names.ts';
import type { Statements } from '../graph/statement.ts';
import { checkEventType } from '../questions/gather/known-names.ts';
import type { Log } from '../telemetry.ts';
import { createLogApplier, type Problem } from './apply-log.ts';
import { countLog, lastPosition, readLog, type LogRange, type LogRecord } from './log.ts';

export type ReplayProgress = {
  readonly done: number;
  readonly total: number;
  /** Events/s since the start. */
  readonly perSecond: number;
  /** Estimated; null before anything is known. */
  readonly remainingMs: number | null;
};

export type ReplayOptions = {
  readonly graph: Graph;
  readonly statements: Statements;
  /** First log number. */
  readonly from?: number;
  readonly types?: readonly string[] | null;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly signal?: AbortSignal;
  readonly now: () => number;
  readonly log: Log;
};

export type ReplayResult = {
  readonly events: number;
  /** Events that could not be applied; the first hundred. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** Events that are not even in the log of the target. */
  readonly skipped: number;
};

/**
 * Applies events of the log to the graph that they are in once more. By design that changes nothing, unless the graph has lost
 * something that the log still says.
 *
 * @throws StemmaError NOT_FOUND where there is no such type, with the nearest
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { graph, statements, from = 0, types = null } = options;
  const names = createNameReader(graph, statements);
  for (const type of types ?? []) await checkEventType(names, type, 'types');
  const until = await lastPosition({ graph, statements });
  const range = { from, until, types };
  const total = await countLog({ graph, statements }, range);
  return transfer({ ...options, target: graph, range, total });
}

export type TransferOptions = Pick<
  ReplayOptions,
  'graph' | 'statements' | 'onProgress' | 'signal' | 'now' | 'log'
> & {
  readonly target: Graph;
  readonly range: LogRange;
  /** Events in the range, for the progress. */
  readonly total: number;
  /** Of them, done by an earlier run. */
  readonly done?: number;
  readonly maxInFlight?: number;
  readonly batchSize?: number;
  /** Everything up to this log number has been applied. */
  readonly onApplied?: (n: number) => Promise<void>;
};

type Batch = { readonly records: readonly LogRecord[]; readonly applied: Promise<void> };

const NAMED_PROBLEMS = 100;

/** Applies a range of one graph's log to a graph: the next batch is read and written while this one commits. */
export async function transfer(options: TransferOptions): Promise<ReplayResult> {
  const { graph, statements, target, range, maxInFlight = 2, batchSize = 1_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const problems: Problem[] = [];
  let problemCount = 0;
  let skipped = 0;
  const applier = createLogApplier({
    ...{ graph: target, statements, log: options.log },
    onProblem(problem) {
      problemCount += 1;
      if (!problem.logged) skipped += 1;
      if (problems.length < NAMED_PROBLEMS) problems.push(problem);
    },
  });
  const progress = createProgress(options);
  const inFlight: Batch[] = [];
  let events = 0;
  /** Waits for the oldest batch, so that what is reported as applied has no gaps. */
  const settle = async (): Promise<void> => {
    const batch = inFlight.shift();
    if (batch === undefined) return;
    await batch.applied;
    events += batch.records.length;
    progress(events);
    await options.onApplied?.(batch.records.at(-1)?.n ?? range.from);
  };

  try {
    const source = { graph, statements };
    for await (const records of readLog(source, range, { signal, maxEvents: batchSize })) {
      if (inFlight.length >= maxInFlight) await settle();
      signal.throwIfAborted();
      const applied = applier.apply(records, signal);
      applied.catch(() => undefined); // met by settle
      inFlight.push({ records, applied });
    }
    while (inFlight.length > 0) await settle();
  } finally {
    await Promise.allSettled(inFlight.map(({ applied }) => applied));
  }
  return { events, problems, problemCount, skipped };
}

function createProgress({ onProgress, now, total, done = 0 }: TransferOptions) {
  const start = now();
  return (events: number): void => {
    const elapsedMs = now() - start;
    const perSecond = elapsedMs > 0 ? events / (elapsedMs / 1_000) : 0;
    const left = Math.max(0, total - done - events);
    onProgress?.({
      ...{ done: done + events, total, perSecond },
      remainingMs: perSecond > 0 ? (left / perSecond) * 1_000 : null,
    });
  };
}
