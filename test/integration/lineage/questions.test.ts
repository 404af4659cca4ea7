import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { assertedBy } from '../../../src/apply/decode.ts';
import { createReader, type Reader } from '../../../src/graph/read/reader.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createWriter } from '../../../src/graph/write/writer.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createHistory } from '../../../src/history/history.ts';
import type { NodeLabel, NodeRef } from '../../../src/model/node.ts';
import { createLineageStream } from '../../../src/roles/lineage-stream.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { event, hex } from '../../support/events.ts';
import { createSeed, type Seed, type SeedEdge } from '../../support/graph-seed.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { startHttp } from '../../support/http.ts';
import { logOf } from '../../support/lineage-oracle.ts';

const LINEAGE = `query ($of: ID!, $direction: LineageDirection! = UPSTREAM, $limit: Int! = 1000, $after: String, $labels: [String!], $where: LineageWhere, $asOf: AsOf, $edgeTypes: [EdgeType!], $minTrust: Trust) {
  lineage(of: $of, direction: $direction, limit: $limit, after: $after, labels: $labels, where: $where, asOf: $asOf, edgeTypes: $edgeTypes, minTrust: $minTrust) {
    nodes { depth node { id key } }
    edges { from to type claims { claim } }
    totals { count byLabel { label count } byDepth { depth count } }
    truncatedBy
    %PAGE%
  }
}`;
const PLAIN = LINEAGE.replace('%PAGE%', '');
const PAGED = LINEAGE.replace('%PAGE%', 'pageInfo { hasNextPage endCursor }');
const PATHS = `query ($from: ID!, $to: ID!, $k: Int! = 1, $direction: LineageDirection! = UPSTREAM) {
  paths(from: $from, to: $to, k: $k, direction: $direction) {
    direction exact
    paths { length nodes { key } edges { from to type claims { claim evidence { __typename id } } } }
    reached { nodes depth }
    completeness { throughPosition }
  }
}`;
type Page = {
  readonly nodes: { readonly node: { readonly key: string } }[];
  readonly edges: unknown[];
  readonly totals: { readonly count: number };
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
};

const HOUR = 3_600_000;
const START = 1_795_000_000_000;
const hour = (at: number): string => new Date(START + at * HOUR).toISOString();

