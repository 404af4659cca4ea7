import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import fc from 'fast-check';
import { addDigest } from '../../../src/cli/commands/digest.ts';
import { addReplay } from '../../../src/cli/commands/replay.ts';
import { addVerifyGraph } from '../../../src/cli/commands/verify-graph.ts';
import { computeDigests } from '../../../src/graph/digest.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { digestOf } from '../../support/in-memory.ts';
import { foldLog } from '../../../src/replay/fold-log.ts';
import { verifyGraph } from '../../../src/replay/verify.ts';
import type { Envelope } from '../../../src/model/event.ts';
import type { LoggedEvent } from '../../../src/graph/write/writer.ts';
import { event, hex } from '../../support/events.ts';
import { createRandom } from '../../support/random.ts';
import {
  applyBatch,
  countOf,
  edit,
  logged,
  startGraph,
  statements,
  wipe,
  type OwnGraph,
} from './graphs.ts';
import { ACCEPTED, history } from './histories.ts';

let own: OwnGraph;
beforeAll(async () => {
  own = await startGraph();
}, 180_000);
afterAll(() => own.stop());
beforeEach(() => wipe(own.graph));

const ALL = { from: 0, until: Number.MAX_SAFE_INTEGER, types: null };

describe('the log, folded in memory', () => {
  test('is what the graph holds, for any history, order, duplication and batches', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const { graph } = own;
        await wipe(graph);
        for (const batch of batches) {
          const events = batch.map(({ n, envelope }) => logged(n, envelope, ACCEPTED + n));
          await applyBatch(graph, events);
        }
        const events: LoggedEvent[] = [];
        const folded = await foldLog({
          ...{ graph, statements, range: ALL },
          onEvent: (_record, read) => events.push(read!),
        });
        const written = await computeDigests(graph, statements);
        for (const kind of ['full', 'content', 'current'] as const) {
          expect(digestOf(folded, events, kind).parts).toEqual(written[kind].parts);
        }
        expect((await verifyGraph({ graph, statements })).differences).toEqual([]);
      }),
      { numRuns: Number(process.env['STEMMA_TEST_RUNS'] ?? 8) },
    );
  }, 240_000);

  test('is what the graph holds where both ends of one edge come into conflict in one batch', async () => {
    const { graph } = own;
    const alias = (n: number, sha512: string, sha256: string) => {
      const data = { alias: `sha512:${hex(sha512, 128)}`, of: `sha256:${hex(sha256)}` };
      return logged(n, event('alias.asserted', data, { id: `e${n}` }), ACCEPTED + n);
    };
    // the second edge has two sha256 at its sha512, and two sha512 at its sha256
    const first = [alias(1, '1', 'a'), alias(2, '1', 'b'), alias(3, '2', 'b')];
    // and here everything is in conflict already
    const second = [alias(4, '1', 'b'), alias(5, '2', 'a'), alias(6, '2', 'b')];
    for (const batch of [first, second]) {
      await applyBatch(graph, batch);
      expect((await verifyGraph({ graph, statements })).differences).toEqual([]);
    }
  }, 60_000);
});

