import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { isAlive } from '../../../src/servers/process-info.ts';
import { until } from '../../support/until.ts';

const PARENT = fileURLToPath(new URL('../../support/server-parent.ts', import.meta.url));

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const step of cleanUp.splice(0)) step();
});

test('Redis and Neo4j end when their parent is killed without a chance to say so', async () => {
  const parent = startParent('both');
  const pids = JSON.parse(await parent.nextLine()) as { redis: number; neo4j: number };
  expect([isAlive(pids.redis), isAlive(pids.neo4j)]).toEqual([true, true]);

  parent.process.kill('SIGKILL');

  await until(() => !isAlive(pids.redis) && !isAlive(pids.neo4j), 20_000);
}, 150_000); // a JVM on a busy machine

test('a stopped Redis ends too when its parent is killed', async () => {
  const parent = startParent('redis');
  const { redis } = JSON.parse(await parent.nextLine()) as { redis: number };
  process.kill(redis, 'SIGSTOP');

  parent.process.kill('SIGKILL');

  await until(() => !isAlive(redis), 10_000);
});

test('Ctrl-C on the whole process group leaves the servers running for the drain', async () => {
  const parent = startParent('redis');
  const { redis } = JSON.parse(await parent.nextLine()) as { redis: number };

  process.kill(-parent.process.pid!, 'SIGINT');

  expect(await parent.nextLine()).toBe('draining');
  expect(isAlive(redis)).toBe(true);
  parent.process.stdin!.end();
  await once(parent.process, 'exit');
  expect(isAlive(redis)).toBe(false);
});

function startParent(which: 'redis' | 'both'): {
  process: ChildProcess;
  nextLine(): Promise<string>;
} {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-parent-'));
  const child = spawn(process.execPath, [PARENT, directory, which], {
    detached: true, // a process group of its own, as a shell makes one for a command
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanUp.push(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    nextLine: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error('the parent ended without a word');
      return line.value;
    },
  };
}