describe('questions about lineage', () => {
  let seed: Seed;
  let reader: Reader;
  let asked: Asked;
  let test = 0;
  let told = 0;
  const statements = loadStatements();
  const open = async () =>
    createTestGraphql({ reader, history: createHistory(seed.graph, statements) });
  beforeAll(async () => {
    seed = await createSeed();
    reader = createReader(seed.graph, statements);
    asked = await open();
  });
  beforeEach(() => {
    test += 1;
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  const ref = (label: NodeLabel, key: string) => seed.ref(label, `-${test}-${key}`);
  const artifact = (key: string) => ref('Artifact', key);
  const short = (key: string) => key.replace(`${seed.prefix}-${test}-`, '');
  async function lineage(of: NodeRef, variables: Record<string, unknown> = {}, query = PLAIN) {
    const { data, errors } = await asked.ask(query, { of: toId(of), ...variables });
    expect(errors).toEqual([]);
    return data.lineage;
  }
  const keysOf = (answer: { nodes: { node: { key: string } }[] }) =>
    answer.nodes.map(({ node }) => short(node.key)).sort();

  /** Writes events with log numbers in this order; gives the number of each. */
  async function tell(...events: ReturnType<typeof event>[]): Promise<number[]> {
    const log = logOf(events, seed.n + told, START + 100 * HOUR);
    told += events.length;
    await createWriter({ graph: seed.graph, statements, assertedBy }).write(log);
    return log.map(({ n }) => n);
  }

  it('F35 pages through a hub of 10,000: every node and edge once, pinned at the first page', async () => {
    const hub = artifact('hub');
    await tell(event('artifact.created', { digest: `sha256:${hex(`${seed.prefix}log`)}` })); // a log to pin at
    const edges = Array.from({ length: 10_000 }, (_, at): SeedEdge => [
      ref('Build', `b${at}`),
      'USED',
      hub,
    ]);
    await seed.edges(edges);
    const seen = new Set<string>();
    let found = 0;
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const answer: Page = await lineage(
        hub,
        { direction: 'DOWNSTREAM', limit: 3_000, after },
        PAGED,
      );
      expect(answer.totals.count).toBe(10_000);
      for (const { node } of answer.nodes) seen.add(node.key);
      found += answer.edges.length;
      after = answer.pageInfo.endCursor;
      expect(answer.pageInfo.hasNextPage).toBe(page < 3);
      if (page > 0) continue;
      // learnt after the first page; and the list is lost
      const late = { knownFrom: Number.MAX_SAFE_INTEGER - 1 };
      await seed.edges([[ref('Build', 'late'), 'USED', hub, late]]);
      await asked.graphql.stop();
      asked = await open();
    }
    expect([seen.size, found]).toEqual([10_000, 10_000]);
    const other = await asked.ask(PAGED, { of: toId(hub), direction: 'UPSTREAM', after });
    expect(other.codes).toEqual(['CURSOR_INVALID']);
  }, 120_000);

  it('keeps a pinned page of `minTrust` still when verdicts arrive later', async () => {
    const commit = ref('Commit', 'c');
    await seed.edges([
      [artifact('a'), 'GENERATED_BY', ref('Build', 'b')],
      [ref('Build', 'b'), 'BUILT_FROM', commit],
    ]);
    const at = (known: number) => ({
      ...{ minTrust: 'SIGNED', asOf: { valid: null, known } },
    });
    const before = await lineage(artifact('a'), at(seed.n + 10));
    expect(keysOf(before)).toEqual([]);
    const verdicts = { trust: 1, trustKnown: [seed.n + 11, seed.n + 12], trustRank: [3, 0] };
    await seed.edges([
      [artifact('a'), 'GENERATED_BY', ref('Build', 'b'), verdicts],
      [ref('Build', 'b'), 'BUILT_FROM', commit, { ...verdicts, trustRank: [2, 2] }],
    ]);
    expect(await lineage(artifact('a'), at(seed.n + 10))).toEqual(before);
    const between = await lineage(artifact('a'), at(seed.n + 11));
    expect(keysOf(between)).toEqual(['b', 'c']);
    const { data } = await asked.ask(
      'query ($of: ID!, $asOf: AsOf) { lineage(of: $of, direction: UPSTREAM, asOf: $asOf) { edges { trust } } }',
      { of: toId(artifact('a')), asOf: { valid: null, known: seed.n + 11 } },
    );
    expect(data.lineage.edges).toEqual([{ trust: 'TRUSTED' }, { trust: 'SIGNED' }]);
    expect(keysOf(await lineage(artifact('a'), at(seed.n + 12)))).toEqual([]);
  }, 180_000);

  it('filters what it returns and not what it walks', async () => {
    const [mine, other] = [ref('Commit', 'mine'), ref('Commit', 'other')];
    await seed.edges([
      [artifact('a'), 'GENERATED_BY', ref('Build', 'b'), { trust: 3 }],
      [ref('Build', 'b'), 'BUILT_FROM', mine, { trust: 2 }],
      [ref('Build', 'b'), 'BUILT_FROM', other],
      [ref('Build', 'b'), 'RAN_ON', ref('Builder', 'r')],
      [mine, 'IN_REPOSITORY', ref('Repository', 'repo')],
      [other, 'PARENT', ref('Commit', 'older')],
    ]);
    const commits = await lineage(artifact('a'), { labels: ['Commit'] });
    expect(keysOf(commits)).toEqual(['mine', 'other']);
    expect(commits.totals).toEqual({
      count: 2,
      byLabel: [{ label: 'Commit', count: 2 }],
      byDepth: [{ depth: 2, count: 2 }],
    });
    expect(commits.edges).toEqual([]);
    const repository = ref('Repository', 'repo').key;
    expect(keysOf(await lineage(artifact('a'), { where: { repository } }))).toEqual(['b', 'mine']);
    expect(keysOf(await lineage(artifact('a'), { minTrust: 'SIGNED' }))).toEqual(['b', 'mine']);
    expect(keysOf(await lineage(artifact('a'), { minTrust: 'TRUSTED' }))).toEqual(['b']);
    const edgeTypes = ['GENERATED_BY', 'RAN_ON'];
    expect(keysOf(await lineage(artifact('a'), { edgeTypes }))).toEqual(['b', 'r']);
    expect(keysOf(await lineage(other, { edgeTypes: ['PARENT'], direction: 'BOTH' }))).toEqual([
      'older',
    ]);
    const both = await lineage(ref('Build', 'b'), { direction: 'BOTH' });
    expect(keysOf(both)).toEqual(['a', 'mine', 'other']);
    expect(both.edges).toHaveLength(3);
  });

  it('F34 answers for any moment: two claims and one withdrawn, asserted again, retracted first, told late', async () => {
    const [a, b] = [
      `sha256:${hex(`${seed.prefix}${test}a`)}`,
      `sha512:${hex(`${seed.prefix}${test}b`, 128)}`,
    ];
    const alias = (id: string, at: number) =>
      event('alias.asserted', { alias: a, of: b }, { id: `${seed.prefix}${id}`, time: hour(at) });
    const withdrawn = (id: string, of: string, at: number) =>
      event(
        'claim.withdrawn',
        { claim: `https://ci.example/acme ${seed.prefix}${of}` },
        { id: `${seed.prefix}${id}`, time: hour(at) },
      );
    const [first, second, , gone, again, , late] = await tell(
      alias('one', 1),
      alias('two', 2),
      withdrawn('w1', 'one', 3),
      withdrawn('w2', 'two', 4),
      alias('three', 6),
      withdrawn('w4', 'four', 9),
      alias('four', 8), // retracted before it was told
    );
    const of = { label: 'Artifact', key: a } as const;
    const claims = async (at: number | null, known: number | null) => {
      const valid = at === null ? null : hour(at);
      const { edges } = await lineage(of, { asOf: { valid, known } });
      return edges
        .flatMap((edge: any) => edge.claims) // eslint-disable-line @typescript-eslint/no-explicit-any
        .map(({ claim }: { claim: string }) => claim.split(seed.prefix)[1])
        .filter((claim: string, at: number, all: string[]) => all.indexOf(claim) === at)
        .sort();
    };
    expect(await claims(0, null)).toEqual([]);
    expect(await claims(1, null)).toEqual(['one']);
    expect(await claims(2, null)).toEqual(['one', 'two']);
    expect(await claims(3, null)).toEqual(['two']);
    expect(await claims(3, second!)).toEqual(['one', 'two']); // not yet known to be withdrawn
    expect(await claims(5, null)).toEqual([]);
    expect(await claims(6, gone!)).toEqual([]);
    expect(await claims(6, again!)).toEqual(['three']);
    expect(await claims(8, null)).toEqual(['four', 'three']);
    expect(await claims(8, late! - 1)).toEqual(['three']);
    expect(await claims(null, null)).toEqual(['three']);
    expect(await claims(null, first!)).toEqual(['one']);
  });

  it('knows of a withdrawn advisory until it was withdrawn', async () => {
    const id = `CVE-2026-${seed.prefix}`;
    const purl = `pkg:npm/${seed.prefix}@1.0.0`;
    const [known] = await tell(
      event(
        'vulnerability.detected',
        { vulnerability: id, affects: [purl], severity: 'high' },
        { id: `${seed.prefix}v1`, time: hour(1) },
      ),
      event(
        'vulnerability.withdrawn',
        { vulnerability: id },
        { id: `${seed.prefix}v2`, time: hour(3) },
      ),
      event(
        'vulnerability.detected',
        { vulnerability: id, affects: [purl], severity: 'low' },
        { id: `${seed.prefix}v3`, time: hour(5) },
      ),
    );
    const of = { label: 'Vulnerability', key: id } as const;
    const count = async (at: number, n: number | null = null) =>
      (await lineage(of, { direction: 'DOWNSTREAM', asOf: { valid: hour(at), known: n } })).nodes
        .length;
    expect([await count(0), await count(2), await count(4), await count(6)]).toEqual([0, 1, 0, 1]);
    expect(await count(4, known)).toBe(1);
    const at = async (when: number) =>
      (
        await asked.ask(
          `query ($id: ID!, $asOf: AsOf!) { node: entityAt(id: $id, asOf: $asOf) { ... on Vulnerability { severity withdrawnAt resolved } } }`,
          { id: toId(of), asOf: { valid: hour(when) } },
        )
      ).data.node;
    expect(await at(0)).toBeNull();
    expect(await at(2)).toEqual({ severity: 'HIGH', withdrawnAt: null, resolved: true });
    expect(await at(4)).toMatchObject({ severity: 'HIGH', withdrawnAt: hour(3) });
    expect(await at(6)).toMatchObject({ severity: 'LOW' });
  });

  it('finds the shortest ways, each with its evidence, and says how far it got', async () => {
    const digests = ['a', 'b', 'c'].map((key) => `sha256:${hex(`${seed.prefix}p${key}`)}`);
    const [a = '', b = '', c = ''] = digests;
    const build = `https://ci.example/${seed.prefix}/runs/1`;
    const start = { time: hour(1) };
    await tell(
      event(
        'artifact.created',
        { digest: a, derivedFrom: [b], build },
        { ...start, id: `${seed.prefix}p1` },
      ),
      event(
        'artifact.created',
        { digest: b, derivedFrom: [c] },
        { ...start, id: `${seed.prefix}p2` },
      ),
      event(
        'build.started',
        { build, materials: [c], builder: 'https://builder.example/' + seed.prefix },
        { ...start, id: `${seed.prefix}p3` },
      ),
      event(
        'artifact.created',
        { digest: `sha256:${hex(`${seed.prefix}far`)}` },
        { ...start, id: `${seed.prefix}p4` },
      ),
    );
    const id = (key: string, label: NodeLabel = 'Artifact') => toId({ label, key });
    const ways = async (variables: Record<string, unknown>) => {
      const { data, errors } = await asked.ask(PATHS, variables);
      expect(errors).toEqual([]);
      return data.paths;
    };
    const two = await ways({ from: id(a), to: id(c), k: 5 });
    expect(two.paths.map(({ length }: { length: number }) => length)).toEqual([2, 2]);
    expect(two).toMatchObject({ direction: 'UPSTREAM', exact: true, reached: null });
    const evidence = two.paths[0].edges.flatMap((edge: any) => edge.claims); // eslint-disable-line @typescript-eslint/no-explicit-any
    expect(evidence[0].evidence).toEqual({
      __typename: 'Event',
      id: toId({ label: 'Event', key: evidence[0].claim } as never),
    });
    expect((await ways({ from: id(a), to: id(c) })).paths).toHaveLength(1);
    expect((await ways({ from: id(c), to: id(a) })).reached).toEqual({ nodes: 0, depth: 0 });
    expect(await ways({ from: id(c), to: id(a), direction: 'BOTH' })).toMatchObject({
      direction: 'DOWNSTREAM',
      paths: [{ length: 2 }],
    });
    expect((await ways({ from: id(a), to: id(a) })).paths).toEqual([
      { length: 0, nodes: [{ key: a }], edges: [] },
    ]);
    const none = await ways({ from: id(a), to: id(`sha256:${hex(`${seed.prefix}far`)}`) });
    expect(none).toMatchObject({ direction: null, paths: [], reached: { nodes: 3, depth: 2 } });
    const builder = await ways({
      from: id(a),
      to: id('https://builder.example/' + seed.prefix, 'Builder'),
    });
    expect(builder.paths[0].nodes.map(({ key }: { key: string }) => key)).toEqual([
      a,
      build,
      'https://builder.example/' + seed.prefix,
    ]);
  });

  it('streams the same as it answers, row by row', async () => {
    await seed.edges([
      [artifact('a'), 'GENERATED_BY', ref('Build', 'b'), { claim: 'c1' }],
      [artifact('a'), 'GENERATED_BY', ref('Build', 'b'), { claim: 'c2', trust: 3 }],
      [ref('Build', 'b'), 'USED', artifact('a')],
      [ref('Build', 'b'), 'USED', artifact('say "x"')],
      [ref('Build', 'b'), 'RAN_ON', ref('Builder', 'r')],
    ]);
    const stream = createLineageStream({
      ...{ graph: seed.graph, statements, reader, now: Date.now, log: SILENT },
    });
    const http = await startHttp({ lineage: stream });
    try {
      const rows = async (of: NodeRef, search: string) => {
        const response = await fetch(`${http.address}/lineage.ndjson?of=${toId(of)}&${search}`);
        const lines = (await response.text()).trimEnd().split('\n');
        return lines.map((line) => JSON.parse(line) as Record<string, any>); // eslint-disable-line @typescript-eslint/no-explicit-any
      };
      const all = await rows(artifact('a'), 'direction=upstream');
      expect(all.at(-1)).toEqual({ end: { nodes: 2, edges: 3, truncated: false } });
      expect(all.flatMap(({ node }) => (node === undefined ? [] : [short(node.key)]))).toEqual([
        'a',
        'b',
        'say "x"',
      ]);
      expect(all.find(({ edge }) => edge?.type === 'GENERATED_BY')?.['edge'].trust).toBe('TRUSTED');
      const cut = await rows(artifact('a'), 'direction=upstream&maxDepth=1');
      expect(cut.at(-1)).toEqual({ end: { nodes: 1, edges: 2, truncated: true } });
      const before = await rows(artifact('a'), 'direction=upstream&known=0');
      expect(before.at(-1)).toEqual({ end: { nodes: 0, edges: 0, truncated: false } });
      const builder = await rows(ref('Builder', 'r'), 'direction=downstream');
      expect(builder.at(-1)).toEqual({ end: { nodes: 2, edges: 3, truncated: false } });
      for (const [search, status] of [
        [`of=${toId(artifact('nothing'))}&direction=upstream`, 404],
        ['direction=upstream', 400],
        [`of=${toId(artifact('a'))}&direction=sideways`, 400],
      ] as const) {
        expect((await fetch(`${http.address}/lineage.ndjson?${search}`)).status).toBe(status);
      }
    } finally {
      await http.stop();
    }
  });
});