/** Names of a few files, told by documents of which each names two or three, and some of which are withdrawn. */
const NAMES = ['sha256', 'sha512', 'sha384', 'sha3-256', 'npm'] as const;
const identityEvents = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.shuffledSubarray([...NAMES], { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  { minLength: 4, maxLength: 14 },
);
const identityHistory = fc
  .record({
    said: fc.array(identityEvents, { minLength: 12, maxLength: 12 }),
    chance: fc.integer(),
    size: fc.integer({ min: 5, max: 60 }),
  })
  .map(({ said, chance, size }) => {
    const random = createRandom(chance);
    const hexes = { sha256: 64, sha512: 128, sha384: 96, 'sha3-256': 64, npm: 0 } as const;
    const events = said.flatMap((list, world) =>
      list.map((names, at) => {
        const id = `w${world}-${at}`;
        if (names === null) {
          const claim = `https://ci.example/acme w${world}-${random.below(list.length)}`;
          return event('claim.withdrawn', { claim }, { id, time: '2026-11-21T11:00:00Z' });
        }
        const told = names.map((name) => {
          const of = `w${world}-${name === 'npm' ? 0 : random.below(2)}`;
          return name === 'npm' ? `pkg:npm/${of}@1.0.0` : `${name}:${hex(of, hexes[name])}`;
        });
        const [digest, ...otherDigests] = told.filter((name) => !name.startsWith('pkg:'));
        const purl = told.find((name) => name.startsWith('pkg:'));
        return event(
          'artifact.created',
          { digest, otherDigests, ...(purl === undefined ? {} : { purl }) },
          { id },
        );
      }),
    );
    const numbered = random.shuffled(events).map((envelope, at) => ({ n: at + 1, envelope }));
    return { numbered, delivered: random.shuffled(numbered), size };
  });

describe('claims that contradict each other across several documents', () => {
  const holds = async (seed: number): Promise<void> => {
    const { graph } = own;
    const write = async (told: readonly { n: number; envelope: Envelope }[], size: number) => {
      await wipe(graph);
      for (let at = 0; at < told.length; at += size) {
        const batch = told.slice(at, at + size);
        await applyBatch(
          graph,
          batch.map(({ n, envelope }) => logged(n, envelope, ACCEPTED)),
        );
      }
      expect((await verifyGraph({ graph, statements })).differences).toEqual([]);
      return (await computeDigests(graph, statements, ['content'])).content.parts;
    };
    let across = 0;
    await fc.assert(
      fc.asyncProperty(identityHistory, async ({ numbered, delivered, size }) => {
        const content = await write(delivered, size);
        across += await countOf(graph, 'n.conflictSince IS NOT NULL AND n.sameDigests IS NOT NULL');
        const renumbered = delivered.map(({ envelope }, at) => ({ n: at + 1, envelope }));
        expect(await write(renumbered, numbered.length)).toEqual(content);
      }),
      { numRuns: Number(process.env['STEMMA_TEST_RUNS'] ?? 4), endOnFailure: true, seed },
    );
    expect(across).toBeGreaterThan(0);
  };

  test('make the graph that the log makes, in any order and batches, withdrawn or not, and the same for any log order', async () => {
    await holds(Number(process.env['STEMMA_TEST_SEED'] ?? 2));
  }, 240_000);

  test('make it where a withdrawal ends the conflict of a thing and brings that of another', async () => {
    await holds(-929_146_461);
  }, 240_000);
});

const BUILD = 'https://ci.example/runs/1';
const ARTIFACT = `sha256:${hex('a')}`;

async function writeStory(): Promise<void> {
  const story = [
    event('build.completed', {
      build: BUILD,
      outcome: 'success',
      artifacts: [{ digest: ARTIFACT }],
    }),
    event(
      'artifact.published',
      { digest: ARTIFACT, location: 'pkg:npm/shop@1.0.0' },
      { id: 'pub' },
    ),
    event('claim.withdrawn', { claim: 'https://ci.example/acme pub' }, { id: 'withdrawn' }),
    event('workflow.created', { workflow: 'w' }, { id: 'workflow' }),
  ];
  await applyBatch(
    own.graph,
    story.map((envelope, at) => logged(at + 1, envelope, ACCEPTED)),
  );
}

describe('verifying a graph', () => {
  beforeEach(writeStory);
  const verify = (limit = 100, maxInMemory?: number) =>
    verifyGraph({
      ...{ graph: own.graph, statements, limit },
      ...(maxInMemory === undefined ? {} : { maxInMemory }),
    });

  test('finds nothing in a graph that nobody has touched, in one pass or in many', async () => {
    const report = await verify();
    expect(report).toMatchObject({ ok: true, events: 4, differences: [], grown: false });
    expect(await verify(100, 7)).toEqual(report);
  });

  test('names changed properties of nodes, edges and events with both values', async () => {
    await edit(own.graph, `MATCH (n:Build) SET n.outcome = 'failure', n.note = 'mine'`);
    await edit(own.graph, `MATCH ()-[e:GENERATED_BY]->() SET e.knownFrom = 7`);
    await edit(own.graph, `MATCH (n:Event {n: 4}) SET n.outcome = 'success'`);
    await edit(own.graph, `MATCH (n:Withdrawal) SET n.endKnown = [9]`);
    const { ok, totals, differences } = await verify();
    expect({ ok, totals }).toEqual({
      ok: false,
      totals: { missing: 0, unexpected: 0, different: 4, unreadable: 0 },
    });
    expect(differences.map(({ what, label, properties }) => [what, label, properties])).toEqual([
      ['event', 'Event', [{ name: 'outcome', expected: undefined, found: 'success' }]],
      [
        'node',
        'Build',
        [
          { name: 'note', expected: undefined, found: 'mine' },
          { name: 'outcome', expected: 'success', found: 'failure' },
        ],
      ],
      ['edge', 'GENERATED_BY', [{ name: 'knownFrom', expected: 1, found: 7 }]],
      ['withdrawal', 'Withdrawal', [{ name: 'endKnown', expected: [3], found: [9] }]],
    ]);
  });

  test('names what is missing and what is too much', async () => {
    await edit(own.graph, `MATCH ()-[e:GENERATED_BY]->() DELETE e`);
    await edit(own.graph, `MATCH (n:Workflow) DETACH DELETE n`);
    await edit(own.graph, `CREATE (:Artifact {key: 'sha256:forged'}), (:Person {key: 'eve'})`);
    await edit(
      own.graph,
      `MATCH (a:Artifact {key: '${ARTIFACT}'}), (b:Build) CREATE (a)-[:USED {claim: 'x'}]->(b), (b)-[:LIKES]->(a)`,
    );
    const { differences } = await verify();
    const named = differences.map(({ kind, label, key, claim }) => [kind, label, key, claim]);
    expect(named).toEqual([
      ['unexpected', 'Person', 'eve', null],
      ['unexpected', 'LIKES', `Build:${BUILD} -> Artifact:${ARTIFACT}`, null],
      ['unexpected', 'Artifact', 'sha256:forged', null],
      ['missing', 'Workflow', 'https://ci.example/acme#w', null],
      ['unexpected', 'USED', `Artifact:${ARTIFACT} -> Build:${BUILD}`, 'x'],
      ['missing', 'GENERATED_BY', `Artifact:${ARTIFACT} -> Build:${BUILD}`, expect.any(String)],
    ]);
  });

  test('finds edited log entries: their text, their number, and their absence', async () => {
    await edit(own.graph, `MATCH (n:Event {n: 4}) SET n.body = replace(n.body, '"w"', '"v"')`);
    await edit(own.graph, `MATCH (n:Event {n: 3}) SET n.body = 'no JSON'`);
    await edit(own.graph, `MATCH (n:Event {n: 2}) REMOVE n.n`);
    const { totals, differences } = await verify();
    const events = differences.filter(({ what }) => what === 'event');
    expect(
      events.map(({ kind, key, properties }) => [kind, key, properties.map(({ name }) => name)]),
    ).toEqual([
      ['unexpected', 'https://ci.example/acme pub', []],
      ['unreadable', 'https://ci.example/acme withdrawn', []],
      ['different', 'https://ci.example/acme workflow', ['contentHash', 'sha256', 'subjectRef']],
    ]);
    // what the events would have said is not as expected either
    expect(totals.missing).toBe(1);
    expect(totals.unexpected).toBeGreaterThan(1);
  });

  test('counts all differences where it names only some', async () => {
    await edit(own.graph, `UNWIND range(1, 20) AS i CREATE (:Artifact {key: 'sha256:' + i})`);
    const { totals, differences } = await verify(3);
    expect([differences.length, totals.unexpected]).toEqual([3, 20]);
  });
});

describe('the commands', () => {
  beforeEach(writeStory);

  async function run(...argv: string[]): Promise<{ out: string[]; exit: number }> {
    const { uri, user, password } = own.server;
    const { io, written } = createTestIo({
      ...{ NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password },
    });
    const program = new Command('stemma').exitOverride().configureOutput({ outputError: () => 0 });
    for (const add of [addDigest, addReplay, addVerifyGraph]) add(program, io);
    for (const command of program.commands) command.option('--json');
    await program.parseAsync(argv, { from: 'user' });
    return { out: written.out, exit: written.exit };
  }

  test('digest prints one kind, or all with their parts', async () => {
    const digests = await computeDigests(own.graph, statements);
    expect(await run('digest', '--kind', 'full')).toEqual({ out: [digests.full.digest], exit: 0 });
    const { out } = await run('digest', '--parts', '--json');
    expect(JSON.parse(out[0]!)).toEqual({ version: 1, digests });
  });

  test('verify-graph exits with 3 where it finds an edit, and replay puts back what is missing', async () => {
    await edit(own.graph, `MATCH (n:Workflow) DETACH DELETE n`);
    const { out, exit } = await run('verify-graph');
    expect(out[0]).toBe('missing     node Workflow https://ci.example/acme#w');
    expect(exit).toBe(3);
    const replayed = await run('replay', '--from', '1', '--types', 'workflow.created');
    expect(replayed.out).toEqual(['1 events applied.']);
    expect((await run('verify-graph')).exit).toBe(0);
  });
});
