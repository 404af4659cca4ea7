import type { BusKeys } from '../keys.ts';
import { isCluster, serverOf, type Redis } from '../redis.ts';
import { StemmaError } from '../../errors.ts';

/** What the Redis at hand can do, and how it is set up. */
export type Capabilities = {
  readonly version: string;
  /** WAITAOF (7.2): an answer when the append-only file is on disk. */
  readonly waitAof: boolean;
  /** Append-only file: `everysec`, `always`, `no`, off; `unknown` where Redis does not tell (managed services). */
  readonly appendFsync: AppendFsync;
  readonly maxMemoryPolicy: string;
  /** It holds a part of the keys of a cluster, and the others are not asked: so many nodes hold the rest. */
  readonly otherNodes: number;
};

export type AppendFsync = 'always' | 'everysec' | 'no' | 'off' | 'unknown';

const MIN_VERSION = [6, 2] as const;
const WAITAOF_VERSION = [7, 2] as const;

/** Of the server that holds the log. */
export async function capabilitiesOf(connection: Redis, keys: BusKeys): Promise<Capabilities> {
  const redis = await serverOf(connection, keys.counter);
  // INFO only: managed services refuse CONFIG
  const [server, memory, persistence] = await Promise.all([
    redis.info('server'),
    redis.info('memory'),
    redis.info('persistence'),
  ]);
  const version = field(server, 'redis_version') ?? '0.0.0';
  return {
    version,
    waitAof: isAtLeast(version, WAITAOF_VERSION),
    appendFsync: field(persistence, 'aof_enabled') === '1' ? await fsyncOf(redis) : 'off',
    maxMemoryPolicy: field(memory, 'maxmemory_policy') ?? 'unknown',
    otherNodes:
      field(server, 'redis_mode') === 'cluster' && !isCluster(connection)
        ? Number(field(await redis.cluster('INFO'), 'cluster_size') ?? 1) - 1
        : 0,
  };
}

/** @throws StemmaError CONFIGURATION_INVALID where Redis is too old, would evict events, or is one node of a cluster */
export function requireSafe({ version, maxMemoryPolicy, otherNodes }: Capabilities): void {
  if (otherNodes > 0) {
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      'REDIS_URL names one node of a Redis Cluster: name several, separated by commas, so that the one that holds the events is found.',
    );
  }
  if (!isAtLeast(version, MIN_VERSION)) {
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      `Redis ${version} is too old: the event bus needs 6.2 or newer.`,
    );
  }
  if (maxMemoryPolicy !== 'noeviction') {
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      `Redis has maxmemory-policy '${maxMemoryPolicy}', with which it deletes events when its memory is full: set it to 'noeviction'.`,
    );
  }
}

export function isAtLeast(version: string, wanted: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}

async function fsyncOf(redis: Redis): Promise<AppendFsync> {
  try {
    const [, value] = await redis.config('GET', 'appendfsync');
    return value === 'always' || value === 'everysec' || value === 'no' ? value : 'unknown';
  } catch {
    return 'unknown'; // CONFIG is not allowed here
  }
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\s*$`, 'm').exec(info)?.[1];
}
