import { countDeadLetters } from '../letters/dead-letters.ts';
import type { BusKeys } from '../keys.ts';
import { progressOf, type Progress } from '../log/lag.ts';
import type { Redis } from '../redis.ts';
import { groupsOf, knownGroups, type GroupFacts } from './groups.ts';

/** How full the bus is, and how far each of its groups has come. */
export type BusFigures = {
  readonly streams: readonly {
    readonly stream: string;
    readonly entries: number;
    readonly groups: readonly GroupFacts[];
  }[];
  readonly groups: readonly (Progress & { readonly group: string })[];
  /** Dead letters that nobody has decided about. */
  readonly deadLetters: number;
};

export async function readBusFigures(redis: Redis, keys: BusKeys): Promise<BusFigures> {
  const [streams, groups, deadLetters] = await Promise.all([
    Promise.all(
      keys.streams.map(async (stream) => {
        const [entries, of] = await Promise.all([redis.xlen(stream), groupsOf(redis, stream)]);
        return { stream, entries, groups: of ?? [] };
      }),
    ),
    knownGroups(redis, keys).then(async (names) =>
      Promise.all(
        names.map(async (group) => ({ group, ...(await progressOf(redis, keys, group)) })),
      ),
    ),
    countDeadLetters({ redis, keys }),
  ]);
  return { streams, groups, deadLetters };
}
