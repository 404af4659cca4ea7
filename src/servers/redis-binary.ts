import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from './java.ts';

export type RedisBinary = { readonly file: string; readonly version: string };

/** XAUTOCLAIM came with 6.2. */
export const OLDEST_REDIS = '6.2';

/** The redis-server on the path when it is new enough, else the one that scripts/setup.mjs fetched; null without either. */
export async function findRedisServer(
  serversDir: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RedisBinary | null> {
  const fetched = join(serversDir, 'redis', 'redis-server');
  for (const file of [findOnPath('redis-server', environment), fetched]) {
    if (file === null || !existsSync(file)) continue;
    const version = await versionOf(file);
    if (version !== null && isNewEnough(version)) return { file, version };
  }
  return null;
}

async function versionOf(file: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, ['--version'], { timeout: 5_000 }, (error, stdout) => {
      resolve(error === null ? (/v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null) : null);
    });
  });
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_REDIS.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
