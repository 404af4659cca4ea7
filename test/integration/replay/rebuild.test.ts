import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addRebuild } from '../../../src/cli/commands/rebuild.ts';
import { createDeadLetterArchive } from '../../../src/graph/write/dead-letters.ts';
import { computeDigests } from '../../../src/graph/digest.ts';
import { migrate } from '../../../src/graph/migrate.ts';
import type { DeadLetter } from '../../../src/model/dead-letters.ts';
import { compareDigests } from '../../../src/replay/compare-digests.ts';
import { readLog } from '../../../src/replay/log.ts';
import { rebuild } from '../../../src/replay/rebuild.ts';
import { replay, type ReplayProgress } from '../../../src/replay/replay.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { event, hex } from '../../support/events.ts';
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

let source: OwnGraph;
let target: OwnGraph;
beforeAll(async () => {
  [source, target] = await Promise.all([startGraph(), startGraph()]);
  await migrate(source.graph, statements);
  // the last first: the hardest order for whatever depends on it
  const events = corpus('v1')
    .entries.toReversed()
    .map(({ n, acceptedAt, body }) => logged(n, JSON.parse(body), acceptedAt));
  for (let at = 0; at < events.length; at += 9) {
    await applyBatch(source.graph, events.slice(at, at + 9));
  }
}, 180_000);
afterAll(() => Promise.all([source.stop(), target.stop()]));
beforeEach(() => wipe(target.graph));

const base = { statements, now: Date.now, log: SILENT };
const run = (options: Partial<Parameters<typeof rebuild>[0]> = {}) =>
  rebuild({ ...base, source: source.graph, target: target.graph, ...options });

test('the recorded corpus makes the digests that were recorded with it', async () => {
  const { expected } = corpus('v1');
  const written = await computeDigests(source.graph, statements);
  expect(written.content).toEqual(expected.content);
  expect(written.full).toEqual(expected.full);
});

/** Of the recorded corpus. */
const total = corpus('v1').entries.length;

describe('a rebuild', () => {
  test('gives the same digests, and adds what came since when it is run again', async () => {
    const result = await run({ batchSize: 10 });
    expect(result).toMatchObject({ events: total, problemCount: 0, resumedAfter: null, late: 0 });
    const comparison = await compareDigests(source.graph, target.graph, statements);
    expect(comparison).toMatchObject({ equal: true, parts: [] });
    expect(await run()).toMatchObject({ events: 0, resumedAfter: total * 2 });
  });

  test('takes the archived dead letters along: they are in no log', async () => {
    const from = createDeadLetterArchive(source.graph, statements, '{rebuild}:dead');
    const mark = { state: 'discarded', reason: 'a test', at: 3 } as const;
    const letter: DeadLetter = {
      ...{
        id: '1700000000000-0',
        stream: 's',
        entryId: '1-0',
        n: 4,
        acceptedAt: 1,
        group: 'graph',
      },
      ...{ code: 'HANDLER_FAILED', message: 'no', attempts: 5, firstAt: 1, lastAt: 2, text: '{}' },
      ...{ contentHash: null, type: 'build.started', source: null, eventId: null, mark },
    };
    await from.put([letter]);
    await run();
    const to = createDeadLetterArchive(target.graph, statements, '{rebuild}:dead');
    expect(await to.get(letter.id)).toEqual(letter);
    expect((await compareDigests(source.graph, target.graph, statements)).equal).toBe(true);
  });

  test('goes on where it was interrupted, and ends at the same digests', async () => {
    const interrupt = new AbortController();
    const shown: ReplayProgress[] = [];
    const interrupted = run({
      ...{ batchSize: 8, signal: interrupt.signal },
      onProgress: (progress) => {
        shown.push(progress);
        if (shown.length === 2) interrupt.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' });
    expect(shown.map(({ done }) => done)).toEqual([8, 16]);
    const rest = await run({ onProgress: (progress) => shown.push(progress) });
    expect(rest).toMatchObject({ resumedAfter: 32, events: total - 16 });
    expect(shown.at(-1)).toMatchObject({ done: total, total, remainingMs: 0 });
    expect((await compareDigests(source.graph, target.graph, statements)).equal).toBe(true);
  });

  test('begins again where its log has got smaller numbers since', async () => {
    await run();
    const late = event('workflow.created', { workflow: 'late' }, { id: 'late' });
    await applyBatch(source.graph, [logged(3, late, 1_790_000_000_000)]);
    expect(await run()).toMatchObject({ events: total + 1, resumedAfter: null });
    expect((await compareDigests(source.graph, target.graph, statements)).equal).toBe(true);
    await edit(source.graph, `MATCH (n:Event {n: 3}) DELETE n`);
    await edit(source.graph, `MATCH (n:Workflow {key: 'https://ci.example/acme#late'}) DELETE n`);
  });

  test('refuses a target that holds something else', async () => {
    await edit(target.graph, 'CREATE (:Person {key: "eve"})');
    await expect(run()).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('Person nodes'),
    });
    await edit(target.graph, 'MATCH (n:Person) DELETE n');
    await edit(target.graph, `CREATE (:Replay {key: 'rebuild', source: 'another', n: 4})`);
    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining('another graph'),
    });
    await expect(run({ target: source.graph })).rejects.toMatchObject({
      message: expect.stringContaining('the graph itself'),
    });
  });

  test('names the events that this version cannot read and goes on with the others', async () => {
    await edit(source.graph, `CREATE (:Event {key: 'x y', n: 1001, acceptedAt: 1, body: '{}'})`);
    const result = await run();
    expect(result).toMatchObject({ problemCount: 1, skipped: 1, late: 0 });
    expect(result.problems).toMatchObject([{ n: 1001, code: 'EVENT_MALFORMED', logged: false }]);
    await edit(source.graph, `MATCH (n:Event {n: 1001}) DELETE n`);
  });

  test('keeps the parts of a document that they do not make, as the log does', async () => {
    const digest = `sha256:${hex('broken')}`;
    const data = { digest, index: 0, count: 1, data: 'AAAA' };
    const events = [
      event('document.part', data, { id: 'broken-part' }),
      event('document.submitted', { digest, parts: 1 }, { id: 'broken' }),
    ];
    await applyBatch(
      source.graph,
      events.map((envelope, at) => logged(1_001 + at, envelope, 1_790_000_000_000)),
    );
    const result = await run();
    expect(result).toMatchObject({ problemCount: 1, skipped: 0, late: 0 });
    expect(result.problems).toMatchObject([{ n: 1002, code: 'DOCUMENT_MALFORMED', logged: true }]);
    expect((await compareDigests(source.graph, target.graph, statements)).equal).toBe(true);
    await edit(source.graph, `MATCH (n:Event) WHERE n.n > 1000 DELETE n`);
  });
});

