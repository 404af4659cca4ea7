import type { Redis } from '../redis.ts';
import type { Capabilities } from './capabilities.ts';

/**
 * What is known of an event when its receipt says ACCEPTED:
 * `memory` – Redis has it in memory, nothing is known of its disk;
 * `everysec` – in the append-only file, which reaches the disk within about a second;
 * `fsynced` – on the disk of Redis (`appendfsync always`, or confirmed by WAITAOF).
 */
export type Durability = 'memory' | 'everysec' | 'fsynced';

export function durabilityOf({ appendFsync }: Pick<Capabilities, 'appendFsync'>): Durability {
  if (appendFsync === 'always') return 'fsynced';
  return appendFsync === 'everysec' ? 'everysec' : 'memory';
}

/**
 * Waits until what this connection has written is in the append-only file on the disk of Redis itself.
 *
 * @param redis the server that it was written to
 *
 * @returns false where that was not confirmed in time
 */
export async function whenFsynced(redis: Redis, timeoutMs: number): Promise<boolean> {
  const [local] = (await redis.call('WAITAOF', 1, 0, timeoutMs)) as [number, number]; // it may answer with less than asked
  return local >= 1;
}
