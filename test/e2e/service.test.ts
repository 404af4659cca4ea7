import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startNeo4j, startRedis, type TestNeo4j, type TestRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

const BIN = fileURLToPath(new URL('../../bin/stemma.mjs', import.meta.url));

/** What GraphQL answers, as deep as a test looks. */
type Answer = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape

function stemma(
  args: readonly string[],
  env: Record<string, string>,
): ChildProcess & { text(): string } {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', STEMMA_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return Object.assign(child, { text: () => out, errors: () => errors });
}

test('in a new home, the demo ingests real documents and answers three questions, in one JSON object', async () => {
  const home = mkdtempSync(join(tmpdir(), 'stemma-home-'));
  try {
    const demo = stemma(['demo', '--once', '--json'], {
      STEMMA_HOME: home,
      STEMMA_SERVERS: 'local',
    });
    const [code] = (await once(demo, 'exit')) as [number];
    const result = JSON.parse(demo.text()) as {
      events: number;
      applied: number;
      deadLettered: number;
      nodes: Record<string, number>;
      edges: Record<string, number>;
      stateDigest: string;
      questions: {
        question: string;
        query: string;
        answer: { nodes: { node: { __typename: string } }[] };
      }[];
    };
    expect(code).toBe(0);
    expect(result).toMatchObject({ events: 546, applied: 546, deadLettered: 0 });
    expect(result.nodes).toMatchObject({ Commit: 502, Build: 1, Deployment: 4, Environment: 2 });
    expect(result.edges['PARENT']).toBeGreaterThan(480);
    expect(result.stateDigest).toMatch(/^[0-9a-f]{64}$/);
    const kinds = result.questions.map(({ answer }) =>
      answer.nodes.map(({ node }) => node.__typename),
    );
    expect(kinds[0]).toEqual(expect.arrayContaining(['Artifact', 'Build', 'Commit']));
    expect(kinds[1]).toEqual(expect.arrayContaining(['Build', 'Artifact', 'Deployment']));
    expect(kinds[2]).toEqual(expect.arrayContaining(['PackageVersion', 'Artifact', 'Deployment']));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}, 300_000);

describe('a service that runs', () => {
  let redis: TestRedis;
  let neo4j: TestNeo4j;
  let service: ReturnType<typeof stemma>;
  let url: string;
  const home = mkdtempSync(join(tmpdir(), 'stemma-home-'));

  beforeAll(async () => {
    [redis, neo4j] = await Promise.all([startRedis(), startNeo4j()]);
    service = stemma(['serve', '--port', '0', '--json'], {
      STEMMA_HOME: home,
      REDIS_URL: redis.url,
      NEO4J_URI: neo4j.uri,
      NEO4J_USER: neo4j.user,
      NEO4J_PASSWORD: neo4j.password,
    });
    await until(() => service.text().includes('\n'), 60_000);
    url = (JSON.parse(service.text()) as { address: string }).address;
  }, 120_000);

  afterAll(async () => {
    service.kill('SIGKILL');
    await Promise.all([redis.stop(), neo4j.stop()]);
    rmSync(home, { recursive: true, force: true });
  });

  const graphql = async (query: string): Promise<{ status: number; body: Answer }> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };

  /** As a client sends it: again, while the answer is an error that says to try again. */
  const mutate = async (query: string): Promise<Answer> => {
    for (let tries = 1; ; tries++) {
      const { body } = await graphql(query);
      if (body.errors === undefined) return body.data;
      const isRetryable = body.errors.every(({ extensions }: Answer) => extensions.retryable);
      if (!isRetryable || tries === 20) throw new Error(JSON.stringify(body.errors));
      await setTimeout(1_000);
    }
  };

  test('a mutation that waits is visible in the next question, and a blind retry is a DUPLICATE', async () => {
    const commit = 'c'.repeat(40);
    const mutation = `mutation { completeBuild(input: { build: "https://ci.example/e2e/1", outcome: SUCCESS, commit: "${commit}", time: "2026-11-21T10:00:00Z" }, wait: APPLIED, waitMs: 60000) { status position } }`;
    const first = await mutate(mutation);
    expect(first.completeBuild).toEqual({ status: 'APPLIED', position: 1 });
    const again = await mutate(mutation);
    expect(again.completeBuild).toEqual({ status: 'DUPLICATE', position: 1 });
    const { body } = await graphql(`{ resolve(ref: "${commit}") { __typename resolved } }`);
    expect(body.data.resolve).toEqual({ __typename: 'Commit', resolved: false });
  });

  test('S43 the same id with another body is refused with both hashes', async () => {
    const send = async (outcome: string): Promise<Answer> =>
      (
        await mutate(
          `mutation { completeBuild(input: { id: "s43", build: "https://ci.example/e2e/43", outcome: ${outcome}, time: "2026-11-21T10:00:00Z" }) { status error { code message } } }`,
        )
      ).completeBuild;
    expect(await send('SUCCESS')).toMatchObject({ status: 'ACCEPTED' });
    const refused = await send('FAILURE');
    expect(refused).toMatchObject({ status: 'REJECTED', error: { code: 'IDEMPOTENCY_CONFLICT' } });
    expect(refused.error.message.match(/[0-9a-f]{64}/g)).toHaveLength(2);
  });

  test('S32 a dependency that is down is DEPENDENCY_UNAVAILABLE, names no host, and /readyz says which', async () => {
    await neo4j.kill();
    await until(async () => (await fetch(`${url}/readyz`)).status === 503, 30_000);
    const readiness = (await (await fetch(`${url}/readyz`)).json()) as {
      checks: { name: string; ok: boolean }[];
    };
    expect(readiness.checks.find(({ name }) => name === 'neo4j')).toMatchObject({ ok: false });
    const { body } = await graphql('{ commits(first: 1) { edges { node { key } } } }');
    expect(body.errors[0].extensions).toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      retryable: true,
    });
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|localhost|bolt/);
    await neo4j.restart();
    await until(async () => (await fetch(`${url}/readyz`)).status === 200, 60_000);
  }, 150_000);

  test('SIGTERM drains and stops it with exit code 0', async () => {
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }, 60_000);
});
