import type { Redis } from 'ioredis';
import { StemmaError } from '../../errors.ts';

/** What the Redis at hand can do, and how it is set up. */
export type Capabilities = {
  readonly version: string;
  /** WAITAOF (7.2): an answer when the append-only file is on disk. */
  readonly waitAof: boolean;
  /** Append-only file: `everysec`, `always`, `no`, off; `unknown` where Redis does not tell (managed services). */
  readonly appendFsync: AppendFsync;
  readonly maxMemoryPolicy: string;
};

export type AppendFsync = 'always' | 'everysec' | 'no' | 'off' | 'unknown';

const MIN_VERSION = [6, 2] as const;
const WAITAOF_VERSION = [7, 2] as const;

export async function capabilitiesOf(redis: Redis): Promise<Capabilities> {
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
  };
}

/** @throws StemmaError CONFIGURATION_INVALID where Redis is too old or would evict events */
export function requireSafe({ version, maxMemoryPolicy }: Capabilities): void {
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
