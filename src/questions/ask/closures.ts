import { LRUCache } from 'lru-cache';
import type { Closure } from '../../graph/lineage/lineage.ts';

/** Lineages that somebody reads page by page, kept for a while: one that is lost is computed again, and is the same. */
export interface Closures {
  /** The closure of a question at a pinned log number; simultaneous requests share one computation. */
  get(question: string, compute: () => Promise<Closure>): Promise<Closure>;
}

/** Nodes of all that are kept together: about 200 bytes each. */
const MAX_NODES = 1_500_000;
const TTL_MS = 5 * 60_000;

export function createClosures(maxNodes = MAX_NODES, ttlMs = TTL_MS): Closures {
  const cache = new LRUCache<string, Closure, () => Promise<Closure>>({
    maxSize: maxNodes,
    sizeCalculation: ({ nodes }) => nodes.length + 1,
    ttl: ttlMs,
    fetchMethod: async (_question, _stale, { context: compute }) => compute(),
  });
  return {
    async get(question, compute) {
      const closure = await cache.fetch(question, { context: compute });
      return closure ?? compute();
    },
  };
}
