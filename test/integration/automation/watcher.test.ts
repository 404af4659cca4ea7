import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createWatcher } from '../../../src/watcher/index.ts';
import { startField, type Field } from '../../support/field.ts';
import { hex } from '../../support/events.ts';
import { until } from '../../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../../demo/scan-builds.ts', import.meta.url));
const DOCS = new URL('../../../docs/automation.md', import.meta.url);

let field: Field;
const running: ChildProcess[] = [];
beforeAll(async () => {
  field = await startField();
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => field.stop());

const positionFile = () => join(mkdtempSync(join(tmpdir(), 'stemma-watcher-')), 'position');

function builds(scope: string, from: number, count: number) {
  return Array.from({ length: count }, (_, at) => {
    const id = `${scope}-${from + at}`;
    return {
      ...{ specversion: '1.0', id, source: 'https://ci.watcher.example', type: 'build.completed' },
      workflowid: scope,
      data: {
        ...{ build: `https://ci.watcher.example/${id}`, outcome: 'success' },
        artifacts: [{ digest: `sha256:${hex(`watcher-${id}`)}` }],
      },
    };
  });
}

/** The answers to the builds of a scope. */
async function answersOf(scope: string, type = 'audit.completed') {
  const { events } = await field.ask(
    `query ($type: String!, $scope: String!) {
      events(type: $type, workflowId: $scope, order: OLDEST_FIRST, first: 500) {
        nodes { source causationId outcome data }
      }
    }`,
    { type, scope },
  );
  return events.nodes as { source: string; causationId: string; outcome: string }[];
}

test("EPR's tutorial: a build is finished, it is scanned, the result is reported back; killed at any time, each once", async () => {
  const position = positionFile();
  const start = async (): Promise<ChildProcess> => {
    const args = ['--disable-warning=ExperimentalWarning', EXAMPLE, field.url, position];
    const child = spawn(process.execPath, args, {
      ...{ env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'ignore', 'inherit'] },
    });
    running.push(child);
    return Promise.resolve(child);
  };
  let child = await start();
  await until(() => existsSync(position), 30_000);
  const scope = `epr-${process.pid}-${Date.now()}`;
  const all: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const some = builds(scope, all.length, 20);
    all.push(...some.map(({ source, id }) => `${source} ${id}`));
    const answered = (await answersOf(scope)).length;
    await field.post(some);
    await until(async () => (await answersOf(scope)).length > answered, 30_000);
    child.kill('SIGKILL'); // whatever it is doing
    await once(child, 'exit');
    child = await start();
  }
  const last = builds(scope, all.length, 1); // which the last process answers, so that it runs
  all.push(...last.map(({ source, id }) => `${source} ${id}`));
  await field.post(last);
  await until(async () => (await answersOf(scope)).length >= all.length, 60_000);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);

  const answers = await answersOf(scope);
  expect(answers.map(({ causationId }) => causationId).sort()).toEqual(all.sort());
  expect(answers[0]).toMatchObject({
    ...{ source: 'urn:stemma:watcher:scanner', outcome: 'success' },
  });
  const { eventChain } = await field.ask(
    `query ($id: ID!) { eventChain(id: $id) { effects { event { type } } } }`,
    { id: all[0] },
  );
  expect(eventChain.effects).toEqual([{ event: { type: 'audit.completed' } }]);
});

test('the example has at most 30 lines, and is the one in the documentation', () => {
  const text = readFileSync(EXAMPLE, 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
  expect(readFileSync(DOCS, 'utf8')).toContain(`\`\`\`ts\n${text}\`\`\``);
});

test('an event that cannot be acted on is given up in the graph, and the next one is acted on', async () => {
  const scope = `given-up-${process.pid}-${Date.now()}`;
  const position = positionFile();
  const watcher = createWatcher({
    ...{ name: 'giving-up', url: field.url, types: ['build.completed'], position, attempts: 2 },
    delays: { firstDelayMs: 1, longestDelayMs: 2 },
    async act({ data, envelope }) {
      if (envelope.id.endsWith('-0')) throw new Error('the scanner is broken');
      const answer = { type: 'audit.completed', data: { id: data.build } };
      return Promise.resolve(envelope.id.endsWith('-1') ? { ...answer, data: {} } : answer);
    },
  });
  const done = watcher.run();
  await until(() => existsSync(position), 30_000);
  await field.post(builds(scope, 0, 3));
  await until(async () => (await answersOf(scope)).length === 1, 30_000);
  await until(async () => (await answersOf(scope, 'watch.action.failed')).length === 2, 30_000);
  await watcher.stop();
  await done;
  expect(await answersOf(scope, 'watch.action.failed')).toMatchObject([
    {
      ...{ source: 'urn:stemma:watcher:giving-up' },
      ...{ causationId: `https://ci.watcher.example ${scope}-0` },
      data: { watch: 'giving-up', attempts: 2, reason: 'the scanner is broken' },
    },
    { data: { attempts: 1, reason: expect.stringContaining('EVENT_MALFORMED') } },
  ]);
});

test('a type that nobody knows ends it with what the service says', async () => {
  const watcher = createWatcher({
    ...{ name: 'mistaken', url: field.url, types: ['build.complete'] },
    act: async () => Promise.resolve(undefined),
  });
  await expect(watcher.run()).rejects.toMatchObject({
    ...{ code: 'NOT_FOUND', message: expect.stringContaining('build.completed') },
  });
});
