import { StemmaError } from '../errors.ts';
import { copyDeadLetters } from '../graph/write/dead-letters.ts';
import { int, type Graph } from '../graph/driver.ts';
import { migrate } from '../graph/migrate.ts';
import { ensureRules } from '../graph/rules.ts';
import { RULES_VERSION } from '../model/rules.ts';
import type { Statements } from '../graph/statement.ts';
import { countLog, lastPosition } from './log.ts';
import { transfer, type ReplayOptions, type ReplayResult } from './replay.ts';

export type RebuildOptions = Omit<ReplayOptions, 'from' | 'types' | 'graph'> & {
  /** The graph whose log is read. */
  readonly source: Graph;
  /** Empty, or what an earlier rebuild of the same log has left. */
  readonly target: Graph;
  readonly maxInFlight?: number;
  readonly batchSize?: number;
};

export type RebuildResult = ReplayResult & {
  /** The log number behind which an earlier run had stopped; null where this was the first. */
  readonly resumedAfter: number | null;
  /** Events that came into the log behind the rebuild's back; another run fetches them. */
  readonly late: number;
};

/** How often progress is written down while it goes on; what comes after is only applied again. */
const SAVE_EVERY_MS = 1_000;

/**
 * Applies the whole log of one graph to another. Interrupted, it goes on where it stopped; run again, it adds what came since.
 *
 * @throws StemmaError BAD_USER_INPUT where the target is not a place for it
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildResult> {
  const { source, target, statements, now } = options;
  const sourceId = await identityOf(source, statements);
  const progress = await openTarget(options, sourceId);
  await migrate(target, statements);
  const rules = await ensureRules(target, statements);
  if (rules !== RULES_VERSION) {
    throw refuse(
      `The target was begun under rules ${rules}, this program has rules ${RULES_VERSION}: begin again in an empty database.`,
    );
  }

  const until = await lastPosition({ graph: source, statements });
  const all = { from: 0, until, types: null };
  const count = (graph: Graph, last: number): Promise<number> =>
    countLog({ graph, statements }, { ...all, until: last });
  const total = await count(source, until);
  let after = -1;
  let done = 0;
  if (progress !== null) {
    done = await count(source, progress);
    // the log of a living service may have got smaller numbers since
    if (done === (await count(target, progress))) after = progress;
    else done = 0;
  }

  const saveProgress = statements.get('replay/save-progress');
  let reached = after;
  let savedAt = now();
  const save = async (): Promise<void> => {
    savedAt = now();
    await target.write('replay/save-progress', (run) =>
      run(saveProgress, { source: sourceId, n: int(reached) }),
    );
  };
  await save();
  try {
    const result = await transfer({
      ...options,
      ...{ graph: source, range: { ...all, from: after + 1 }, total, done },
      onApplied: async (n) => {
        reached = n;
        if (now() - savedAt >= SAVE_EVERY_MS) await save();
      },
    });
    await copyDeadLetters(source, target, statements);
    const lacking = (await count(source, until)) - (await count(target, until));
    return {
      ...result,
      resumedAfter: after < 0 ? null : after,
      late: Math.max(0, lacking - result.skipped),
    };
  } finally {
    await save().catch(() => undefined); // the target may be what failed
  }
}

/** How far an earlier rebuild of the same log has come; null for an empty target. */
async function openTarget(
  { target, statements }: RebuildOptions,
  sourceId: string,
): Promise<number | null> {
  if ((await identityOf(target, statements)) === sourceId) {
    throw refuse('The target is the graph itself: a rebuild needs another database.');
  }
  const [row] = await target.read(statements.get('replay/progress'), {});
  if (row !== undefined) {
    if (row.get('source') === sourceId) return Number(row.get('n'));
    throw refuse('The target holds the rebuild of another graph: choose an empty database.');
  }
  const [any] = await target.read(statements.get('replay/anything'), {});
  if (any === undefined) return null;
  const label = String(any.get('label'));
  throw refuse(
    `The target is not empty (it has ${label === '' ? 'nodes' : `${label} nodes`}): choose an empty database.`,
  );
}

async function identityOf(graph: Graph, statements: Statements): Promise<string> {
  const [row] = await graph.read(statements.get('replay/identity'), {});
  return String(row?.get('id'));
}

function refuse(message: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', message);
}
