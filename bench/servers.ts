import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { startLocalNeo4j } from '../src/servers/local-neo4j.ts';
import { startLocalRedis } from '../src/servers/local-redis.ts';
import { findRedisServer } from '../src/servers/redis-binary.ts';
import { SERVERS_DIR } from '../src/servers/servers-dir.ts';

export type BenchServers = {
  readonly redisUrl: string;
  readonly neo4jUri: string;
  readonly versions: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

/** Servers of the benchmark's own, with data in a directory that is removed afterwards. */
export async function startBenchServers(heap = '2g'): Promise<BenchServers> {
  const found = await findRedisServer(SERVERS_DIR, process.env);
  if (found === null) throw new Error('no redis-server found: run npm run setup');
  const directory = mkdtempSync(join(tmpdir(), 'stemma-bench-'));
  const redis = await startLocalRedis({
    binary: found.file,
    dataDir: join(directory, 'redis'),
    environment: process.env,
  });
  const neo4j = await startLocalNeo4j({
    libDir: join(SERVERS_DIR, 'neo4j', 'lib'),
    dataDir: join(directory, 'neo4j'),
    heap,
    settings: { 'server.memory.pagecache.size': '1g' },
    environment: process.env,
  });
  return {
    redisUrl: redis.url,
    neo4jUri: neo4j.uri,
    versions: { node: process.version, redis: redis.version, neo4j: '5.26.30' },
    async stop() {
      await Promise.allSettled([redis.stop(), neo4j.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function machine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