test('the command compares both graphs, names the parts that differ and exits with 3', async () => {
  const password = join(target.server.dataDir, 'password');
  writeFileSync(password, `${target.server.password}\n`);
  const command = async (): Promise<{ out: string[]; exit: number }> => {
    const { uri, user, password: secret } = source.server;
    const { io, written } = createTestIo({
      ...{ NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: secret },
    });
    const program = new Command('stemma').exitOverride();
    addRebuild(program, io);
    const argv = ['--into', target.server.uri, '--password-file', password, '--verify'];
    await program.parseAsync(['rebuild', ...argv], { from: 'user' });
    return { out: written.out, exit: written.exit };
  };
  const { full } = corpus('v1').expected;
  expect(await command()).toEqual({
    out: [
      `${total} events applied to ${target.server.uri}.`,
      `Both graphs are equal: full ${full.digest}`,
    ],
    exit: 0,
  });
  await edit(target.graph, `MATCH (n:Builder) SET n.version = 'forged'`);
  expect(await command()).toEqual({
    out: [
      `0 events applied to ${target.server.uri}.`,
      'The graphs differ:',
      '  content Builder: 1 here, 1 there',
      '  full Builder: 1 here, 1 there',
    ],
    exit: 3,
  });
});

describe('a replay into the same graph', () => {
  test('changes nothing', async () => {
    const before = await computeDigests(source.graph, statements);
    const result = await replay({ ...base, graph: source.graph });
    expect(result).toMatchObject({ events: total, problemCount: 0 });
    expect(await computeDigests(source.graph, statements)).toEqual(before);
  });
});

test('the log is read in order, in pieces of bounded size', async () => {
  const read = async (options: object, types: readonly string[] | null = null) => {
    const pieces: number[][] = [];
    const range = { from: 20, until: 60, types };
    for await (const records of readLog({ graph: source.graph, statements }, range, options)) {
      pieces.push(records.map(({ n }) => n));
    }
    return pieces;
  };
  const numbers = Array.from({ length: 21 }, (_, at) => 20 + at * 2);
  expect(await read({})).toEqual([numbers]);
  expect((await read({ maxEvents: 8 })).map(({ length }) => length)).toEqual([8, 8, 5]);
  expect(await read({ maxCharacters: 1 })).toEqual(numbers.map((n) => [n]));
  expect((await read({}, ['document.part'])).flat()).toHaveLength(2);
});
