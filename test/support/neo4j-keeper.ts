/**
 * Keeps a Neo4j that several test files use, one after another: `neo4j-keeper.ts <pool> <name> <settings>` starts it, describes it in
 * `<pool>/<name>.busy`, and stops it when the pool is gone or the process that made the pool has ended.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startNeo4j } from './servers.ts';

const [pool = '', name = '', settings = '{}', owner = '0'] = process.argv.slice(2);
const WATCH_MS = 250;

/** In one step, so that nobody reads half of it. */
function write(state: 'busy' | 'failed', text: string): void {
  const path = join(pool, `${name}.${state}`);
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

try {
  const server = await startNeo4j(JSON.parse(settings) as Record<string, string>);
  const { uri, user, password, dataDir } = server;
  write('busy', JSON.stringify({ uri, user, password, dataDir, settings }));
  while (existsSync(pool) && isAlive(Number(owner))) await delay(WATCH_MS);
  await server.stop();
} catch (error) {
  if (existsSync(pool)) write('failed', String(error));
}
