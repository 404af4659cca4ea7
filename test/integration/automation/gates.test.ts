import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { killGraphProcesses, startGraphProcess } from '../../support/graph-process.ts';
import { runCli } from '../../support/field.ts';
import { borrowNeo4j, type BorrowedNeo4j } from '../../support/neo4j-pool.ts';
import { startRedis, type TestRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

const hex = (digit: number) => `sha256:${digit.toString(16).padStart(64, '7')}`;
const DOCS = new URL('../../../docs/automation.md', import.meta.url);
const DEMO = new URL('../../../demo/gates.yaml', import.meta.url);
/** That of the documentation, and one that shares an event type with it. */
const GATES = `${readFileSync(DEMO, 'utf8')}---
kind: Gate
name: scanned
key: artifacts
inputs:
  - name: scan
    types: [com.example.scan.finished]
    accept: event.data.verdict == "fine"
`;

test('the documentation shows the gate that is there', () => {
  const [, shown] = /```yaml\n([^]*?)```/.exec(readFileSync(DOCS, 'utf8'))!;
  expect(shown).toBe(readFileSync(DEMO, 'utf8'));
});

describe('gates of a service that is killed and started again', () => {
  let redis: TestRedis;
  let neo4j: BorrowedNeo4j;
  let url = '';
  beforeAll(async () => {
    [redis, neo4j] = await Promise.all([startRedis(), borrowNeo4j()]);
  });
  afterEach(async () => {
    await killGraphProcesses();
  });
  afterAll(async () => {
    await Promise.all([redis.stop(), neo4j.stop()]);
  });

  const start = (roles: string, failpoint?: string) =>
    startGraphProcess({
      servers: {
        ...{ neo4jUri: neo4j.uri, neo4jUser: neo4j.user, neo4jPassword: neo4j.password },
        redisUrl: redis.url,
      },
      ...{ main: 'roles-process-main.ts', tag: '' },
      ...(failpoint === undefined ? {} : { failpoint }),
      variables: {
        ...{ STEMMA_ROLES: roles, STEMMA_HEARTBEAT_MS: '200' },
        STEMMA_CLAIM_IDLE_MS: '1000', // what a killed writer had is taken over at once
      },
    });
  const serve = async (roles = 'graph,api,watch') => {
    const service = start(roles);
    await service.whenReady();
    url = service.said().trim().split(' ')[1]!;
  };
  const ask = async (query: string, variables: object = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: any; errors?: object[] }; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  const post = async (events: readonly object[], wait = 'applied') => {
    const response = await fetch(`${url}/events?wait=${wait}&waitMs=30000`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    });
    return ((await response.json()) as { receipts: Receipt[] }).receipts;
  };
  type Receipt = { status: string; warnings?: string[]; error: unknown };
  const cli = async (...args: string[]) => runCli(args, { STEMMA_URL: url });
  const source = 'https://ci.gates.example';
  const base = { specversion: '1.0', source };
  const built = (digest: string) => ({
    ...{ ...base, id: `built ${digest}`, type: 'build.completed', correlationid: 'release 7' },
    data: { build: `${source}/${digest}`, outcome: 'success', artifacts: [{ digest }] },
  });
  const scanned = (digest: string, verdict: string, id = '') => ({
    ...{
      ...base,
      id: `scanned ${digest}${id}`,
      type: 'com.example.scan.finished',
      subject: digest,
    },
    data: { verdict },
  });
  const signed = (digest: string) => ({
    ...{ ...base, id: `signed ${digest}`, type: 'artifact.signed' },
    data: { digest },
  });
  const heard = async () => {
    const { events } = await ask(`{ events(first: 500) { nodes { type source subject data } } }`);
    return (events.nodes as Heard[])
      .filter((one) => one.source === 'urn:stemma:gates')
      .map(({ type, subject, data }) => `${data.gate} ${type.slice(5)} ${subject}`);
  };
  type Heard = { type: string; source: string; subject: string; data: { gate: string } };

  test('files declare them; what happens makes them speak, once, about the artifact, caused by its trigger', async () => {
    await serve();
    const file = join(mkdtempSync(join(tmpdir(), 'stemma-gates-')), 'gates.yaml');
    writeFileSync(file, GATES);
    expect((await cli('apply', '-f', file, '--dry-run')).stdout).toBe(
      'EventType\tcom.example.scan.finished@1\twould be created\nGate\trelease@1\twould be created\nGate\tscanned@1\twould be created\n',
    );
    const applied = await cli('apply', '-f', file, '--wait');
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await cli('apply', '-f', file)).stdout).toMatch(/(?:unchanged\n[^]*){3}/);

    const digest = hex(1);
    await post([built(digest), scanned(digest, 'fine'), signed(digest)]);
    await until(async () => (await heard()).length === 2, 30_000);
    expect((await heard()).toSorted()).toEqual([
      ...[`release passed ${digest}`, `scanned passed ${digest}`],
    ]);
    const { events } = await ask(
      `query ($subject: String!) { events(subject: $subject, type: "gate.passed") { nodes { causationId data } } }`,
      { subject: `Artifact:${digest}` },
    );
    expect(events.nodes[0]).toMatchObject({
      causationId: `${source} signed ${digest}`,
      data: { gate: 'release', version: 1, key: digest },
    });
    const status = async () => (await cli('gate', 'status', digest)).stdout;
    await until(async () => (await status()).startsWith('release@1'), 30_000);
    expect(await status()).toMatch(/^release@1\tPASSED\t/m);
    expect(await status()).toMatch(/^ {2}artifact\.signed\tGOOD\t/m);
    expect((await cli('gate', 'list')).stdout).toMatch(/^release\t1\tenabled\t/m);
    expect(await cli('gate', 'status', '--gate', 'relaese')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('The nearest: release'),
    });
  }, 180_000);

  test('killed after it spoke and before it took note of that, it says the same again, and nobody hears it twice', async () => {
    const digests = Array.from({ length: 6 }, (_, at) => hex(0x100 + at));
    await serve('graph,api');
    const before = (await heard()).length;
    for (const digest of digests.slice(0, 3)) {
      const watcher = start('watch', 'automation_published:kill');
      await post([built(digest), signed(digest), scanned(digest, 'bad')]);
      expect(await watcher.ended).toMatchObject({ signal: 'SIGKILL' });
    }
    // the second one waits for its turn
    await Promise.all(['watch', 'watch'].map(async (roles) => start(roles).whenReady()));
    await post(digests.flatMap((digest) => [built(digest), signed(digest)]));
    await post(digests.map((digest) => scanned(digest, 'fine', ' again')));
    const failures = digests.slice(0, 3).length;
    const wanted = before + 2 * failures + 2 * digests.length;
    await until(async () => (await heard()).length >= wanted, 60_000);
    const all = await heard();
    expect(all).toHaveLength(wanted);
    for (const digest of digests.slice(0, 3)) {
      expect(all.filter((one) => one === `release failed ${digest}`)).toHaveLength(1);
    }
    for (const digest of digests) {
      expect(all.filter((one) => one === `release passed ${digest}`)).toHaveLength(1);
    }
    const failed = await ask(`{ gateStatus(gate: "release", outcome: FAILED) { nodes { ref } } }`);
    expect(failed.gateStatus.nodes).toEqual([]);
  }, 240_000);

  test('what is said of gates and has no effect is told, and what cannot be a gate is refused', async () => {
    await serve();
    const define = async (input: object) =>
      (
        await ask(
          `mutation ($input: DefineGateInput!) {
            defineGate(input: $input, wait: APPLIED) { status warnings error { code message path } }
          }`,
          { input: { key: 'artifacts', inputs: [{ types: ['artifact.signed'] }], ...input } },
        )
      ).defineGate;
    expect(await define({ name: 'odd', key: 'artifact' })).toMatchObject({
      status: 'REJECTED',
      error: { code: 'BAD_USER_INPUT', message: expect.stringContaining('Unknown variable') },
    });
    expect(await define({ name: 'odd', inputs: [{ types: ['gate.passed'] }] })).toMatchObject({
      error: { message: expect.stringContaining('gates and watches cause themselves') },
    });
    expect(await define({ name: 'release', id: 'another', key: 'commit' })).toMatchObject({
      warnings: [expect.stringContaining('give this one the version 2')],
    });
    const [nobody] = await post([
      { ...base, id: 'off', type: 'gate.disabled', data: { name: 'nobody' } },
    ]);
    expect(nobody?.warnings).toEqual([expect.stringContaining("'nobody' yet")]);
    expect((await cli('gate', 'disable', 'scanned', '--wait')).exitCode).toBe(0);
    const heardBefore = (await heard()).length;
    const digest = hex(0x200);
    await post([scanned(digest, 'fine')]);
    const known = async () =>
      (
        await ask(
          `{ gateStatus(ref: "Artifact:${digest}") { nodes { gate { name enabled } outcome } } }`,
        )
      ).gateStatus.nodes;
    await until(async () => (await known()).length === 2, 30_000);
    expect(await known()).toEqual([
      { gate: { name: 'release', enabled: true }, outcome: 'WAITING' },
      { gate: { name: 'scanned', enabled: false }, outcome: 'PASSED' },
    ]);
    expect(await heard()).toHaveLength(heardBefore);
  }, 180_000);
});
