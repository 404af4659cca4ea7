import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assertedBy, decodeEntry } from '../../../src/apply/decode.ts';
import type { Graph } from '../../../src/graph/driver.ts';
import { parseStatement } from '../../../src/graph/statement.ts';
import { createWriter, type LoggedEvent } from '../../../src/graph/write/writer.ts';
import { sha256, type Envelope } from '../../../src/model/event.ts';
import { event, hex } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await createPipeline(sharedServers());
});
afterAll(() => pipeline.stop());

/** Log numbers that no other test of this graph hands out. */
let last = 771_000_000;
const logged = (envelope: Envelope, n = (last += 1)): LoggedEvent =>
  decodeEntry({ n, acceptedAt: 1, text: JSON.stringify(envelope), contentHash: null });

/** The statements that a write ran, by the first two parts of their names, with how many rows of edges each got. */
async function write(events: readonly LoggedEvent[], graph: Graph = pipeline.graph) {
  const edges = { new: 0, known: 0 };
  const watched: Graph = {
    ...graph,
    write: (name, work, options) => {
      edges.new = edges.known = 0; // of the last try
      return graph.write(
        name,
        (run) =>
          work((statement, parameters) => {
            const { rows } = parameters as { rows?: unknown[] };
            if (statement.name.startsWith('write/new-edge/')) edges.new += rows?.length ?? 0;
            if (statement.name.startsWith('write/edge/')) edges.known += rows?.length ?? 0;
            return run(statement, parameters);
          }),
        options,
      );
    },
  };
  const writer = createWriter({ graph: watched, statements: pipeline.statements, assertedBy });
  return { results: await writer.write(events), edges };
}

/** Claims between two artifacts, with how many ends each has. */
async function claims(from: string, type: string, to: string) {
  const rows = await pipeline.graph.read(
    parseStatement(
      'test',
      `// params: a, b\n// returns: claim, ends, since\nMATCH (:Artifact {key: $a})-[e:${type}]->(:Artifact {key: $b}) RETURN e.claim AS claim, size(coalesce(e.endBy, [])) AS ends, e.validFrom IS NOT NULL AS since`,
    ),
    { a: from, b: to },
  );
  return rows.map((row) => row.toObject());
}

const made = (scope: string) =>
  event(
    'artifact.created',
    { digest: `sha256:${hex(`${scope}-a`)}`, derivedFrom: [`sha256:${hex(`${scope}-b`)}`] },
    { id: `claims-${scope}`, source: 'https://ci.example/claims' },
  );
const ends = (scope: string) =>
  [`sha256:${hex(`${scope}-a`)}`, 'DERIVED_FROM', `sha256:${hex(`${scope}-b`)}`] as const;
const claimOf = (scope: string): string => `https://ci.example/claims claims-${scope}`;

