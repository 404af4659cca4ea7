import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { computeDigests } from '../../../src/graph/digest.ts';
import { int } from '../../../src/graph/driver.ts';
import { migrate } from '../../../src/graph/migrate.ts';
import { ensureRules, readRules } from '../../../src/graph/rules.ts';
import type { LoggedEvent } from '../../../src/graph/write/writer.ts';
import type { EdgeChange } from '../../../src/model/change.ts';
import { RULES_VERSION } from '../../../src/model/rules.ts';
import { rebuild } from '../../../src/replay/rebuild.ts';
import { SILENT } from '../../../src/telemetry.ts';
import {
  applyBatch,
  corpus,
  edit,
  logged,
  startGraph,
  statements,
  wipe,
  type OwnGraph,
} from './graphs.ts';

const BIN = fileURLToPath(new URL('../../../bin/stemma.mjs', import.meta.url));

let old: OwnGraph;
let target: OwnGraph;
const events = corpus('v1').entries.map(({ n, acceptedAt, body }) =>
  logged(n, JSON.parse(body), acceptedAt),
);
beforeAll(async () => {
  [old, target] = await Promise.all([startGraph(), startGraph()]);
}, 180_000);
afterAll(() => Promise.all([old.stop(), target.stop()]));
beforeEach(async () => {
  await Promise.all([wipe(old.graph), wipe(target.graph)]);
});

/** What rules that knew less, and some of it wrongly, made of the same bytes. */
function underOldRules(event: LoggedEvent): LoggedEvent {
  const { changes } = event;
  const edges: EdgeChange[] = changes.edges
    .filter(({ type }) => type !== 'BUILT_FROM' && type !== 'PART_OF')
    .map((edge) => (edge.type === 'CONTAINS' ? { ...edge, type: 'DERIVED_FROM' as const } : edge))
    .filter(({ type, from, to }) => type !== 'DERIVED_FROM' || from.label === to.label);
  return { ...event, changes: { ...changes, edges } };
}

async function writeUnderOldRules(): Promise<void> {
  for (let at = 0; at < events.length; at += 20) {
    await applyBatch(old.graph, events.slice(at, at + 20).map(underOldRules));
  }
}

const digestOf = async ({ graph }: OwnGraph) => {
  const { content, full } = await computeDigests(graph, statements);
  return { content: content.digest, full: full.digest };
};

describe('a graph notes the rules under which its oldest part was written', () => {
  test('an empty one is written under those of this program, and keeps saying so', async () => {
    expect(await readRules(old.graph, statements)).toBeNull();
    expect(await ensureRules(old.graph, statements)).toBe(RULES_VERSION);
    await applyBatch(old.graph, events.slice(0, 1));
    expect(await ensureRules(old.graph, statements)).toBe(RULES_VERSION);
    expect(await readRules(old.graph, statements)).toBe(RULES_VERSION);
  });

  test('one with events and without a note is of the time before notes', async () => {
    await applyBatch(old.graph, events.slice(0, 1));
    expect(await readRules(old.graph, statements)).toBe(1);
    expect(await ensureRules(old.graph, statements)).toBe(1);
  });

  test('an older note outlives a start of this program, which only adds to the graph', async () => {
    await edit(old.graph, `CREATE (:Rules {key: 'rules', version: 1})`);
    expect(await ensureRules(old.graph, statements)).toBe(1);
  });

  test('processes that start at the same moment write one note', async () => {
    await Promise.all(Array.from({ length: 8 }, () => ensureRules(old.graph, statements)));
    const [row] = await old.graph.read(statements.get('replay/strange-nodes'), {
      ...{ labels: ['Migration'], limit: int(10) },
    });
    expect(row?.get('labels')).toEqual(['Rules']);
  });
});

test('a rebuild computes again what old rules wrote, is killed in the middle, goes on, and ends as a fresh graph', async () => {
  await writeUnderOldRules();
  await applyBatch(target.graph, events);
  const fresh = await digestOf(target);
  const before = await digestOf(old);
  expect(before).not.toEqual(fresh);
  await wipe(target.graph);

  const password = join(target.server.dataDir, 'password');
  writeFileSync(password, target.server.password);
  const run = async (failpoint: string) => {
    const { uri, user, password: secret } = old.server;
    const argv = ['rebuild', '--into', target.server.uri, '--password-file', password, '--json'];
    const child = spawn(process.execPath, [BIN, ...argv], {
      env: {
        ...process.env,
        ...{ NODE_OPTIONS: '', STEMMA_FAILPOINT: failpoint },
        ...{ NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: secret },
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code, signal, out };
  };
  const middle = events[Math.floor(events.length / 2)]!;
  const id = middle.properties['eventId'] as string;
  expect(await run(`crash_on:${id}:kill`)).toMatchObject({ signal: 'SIGKILL', out: '' });
  expect(await digestOf(old)).toEqual(before); // it still answers as it did

  const resumed = await run('');
  expect(resumed).toMatchObject({ code: 0, signal: null });
  expect(JSON.parse(resumed.out)).toMatchObject({ problemCount: 0, skipped: 0, late: 0 });
  expect(await digestOf(target)).toEqual(fresh);
  expect(await readRules(target.graph, statements)).toBe(RULES_VERSION);
  expect(await digestOf(old)).toEqual(before);
  expect(await readRules(old.graph, statements)).toBe(1);
}, 120_000);

test('a rebuild that was begun under other rules is not continued', async () => {
  await writeUnderOldRules();
  const options = {
    ...{ source: old.graph, target: target.graph, statements },
    ...{ now: Date.now, log: SILENT },
  };
  await migrate(target.graph, statements);
  await rebuild(options);
  await edit(target.graph, `MATCH (r:Rules) SET r.version = ${RULES_VERSION - 1}`);
  await expect(rebuild(options)).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(`begun under rules ${RULES_VERSION - 1}`),
  });
});
