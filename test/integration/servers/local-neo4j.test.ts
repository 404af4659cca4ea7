import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import neo4j from 'neo4j-driver';
import { startLocalNeo4j } from '../../../src/servers/local-neo4j.ts';
import { isAlive } from '../../../src/servers/process-info.ts';
import { NEO4J_LIB, TEST_ENVIRONMENT } from '../../support/server-paths.ts';
import { proveOurs, startNeo4j } from '../../support/servers.ts';
import type { TestNeo4j } from '../../support/servers.ts';

/** A JVM on a machine that is busy with everything else. */
const START_MS = 150_000;

let server: TestNeo4j;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stemma-neo4j-'));
  server = await startNeo4j({ 'db.memory.transaction.max': '64m' });
}, START_MS);
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('Neo4j takes settings by name', async () => {
  const [row] = await query("SHOW SETTINGS 'db.memory.transaction.max' YIELD value");

  expect(row?.get('value')).toBe('64.00MiB');
});

test('Neo4j with a password refuses who does not know it', async () => {
  const driver = neo4j.driver(server.uri, neo4j.auth.basic('neo4j', 'a guess'));

  await expect(driver.verifyAuthentication()).resolves.toBe(false);
  await driver.close();
});

test(
  'Neo4j keeps what it committed when it is killed and started again',
  async () => {
    await proveOurs({ neo4j: server });
    await query("CREATE (:Kept {value: 'x'})");
    const before = server.pid;

    await server.kill('SIGKILL');
    expect(isAlive(before)).toBe(false);
    await server.restart();

    const [row] = await query('MATCH (n:Kept) RETURN n.value AS value');
    expect(row?.get('value')).toBe('x');
  },
  START_MS,
);

test('Neo4j on a port in use fails with one sentence before it starts anything', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as AddressInfo;

  await expect(start({ port })).rejects.toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: `Neo4j cannot start: port ${port} on 127.0.0.1 is in use by another process; stop that process or choose another port.`,
  });
  squatter.close();
});

test('Neo4j that does not answer in time is killed and reported', async () => {
  await expect(start({ startDeadlineMs: 100 })).rejects.toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringMatching(/^Neo4j did not answer within 0.1 s; see .*debug\.log\.$/),
  });
});

test('a heap that Java cannot have is named with the variable to change', async () => {
  await expect(start({ heap: '1x' })).rejects.toMatchObject({
    message:
      'Neo4j cannot start: Java cannot have a heap of 1x; set STEMMA_NEO4J_HEAP to less, for example 1g.',
  });
});

test('a missing Java is named with its remedy', async () => {
  await expect(start({ environment: { PATH: '/nowhere' } })).rejects.toMatchObject({
    message:
      'Neo4j cannot start: there is no `java` on the path; install a JDK 17 or newer, or set NEO4J_URI.',
  });
});

const onLinux = process.platform === 'linux' ? test : test.skip; // what a process has mapped is in /proc
onLinux(
  'Neo4j starts from what set-up prepared, and from its source where nothing was',
  async () => {
    const archive = join(dirname(NEO4J_LIB), 'classes.jsa');
    expect(existsSync(archive)).toBe(true);
    expect(readFileSync(`/proc/${server.pid}/maps`, 'utf8')).toContain(archive);

    const elsewhere = join(directory, 'unprepared');
    mkdirSync(elsewhere);
    symlinkSync(NEO4J_LIB, join(elsewhere, 'lib'));
    const plain = await start({
      ...{ libDir: join(elsewhere, 'lib'), dataDir: join(elsewhere, 'data') },
      environment: TEST_ENVIRONMENT,
    });
    expect(readFileSync(`/proc/${plain.pid}/maps`, 'utf8')).not.toContain(archive);
    await plain.stop();
  },
  START_MS,
);

async function start(options: Partial<Parameters<typeof startLocalNeo4j>[0]>) {
  return startLocalNeo4j({
    ...{ libDir: NEO4J_LIB, dataDir: directory, environment: process.env },
    ...options,
  });
}

async function query(text: string) {
  const driver = neo4j.driver(server.uri, neo4j.auth.basic(server.user, server.password));
  try {
    return (await driver.executeQuery(text)).records;
  } finally {
    await driver.close();
  }
}
