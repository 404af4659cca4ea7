import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import neo4j from 'neo4j-driver';
import { proveOurs } from './servers.ts';

const KEEPER = fileURLToPath(new URL('neo4j-keeper.ts', import.meta.url));
const START_DEADLINE_MS = 150_000;

/** A Neo4j that a test file has for itself and gives back: it may be emptied, and not be killed. */
export interface BorrowedNeo4j {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly dataDir: string;
  /** Gives it back. */
  stop(): Promise<void>;
}

/** Made by global-setup.ts; the servers end when it is removed, or this process ends. */
export function createPool(): {
  readonly variables: Record<string, string>;
  stop(): Promise<void>;
} {
  const pool = mkdtempSync(join(tmpdir(), 'stemma-test-pool-'));
  return {
    variables: { STEMMA_TEST_POOL: pool, STEMMA_TEST_POOL_OWNER: String(process.pid) },
    stop: async () => {
      const directories = readdirSync(pool)
        .filter((file) => /\.(idle|busy)$/.test(file))
        .map((file) => (JSON.parse(readFileSync(join(pool, file), 'utf8')) as Described).dataDir);
      rmSync(pool, { recursive: true, force: true });
      while (directories.some((directory) => existsSync(directory))) await delay(100);
    },
  };
}

type Described = Omit<BorrowedNeo4j, 'stop'> & { readonly settings: string };

/**
 * An empty database with the schema that it may have been given before. A server that a file has given back is warm: its plans are made
 * and its code is compiled, so that the next one need not wait for that.
 *
 * @param settings a server with other settings is another one
 */
export async function borrowNeo4j(
  settings: Readonly<Record<string, string>> = {},
): Promise<BorrowedNeo4j> {
  const pool = process.env['STEMMA_TEST_POOL'];
  if (pool === undefined) throw new Error('there is no pool: run through the integration project');
  const wanted = JSON.stringify(settings);
  const path = takeIdle(pool, wanted) ?? (await startKeeper(pool, wanted));
  const server = JSON.parse(readFileSync(path, 'utf8')) as Described;
  await empty(server);
  return {
    ...server,
    stop: async () => {
      await empty(server);
      renameSync(path, path.replace(/busy$/, 'idle'));
    },
  };
}

/** Path of its description; null where no server with these settings is idle. */
function takeIdle(pool: string, settings: string): string | null {
  for (const file of readdirSync(pool).filter((name) => name.endsWith('.idle'))) {
    const [idle, busy] = [join(pool, file), join(pool, file.replace(/idle$/, 'busy'))];
    try {
      if ((JSON.parse(readFileSync(idle, 'utf8')) as Described).settings !== settings) continue;
      renameSync(idle, busy);
      return busy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // another worker was faster
    }
  }
  return null;
}

async function startKeeper(pool: string, settings: string): Promise<string> {
  const name = randomUUID();
  const owner = process.env['STEMMA_TEST_POOL_OWNER'] ?? '';
  const flags = ['--disable-warning=ExperimentalWarning', KEEPER];
  spawn(process.execPath, [...flags, pool, name, settings, owner], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: '' },
  }).unref();
  const deadline = Date.now() + START_DEADLINE_MS;
  const [busy, failed] = [join(pool, `${name}.busy`), join(pool, `${name}.failed`)];
  while (!existsSync(busy)) {
    if (existsSync(failed)) throw new Error(readFileSync(failed, 'utf8'));
    if (Date.now() > deadline) throw new Error('a Neo4j of the pool did not start in time');
    await delay(100);
  }
  return busy;
}

/** Removes everything but the record of the schema. */
async function empty(server: Described): Promise<void> {
  const { uri, user, password } = server;
  await proveOurs({ neo4j: { uri, user, password } });
  const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  const session = driver.session();
  try {
    await session.run(
      'MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS',
    );
  } finally {
    await session.close();
    await driver.close();
  }
}
