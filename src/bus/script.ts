import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from './redis.ts';
import { messageOf } from '../errors.ts';

/** A script of `lua/`, sent as its digest once Redis knows it. */
export type Script = (
  redis: Redis,
  keys: readonly string[],
  argv: readonly (string | number)[],
) => Promise<unknown>;

/** @param file such as `append.lua` */
export function loadScript(file: string): Script {
  const text = readFileSync(new URL(`./lua/${file}`, import.meta.url), 'utf8');
  const sha = createHash('sha1').update(text).digest('hex');
  return async (redis, keys, argv) => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...argv);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    }
    return redis.eval(text, keys.length, ...keys, ...argv);
  };
}
