import type { Redis } from '../redis.ts';
import { messageOf, StemmaError } from '../../errors.ts';
import type { BusKeys } from '../keys.ts';

/** XGROUP DELCONSUMER drops what is pending for good, so the check, the move and the removal are one step. */
const REMOVE = `
local moved = 0
local from = ''
repeat
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from == '' and '-' or '(' .. from, '+', 500, ARGV[2])
  local ids = {}
  for _, row in ipairs(pending) do ids[#ids + 1] = row[1] end
  if #ids > 0 then
    if ARGV[3] == '' then return redis.error_reply('PENDING ' .. #ids) end
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, unpack(ids))
    moved = moved + #ids
    from = ids[#ids]
  end
until #ids == 0
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return moved`;

/**
 * Removes a consumer from a group.
 *
 * @param claimTo who takes over what is pending for it
 * @returns how many entries were moved
 * @throws StemmaError ENTRIES_PENDING where something is pending and `claimTo` is null; nothing has changed then on that stream
 */
export async function removeConsumer(
  redis: Redis,
  keys: BusKeys,
  {
    group,
    name,
    claimTo,
  }: { readonly group: string; readonly name: string; readonly claimTo: string | null },
): Promise<number> {
  if (claimTo === name) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      'A consumer that is removed cannot take over its own entries: name another one.',
    );
  }
  let moved = 0;
  for (const stream of keys.streams) {
    try {
      moved += Number(await redis.eval(REMOVE, 1, stream, group, name, claimTo ?? ''));
    } catch (error) {
      if (messageOf(error).includes('NOGROUP')) continue;
      if (!messageOf(error).includes('PENDING')) throw error;
      throw new StemmaError(
        'ENTRIES_PENDING',
        `The consumer '${name}' still has entries of ${stream} that are not acknowledged, and removing it would lose them: let another consumer take them with --claim-to <name>, or wait until they are claimed.`,
        { cause: error },
      );
    }
  }
  return moved;
}
