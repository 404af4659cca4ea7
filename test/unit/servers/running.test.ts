import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitForOwnerToLeave, writeOwner } from '../../../src/servers/process-info.ts';
import { lockHome, readRunning } from '../../../src/servers/running.ts';

const now = (): Date => new Date('2026-01-02T03:04:05Z');
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

test('a second service of the same home is refused in one sentence that says where the first one is', () => {
  const lock = lockHome(home, now);
  lock.update({ apiUrl: 'http://127.0.0.1:4000' });

  expect(() => lockHome(home, now)).toThrow(
    `Stemma is already running at http://127.0.0.1:4000 (process ${process.pid}) with ${home}; stop it, or set STEMMA_HOME to another directory.`,
  );
  lock.release();
  lockHome(home, now).release();
});

test('the lock of a dead process does not count', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  write({ pid, startedAt: 'x' });

  expect(readRunning(home)).toBeNull();
  lockHome(home, now).release();
});

test('the lock of an earlier process with the number of a living one does not count', () => {
  write({ pid: process.pid, startedAt: 'x', processStart: '1' });

  expect(readRunning(home)).toBeNull();
  lockHome(home, now).release();
});

test('half a lock file does not count', () => {
  mkdirSync(join(home, 'run'));
  writeFileSync(join(home, 'run', 'servers.json'), '{"pid":');

  expect(readRunning(home)).toBeNull();
  lockHome(home, now).release();
});

test('commands read the addresses of the running service', () => {
  const lock = lockHome(home, now);
  lock.update({ neo4jUri: 'bolt://x:1', redisUrl: 'redis://x:2', apiUrl: 'http://x:3' });

  expect(readRunning(home)).toMatchObject({
    pid: process.pid,
    startedAt: '2026-01-02T03:04:05.000Z',
    neo4jUri: 'bolt://x:1',
    redisUrl: 'redis://x:2',
    apiUrl: 'http://x:3',
  });
  lock.release();
  expect(readRunning(home)).toBeNull();
});

test('only the owner can read the passwords in the lock file', () => {
  const lock = lockHome(home, now);
  lock.update({ neo4jPassword: 'secret' });
  const file = join(home, 'run', 'servers.json');

  expect(readFileSync(file, 'utf8')).toContain('secret');
  expect(statSync(file).mode & 0o077).toBe(0);
  lock.release();
});

test('an unwritable home is named with its remedy', () => {
  writeFileSync(join(home, 'run'), 'a file where a directory should be');

  expect(() => lockHome(home, now)).toThrow(/servers\.json cannot be written .*; set STEMMA_HOME/);
});

test('a data directory in use is named with the process that uses it', async () => {
  const file = join(home, 'owner.pid');
  writeOwner(file, process.pid);

  await expect(
    waitForOwnerToLeave({ file, server: 'Redis', dataDir: '/data', deadlineMs: 0 }),
  ).rejects.toThrow(
    `Redis cannot start: its data directory /data is in use by process ${process.pid}; stop that process or set STEMMA_HOME to another directory.`,
  );
});

function write(service: object): void {
  mkdirSync(join(home, 'run'), { recursive: true });
  writeFileSync(join(home, 'run', 'servers.json'), JSON.stringify(service));
}
