import type { Durability } from '../../model/receipt.ts';
import type { Redis } from '../redis.ts';
import type { Capabilities } from './capabilities.ts';

/** What an event is worth that Redis has taken, by the way in which Redis writes to its disk. */
export function durabilityOf({ appendFsync }: Pick<Capabilities, 'appendFsync'>): Durability {
  if (appendFsync === 'always') return 'FSYNCED';
  return appendFsync === 'everysec' ? 'EVERYSEC' : 'MEMORY';
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
