import type { BusKeys } from '../bus/keys.ts';
import type { connectRedis } from '../bus/redis.ts';
import { readSettings } from '../environment.ts';
import { StemmaError } from '../errors.ts';
import { readRunning } from '../servers/running.ts';
import { usage } from './exit.ts';
import type { CliIo } from './io.ts';

/** As the commands know it. */
export type Redis = ReturnType<typeof connectRedis>;

/**
 * Has a command work on the bus itself.
 *
 * @throws StemmaError SERVER_UNAVAILABLE, DEPENDENCY_UNAVAILABLE
 */
export async function withBus<T>(
  io: CliIo,
  work: (redis: Redis, keys: BusKeys) => Promise<T>,
): Promise<T> {
  const { home, REDIS_URL } = readSettings(io.env);
  const url = REDIS_URL ?? readRunning(home)?.redisUrl;
  if (url === undefined) {
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `No event bus is known: no service runs with ${home}. Start it with npm start, or set REDIS_URL.`,
    );
  }
  if (!/^rediss?:\/\//.test(url)) {
    throw usage('REDIS_URL must begin with redis:// or rediss://.');
  }
  const bus = await import('../bus/redis.ts');
  const { busKeys } = await import('../bus/keys.ts');
  const redis = bus.connectRedis({ url, name: 'cli' });
  try {
    await bus.whenConnected(redis, 5_000);
    return await work(redis, busKeys());
  } finally {
    redis.disconnect();
  }
}
