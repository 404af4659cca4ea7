import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { formatDoctor, runDoctor } from '../../../src/cli/doctor.ts';
import type { DoctorOptions, DoctorReport } from '../../../src/cli/doctor.ts';
import { freePort } from '../../../src/servers/port.ts';
import { RULES_VERSION } from '../../../src/model/rules.ts';
import { lockHome } from '../../../src/servers/running.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

test('on an empty machine everything that is missing comes with its remedy', async () => {
  const report = await doctor({ environment: { PATH: '/nowhere' } });

  expect(report.ok).toBe(false);
  const failed = report.checks.filter((check) => check.status === 'fail');
  expect(failed.map((check) => check.name)).toEqual(['JDK', 'redis-server', 'Neo4j jars']);
  for (const check of report.checks) {
    expect(check.remedy === null).toBe(check.status === 'ok');
  }
});

test('what is set is listed without secrets, and what nobody reads is warned of with the nearest name', async () => {
  const environment = {
    ...{ PATH: '/nowhere', REDIS_URL: 'redis://:hidden@x', NEO4J_URI: 'bolt://x' },
    ...{ NEO4J_PASSWORD: 'hidden', STEMMA_PORT: '4001', STEMMA_PROT: '4002', STEMMA_TEST_TAG: 't' },
  };
  const { checks } = await doctor({ environment });

  expect(checks.filter(({ name }) => name === 'settings')).toEqual([
    {
      ...{ name: 'settings', status: 'ok', remedy: null },
      found:
        'STEMMA_PORT=4001, NEO4J_URI=bolt://x, NEO4J_PASSWORD (not shown), REDIS_URL (not shown)',
    },
    {
      ...{ name: 'settings', status: 'warn', found: 'STEMMA_PROT is not a setting' },
      remedy: 'the nearest is STEMMA_PORT; remove what is not read',
    },
  ]);
});

test('what runs a server locally is not needed where the environment names the server', async () => {
  const report = await doctor({});

  expect(report.checks.filter((check) => check.status === 'fail')).toEqual([]);
  expect(report.ok).toBe(true);
});

test('an old Node fails', async () => {
  const report = await doctor({ nodeVersion: '20.20.2' });

  expect(report.checks[0]).toMatchObject({ name: 'Node.js', status: 'fail', found: '20.20.2' });
});

test('a Redis that evicts fails, and one without append-only file is warned of', async () => {
  const report = await doctor({
    probeRedis: async () => ({
      ...{ version: '7.0.15', appendOnly: false, maxmemoryPolicy: 'allkeys-lru' },
    }),
  });

  expect(statusOf(report, 'Redis append-only file')).toBe('warn');
  expect(statusOf(report, 'Redis maxmemory-policy')).toBe('fail');
});

test('servers that do not answer fail', async () => {
  const refuse = async (): Promise<never> => {
    throw new Error('connection refused');
  };
  const report = await doctor({ probeRedis: refuse, probeNeo4j: refuse });

  expect(statusOf(report, 'Redis')).toBe('fail');
  expect(statusOf(report, 'Neo4j')).toBe('fail');
});

test('the running service is asked whether it is alive and ready, and its servers are probed', async () => {
  const lock = lockHome(home, () => new Date());
  lock.update({
    ...{ apiUrl: 'http://127.0.0.1:9', redisUrl: 'redis://r', neo4jUri: 'bolt://n' },
  });
  const asked: string[] = [];
  const report = await doctor({
    environment: { PATH: '/nowhere' },
    probeRedis: async (url) => {
      asked.push(url);
      return { version: '7.0.15', appendOnly: true, maxmemoryPolicy: 'noeviction' };
    },
    probeNeo4j: async ({ uri }) => {
      asked.push(uri);
      return { version: '5.26.30', rules: null };
    },
    fetch: async (url) => {
      asked.push(url);
      return { status: url.endsWith('/readyz') ? 503 : 200 };
    },
  });
  lock.release();

  expect(statusOf(report, 'service /livez')).toBe('ok');
  expect(statusOf(report, 'service /readyz')).toBe('fail');
  expect(asked.toSorted()).toEqual([
    'bolt://n',
    'http://127.0.0.1:9/healthz',
    'http://127.0.0.1:9/livez',
    'http://127.0.0.1:9/readyz',
    'redis://r',
  ]);
});

test('a graph that was written under other rules is told, with what to do about it', async () => {
  const seen = async (rules: number | null) => {
    const report = await doctor({ probeNeo4j: async () => ({ version: '5.26.30', rules }) });
    return report.checks.find(({ name }) => name === 'Rules');
  };
  expect(await seen(RULES_VERSION - 1)).toMatchObject({
    status: 'warn',
    remedy: expect.stringContaining('stemma rebuild'),
  });
  expect(await seen(RULES_VERSION + 1)).toMatchObject({
    status: 'warn',
    remedy: expect.stringContaining('update'),
  });
  expect(await seen(RULES_VERSION)).toMatchObject({ status: 'ok' });
  expect(await seen(null)).toBeUndefined();
});

test('the table has a line per check and a remedy below what is not well', () => {
  const checks = [
    { name: 'a', status: 'ok', found: '1', remedy: null },
    { name: 'long', status: 'fail', found: 'none', remedy: 'install it' },
  ] as const;

  expect(formatDoctor({ version: 1, ok: false, checks })).toBe(
    [
      'ok    a     1',
      'fail  long  none',
      '            -> install it',
      '',
      '1 ok, 0 to look at, 1 to mend',
      '',
    ].join('\n'),
  );
});

async function doctor(options: Partial<DoctorOptions>): Promise<DoctorReport> {
  return runDoctor({
    environment: { PATH: '/nowhere', REDIS_URL: 'redis://x', NEO4J_URI: 'bolt://x' },
    home,
    serversDir: join(home, 'programs'),
    port: await freePort(),
    nodeVersion: '24.0.0',
    probeRedis: async () => ({
      ...{ version: '7.0.15', appendOnly: true, maxmemoryPolicy: 'noeviction' },
    }),
    probeNeo4j: async () => ({ version: '5.26.30', rules: RULES_VERSION }),
    ...options,
  });
}

function statusOf(report: DoctorReport, name: string): string | undefined {
  return report.checks.find((check) => check.name === name)?.status;
}