describe('a claim is looked for only where something may be known of it', () => {
  test('of a new event nothing is', async () => {
    const { results, edges } = await write([logged(made('new'))]);
    expect(results).toEqual([{ outcome: 'applied' }]);
    expect(edges).toEqual({ new: 1, known: 0 });
    expect(await claims(...ends('new'))).toHaveLength(1);
  });

  test('an event that comes again under its number is written again, and makes nothing twice', async () => {
    const again = logged(made('again'));
    await write([again]);
    const { results, edges } = await write([again, logged(made('again-beside'))]);
    expect(results).toEqual([{ outcome: 'applied' }, { outcome: 'applied' }]);
    expect(edges).toEqual({ new: 1, known: 1 });
    expect(await claims(...ends('again'))).toHaveLength(1);
    expect(await claims(...ends('again-beside'))).toHaveLength(1);
  });

  test('an event that is in the log under another number is not written, and its neighbours are', async () => {
    const first = logged(made('copy'));
    await write([first]);
    const { results, edges } = await write([logged(made('copy')), logged(made('copy-beside'))]);
    expect(results).toEqual([{ outcome: 'duplicate', first: first.n }, { outcome: 'applied' }]);
    expect(edges).toEqual({ new: 1, known: 0 });
    expect(await claims(...ends('copy'))).toHaveLength(1);
  });

  test('a copy that another writer has just written, too, makes nothing twice', async () => {
    const copies = Array.from({ length: 6 }, () => logged(made('race')));
    const outcomes = await Promise.all(
      copies.map(async (copy) => {
        for (;;) {
          try {
            return (await write([copy])).results[0]?.outcome;
          } catch (error) {
            // a race that the applier tries again
            if (!/Deadlock|ConstraintValidation/.test(JSON.stringify(error))) throw error;
          }
        }
      }),
    );
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
    expect(await claims(...ends('race'))).toHaveLength(1);
  });

  test('an end that was there first is found, by whichever writer', async () => {
    const [a, b] = ['sha256', 'sha512'].map(
      (algorithm) => `${algorithm}:${hex('early', algorithm === 'sha256' ? 64 : 128)}`,
    ) as [string, string];
    const options = { id: 'claims-early', source: 'https://ci.example/claims' };
    const asserted = event('alias.asserted', { alias: a, of: b }, options);
    const withdrawn = event(
      'alias.withdrawn',
      { alias: a, of: b, claim: claimOf('early') },
      { id: 'claims-early-end', source: 'https://ci.example/claims' },
    );
    await write([logged(withdrawn)]);
    expect(await claims(a, 'SAME_AS', b)).toEqual([
      { claim: claimOf('early'), ends: 1, since: false },
    ]);
    const { edges } = await write([logged(asserted)]);
    expect(edges).toEqual({ new: 0, known: 2 });
    expect(await claims(a, 'SAME_AS', b)).toEqual([
      { claim: claimOf('early'), ends: 1, since: true },
    ]);
  });

  test.each([
    ['an end waits for the claim', 0],
    ['a claim waits for the end', 1],
  ])('%s that is just being written, and they make one edge', async (scope, first) => {
    const [a, b] = [`sha256:${hex(scope)}`, `sha512:${hex(scope, 128)}`];
    const source = 'https://ci.example/claims';
    // both things are known already, so that nothing but the claim makes the two wait for each other
    await write([
      logged(event('artifact.created', { digest: a, name: 'x' }, { id: `claims-${scope}-a` })),
      logged(event('artifact.created', { digest: b, name: 'x' }, { id: `claims-${scope}-b` })),
    ]);
    const events = [
      event('alias.asserted', { alias: a, of: b }, { id: `claims-${scope}`, source }),
      event('alias.withdrawn', { alias: a, of: b, claim: claimOf(scope) }, { source }),
    ].map((envelope) => logged(envelope));
    const written = Promise.withResolvers<null>();
    const go = Promise.withResolvers<null>();
    const slow: Graph = {
      ...pipeline.graph,
      write: (name, work, options) =>
        pipeline.graph.write(
          name,
          async (run) => {
            const result = await work(run);
            written.resolve(null);
            await go.promise;
            return result;
          },
          options,
        ),
    };
    const one = write([events[first]!], slow);
    await written.promise;
    const other = write([events[1 - first]!]);
    await setTimeout(500);
    go.resolve(null);
    await Promise.all([one, other]);
    expect(await claims(a, 'SAME_AS', b)).toEqual([
      { claim: claimOf(scope), ends: 1, since: true },
    ]);
  });
});

describe('what a package URL implies', () => {
  const wipe = parseStatement(
    'test',
    '// params: claims, keys\n// returns: -\nMATCH (n) WHERE n.key IN $claims OR n.key IN $keys DETACH DELETE n',
  );
  const versionsOf = parseStatement(
    'test',
    '// params: key\n// returns: version, claim, since\nMATCH (:Package {key: $key})<-[e:VERSION_OF]-(v) RETURN v.key AS version, e.claim AS claim, e.knownFrom AS since',
  );
  const contains = (scope: string, names: readonly string[]) => {
    const components = names.map((name) => ({
      ...{ type: 'library', name, version: '1.0.0', 'bom-ref': name },
      purl: `pkg:npm/${name}@1.0.0`,
    }));
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
      ...{ metadata: { component: { type: 'container', name: scope } }, components },
    });
    const data = { digest: `sha256:${sha256(content)}`, content, about: `sha256:${hex(scope)}` };
    return event('document.submitted', data, { id: scope, source: 'https://ci.example/implied' });
  };
  const asked = async (key: string) =>
    (await pipeline.graph.read(versionsOf, { key })).map((row) => row.toObject());

  test('is one edge, since the first log number, however many say so and in whatever order', async () => {
    const [later, first] = [
      logged(contains('implied-1', ['implied-a'])),
      logged(contains('implied-2', ['implied-a'])),
    ];
    const writer = createWriter({
      graph: pipeline.graph,
      statements: pipeline.statements,
      assertedBy,
    });
    await writer.write([first]);
    await writer.write([later]);
    expect(later.n).toBeLessThan(first.n);
    expect(await asked('pkg:npm/implied-a')).toEqual([
      { version: 'pkg:npm/implied-a@1.0.0', claim: 'implied', since: later.n },
    ]);
  });

  test('is written again where the database is another one than this writer wrote to', async () => {
    const writer = createWriter({
      graph: pipeline.graph,
      statements: pipeline.statements,
      assertedBy,
    });
    const before = logged(contains('implied-3', ['implied-b']));
    await writer.write([before]);
    const keys = ['pkg:npm/implied-b', 'pkg:npm/implied-b@1.0.0'];
    await pipeline.graph.write('test', (run) => run(wipe, { claims: [before.identity], keys }));
    const after = logged(contains('implied-4', ['implied-b']));
    await writer.write([after]);
    expect(await asked('pkg:npm/implied-b')).toEqual([
      { version: 'pkg:npm/implied-b@1.0.0', claim: 'implied', since: after.n },
    ]);
  });
});
