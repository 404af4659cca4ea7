import type { Redis } from '../bus/redis.ts';
import { countDeadLetters } from '../bus/letters/dead-letters.ts';
import type { BusKeys } from '../bus/keys.ts';
import { progressOf } from '../bus/log/lag.ts';
import type { ReadBusState } from '../model/bus-state.ts';
import { GRAPH } from './graph.ts';

/** How far the graph writers have come, for answers to tell. */
export function createBusState(redis: Redis, keys: BusKeys, now: () => number): ReadBusState {
  return async () => {
    const [progress, deadLettered] = await Promise.all([
      progressOf(redis, keys, GRAPH.name),
      countDeadLetters({ redis, keys }),
    ]);
    const { position, through, waitingSince, lost, noted } = progress;
    return {
      acceptedPosition: position,
      throughPosition: through,
      lagSeconds: waitingSince === null ? 0 : Math.max(0, (now() - waitingSince) / 1_000),
      deadLettered,
      gaps: Math.max(lost, noted),
    };
  };
}
