import { readBusFigures } from '../bus/group/figures.ts';
import { defineGroup, startGroup } from '../bus/group/group.ts';
import type { Consumer } from '../bus/group/member.ts';
import { within } from '../deadline.ts';
import { readHappenings } from '../graph/read/happened.ts';
import { busFamilies } from '../metrics/bus.ts';
import type { Family } from '../metrics/families.ts';
import { COUNTED, tally, worldFamilies, type Counts } from '../metrics/world.ts';
import { DOMAINS } from '../model/events/catalogue.ts';
import { persistently, whenInGraph, type FollowerOptions } from './in-graph.ts';
import { measuredBatches } from './measured.ts';
import { checkOf, defineRole } from './role.ts';

/** One member at a time, so that each event is counted once; those who are behind hold nothing back for longer than a day. */
const METRICS = defineGroup({ name: 'metrics', required: false, ordered: true, domains: DOMAINS });

/** Rows that are read from the log at once. */
const PAGE = 1_000;
/** Prometheus itself waits for 10 s. */
const SCRAPE_MS = 2_000;

/** Adds up where nobody else has in the meantime. KEYS: 1 counts; ARGV: position before (empty: none), position after, now, key, by, … */
const ADD = `
if (redis.call('HGET', KEYS[1], 'n') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'n', ARGV[2])
redis.call('HSETNX', KEYS[1], 'since', ARGV[3])
for at = 4, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[at], ARGV[at + 1]) end
return 1`;

/**
 * Counts what happens in the world, and tells how the bus is. The events of its group say how far to count; what is counted is read from
 * the log in the graph, so that neither duplicates nor dead letters are, and what was replayed is.
 */
export async function startMetricsRole(options: FollowerOptions): Promise<Consumer> {
  const { redis, keys, graph, statements, metrics, now, log } = options;

  async function count(first: number, until: number, signal: AbortSignal): Promise<void> {
    await whenInGraph(options, until, signal);
    for (;;) {
      const { n, counts } = await readCounts(options);
      const after = n ?? first - 1;
      if (after >= until) return;
      const page = { types: COUNTED, after, until, limit: PAGE };
      const happenings = await readHappenings(graph, statements, page);
      const through = happenings.length < PAGE ? until : (happenings.at(-1)?.n ?? until);
      const added = [...tally(counts, happenings)].flat();
      await redis.eval(ADD, 1, keys.counts, n ?? '', through, now(), ...added);
    }
  }

  const consumer = await startGroup(METRICS, {
    ...options,
    process: measuredBatches(METRICS.name, metrics, async (entries, signal) => {
      const positions = entries.map(({ n }) => n).filter(Number.isSafeInteger);
      if (positions.length > 0) {
        const [first, until] = [Math.min(...positions), Math.max(...positions)];
        const work = async (): Promise<void> => count(first, until, signal);
        await persistently(work, 'counting failed', log, signal);
      }
      return entries.map(() => ({ kind: 'applied' }));
    }),
  });
  metrics.provide(shared(async () => readFamilies(options)));
  // a batch that is left pending is not counted twice: there is nothing to finish
  return { ...consumer, stop: async (graceMs = 0) => consumer.stop(graceMs) };
}

type Stored = {
  /** The log number up to which was counted; null: nothing was. */
  readonly n: number | null;
  readonly since: number | null;
  readonly counts: Counts;
};

async function readCounts({
  redis,
  keys,
}: Pick<FollowerOptions, 'redis' | 'keys'>): Promise<Stored> {
  const { n, since, ...counts } = await redis.hgetall(keys.counts);
  return {
    n: n === undefined ? null : Number(n),
    since: since === undefined ? null : Number(since),
    counts: new Map(Object.entries(counts).map(([key, value]) => [key, Number(value)])),
  };
}

async function readFamilies(options: FollowerOptions): Promise<readonly Family[]> {
  const { redis, keys, now, log } = options;
  const late = (): Error => new Error(`Redis does not answer within ${SCRAPE_MS / 1_000} s`);
  try {
    const [figures, { counts, since }] = await within(
      SCRAPE_MS,
      Promise.all([readBusFigures(redis, keys), readCounts({ redis, keys })]),
      late,
    );
    return [...busFamilies(figures, now()), ...worldFamilies(counts, since)];
  } catch (error) {
    log.debug({ err: error }, 'no figures of the bus');
    return busFamilies(null, now());
  }
}

/** Whoever asks while it is read gets the same. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return async () => (reading ??= read().finally(() => (reading = null)));
}

export const role = defineRole({
  name: 'metrics',
  async start({ settings, connect, ...parts }) {
    const consumer = await startMetricsRole({
      ...parts,
      connectReader: () => connect('metrics-reader', { failFast: false }),
      batchSize: settings.STEMMA_BATCH_SIZE,
      heartbeatMs: settings.STEMMA_HEARTBEAT_MS,
    });
    return {
      checks: () => [checkOf('metrics', consumer)],
      failed: consumer.failed,
      stop: async () => consumer.stop(),
    };
  },
});
