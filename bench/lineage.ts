import { createHash } from 'node:crypto';
import neo4j, { type Driver } from 'neo4j-driver';
import { createGraph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { loadStatements } from '../src/graph/statement.ts';
import { toId } from '../src/graphql/ids.ts';
import { LINEAGE_TYPES } from '../src/model/edge.ts';
import type { NodeRef } from '../src/model/node.ts';
import { commitEdges } from '../test/support/real-graphs.ts';
import { ask } from './ask.ts';
import { startRole } from './role-process.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

/** Nodes of the graphs; 10^6 takes minutes to load: `npm run -s bench -- lineage 1000000`. */
const SIZES = [10_000, 40_000, 100_000];
/** Nodes of a page where an answer does not fit one. */
const PAGE = 10_000;
const ONE_PAGE = 100_000;
/** Lineages of 40 nodes: the narrow diamond has a build and up to two artifacts on each level, the wide one opens. */
const POINT_DEPTH = { narrow: 20, wide: 11 };
const POINTS = 200;

type Row = {
  readonly bench: 'closure' | 'closure-ndjson' | 'point';
  readonly graph: Shape['name'];
  readonly nodes: number;
  readonly [column: string]: unknown;
};

/** A graph that is one lineage of its root. */
type Shape = {
  readonly name: 'diamond' | 'history';
  readonly nodes: number;
  readonly root: NodeRef;
  readonly throughHistory: boolean;
  /** What a walk follows, as Cypher has it. */
  readonly types: string;
  load(driver: Driver): Promise<void>;
};

/** Only the API, in a process of its own: who asks runs here. */
type Service = { readonly address: string };

export async function run(argv: readonly string[]): Promise<object> {
  const asked = argv.map(Number).filter((size) => Number.isSafeInteger(size) && size > 0);
  const sizes = asked.length > 0 ? asked : SIZES;
  const servers = await startBenchServers();
  const driver = neo4j.driver(servers.neo4jUri, undefined, { disableLosslessIntegers: true });
  const graph = createGraph({ uri: servers.neo4jUri, user: '', password: '' });
  await migrate(graph, loadStatements());
  await graph.close();
  const api = await startRole('api', servers);
  const service = { address: api.address ?? '' };
  try {
    const rows: Row[] = [];
    for (const size of sizes) {
      for (const shape of [diamond(size), history(size)]) {
        progress(`loading ${shape.name}, ${shape.nodes} nodes`);
        await shape.load(driver);
        rows.push(...(await closures(driver, service, shape)));
      }
      rows.push(await points(driver, service, size));
    }
    return {
      bench: 'lineage',
      unit: 'ms',
      rows,
      peakMemoryMb: api.peakMemoryMb(),
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await api.stop();
    await driver.close();
    await servers.stop();
  }
}

/** So wide that the largest graph is not deeper than one question walks. */
function widthOf(nodes: number): number {
  return nodes > ONE_PAGE ? 100 : 1;
}

/** Artifact i was made by build i, which used artifacts i + width and i + width + 1; the first one used all of the first row. */
function diamond(nodes: number): Shape {
  const builds = nodes / 2;
  const width = widthOf(nodes);
  // before the first event, because the log is empty and pages are pinned to its end
  const claim = `claimant: 'urn:bench', validFrom: 1700000000000, knownFrom: 0`;
  return {
    ...{ name: 'diamond', nodes, throughHistory: false, types: LINEAGE_TYPES.join('|') },
    root: { label: 'Artifact', key: digest(nodes, 0) },
    async load(driver) {
      await inBatches(builds, async (is) => {
        const rows = is.map((i) => ({ i, a: digest(nodes, i), b: buildOf(nodes, i) }));
        await driver.executeQuery(
          `UNWIND $rows AS row
           CREATE (a:Artifact {key: row.a, resolved: true}), (b:Build {key: row.b, resolved: true})
           CREATE (a)-[:GENERATED_BY {claim: 'urn:bench ' + row.i, ${claim}}]->(b)`,
          { rows },
        );
      });
      await inBatches(builds, async (is) => {
        const rows = is.flatMap((i) =>
          (i === 0 ? Array.from({ length: width + 1 }, (_, step) => step + 1) : [width, width + 1])
            .filter((step) => i + step < builds)
            .map((step) => ({ i, b: buildOf(nodes, i), a: digest(nodes, i + step) })),
        );
        await driver.executeQuery(
          `UNWIND $rows AS row MATCH (b:Build {key: row.b}) MATCH (a:Artifact {key: row.a})
           CREATE (b)-[:USED {claim: 'urn:bench ' + row.i, ${claim}}]->(a)`,
          { rows },
        );
      });
    },
  };
}

/** Copies of the newest commits of a real repository, with its merges: each copy goes on with two others where it begins. */
function history(size: number): Shape {
  const edges = commitEdges(
    new URL('../test/fixtures/git-history/cli_cli.newest-300.commits.jsonl', import.meta.url),
  );
  const parents = new Set(edges.map(([, parent]) => parent));
  const children = new Set(edges.map(([child]) => child));
  const shas = [...new Set(edges.flat())];
  const newest = shas.find((sha) => !parents.has(sha)) ?? '';
  const oldest = shas.find((sha) => !children.has(sha)) ?? '';
  const copies = Math.max(1, Math.floor(size / shas.length));
  const keyOf = (copy: number, sha: string): string =>
    createHash('sha1').update(`${size} ${copy} ${sha}`).digest('hex');
  const joints = (copy: number) =>
    [2 * copy + 1, 2 * copy + 2].filter((next) => next < copies).map((next) => [copy, next]);
  return {
    ...{ name: 'history', nodes: copies * shas.length, throughHistory: true },
    types: [...LINEAGE_TYPES, 'PARENT'].join('|'),
    root: { label: 'Commit', key: keyOf(0, newest) },
    async load(driver) {
      await inBatches(
        copies,
        async (batch) => {
          const keys = batch.flatMap((copy) => shas.map((sha) => keyOf(copy, sha)));
          await driver.executeQuery(
            'UNWIND $keys AS key CREATE (:Commit {key: key, resolved: true})',
            { keys },
          );
        },
        30,
      );
      await inBatches(
        copies,
        async (batch) => {
          const within = batch.flatMap((copy) =>
            edges.map(([from, to]) => [keyOf(copy, from), keyOf(copy, to)]),
          );
          const between = batch
            .flatMap(joints)
            .map(([from = 0, to = 0]) => [keyOf(from, oldest), keyOf(to, newest)]);
          await driver.executeQuery(
            `UNWIND $rows AS row MATCH (a:Commit {key: row[0]}) MATCH (b:Commit {key: row[1]})
           CREATE (a)-[:PARENT {claim: 'urn:bench ' + row[0], claimant: 'urn:bench', validFrom: 1700000000000, knownFrom: 0}]->(b)`,
            { rows: [...within, ...between] },
          );
        },
        30,
      );
    },
  };
}

async function inBatches(
  count: number,
  work: (batch: readonly number[]) => Promise<void>,
  size = 10_000,
): Promise<void> {
  for (let at = 0; at < count; at += size) {
    await work(Array.from({ length: Math.min(size, count - at) }, (_, i) => at + i));
  }
}

function buildOf(nodes: number, at: number): string {
  return `https://ci.example/${nodes}/runs/${at}`;
}

function digest(nodes: number, at: number): string {
  return `sha256:${`${nodes}a${at}`.padStart(64, '0').replaceAll('a', 'f')}`;
}

const CLOSURE = `query ($of: ID!, $limit: Int!, $after: String, $throughHistory: Boolean!) {
  lineage(of: $of, direction: UPSTREAM, limit: $limit, after: $after, throughHistory: $throughHistory) {
    nodes { depth node { id key label } }
    edges { from to type }
    truncated
  }
}`;
const PAGES = CLOSURE.replace('truncated', 'pageInfo { hasNextPage endCursor }');

async function closures(driver: Driver, service: Service, shape: Shape): Promise<Row[]> {
  const { nodes } = shape;
  const variables = { of: toId(shape.root), throughHistory: shape.throughHistory };
  const paged = nodes > ONE_PAGE;
  const page = paged ? PAGE : ONE_PAGE;
  const runs = {
    graphql: async () =>
      paged
        ? byPages(service, variables)
        : post(service, { query: CLOSURE, variables: { ...variables, limit: ONE_PAGE } }),
    ndjson: async () => byNdjson(service, variables),
    limit: async () => bare(driver, shape, page),
    packed: async () => packed(driver, shape, page),
    count: async () => bareCount(driver, shape),
  };
  const times: Record<keyof typeof runs, number[]> = {
    ...{ graphql: [], ndjson: [], limit: [], packed: [], count: [] },
  };
  const names = Object.keys(runs) as (keyof typeof runs)[]; // Object.keys loses the literal types
  const rounds = paged ? 3 : 9;
  for (let round = -2; round < rounds; round += 1) {
    for (const name of names) {
      const start = performance.now();
      await runs[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  const limit = median(times.limit);
  const row = (bench: Row['bench'], values: readonly number[]): Row => ({
    ...{ bench, graph: shape.name, nodes, stemma: round2(median(values)), limit: round2(limit) },
    ratio: round2(median(values) / limit),
    p50Ms: round2(median(values)),
    p95Ms: round2(quantile(values, 0.95)),
    limitPacked: round2(median(times.packed)),
    bareCount: round2(median(times.count)),
  });
  const rows = [row('closure', times.graphql), row('closure-ndjson', times.ndjson)];
  for (const one of rows) progress(JSON.stringify(one));
  return rows;
}

type Question = { readonly of: string; readonly throughHistory: boolean };

async function byPages(service: Service, question: Question): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const text = await post(service, {
      query: PAGES,
      variables: { ...question, limit: PAGE, after },
    });
    const info = /"hasNextPage":(true|false),"endCursor":"([^"]*)"/.exec(text.slice(-2_000));
    if (info === null) throw new Error(`no page info: ${text.slice(-300)}`);
    if (info[1] === 'false') return;
    after = info[2] ?? null;
  }
}

async function post(service: Service, body: object): Promise<string> {
  const text = await ask(`${service.address}/graphql`, JSON.stringify(body));
  if (text.includes('"errors"')) throw new Error(text.slice(0, 500));
  return text;
}

async function byNdjson(service: Service, { of, throughHistory }: Question): Promise<void> {
  const text = await ask(
    `${service.address}/lineage.ndjson?of=${of}&direction=upstream&throughHistory=${throughHistory}`,
  );
  if (!text.includes('{"end":')) throw new Error(`the stream broke off: ${text.slice(-200)}`);
}

/** What any client of the driver would write: a record for each node and edge, read page by page. */
async function bare(driver: Driver, { root, types }: Shape, page: number): Promise<void> {
  const nodes = await all(
    driver,
    `MATCH (a:${root.label} {key: $root}) MATCH p = (a)-[:${types}*1..100000]->(x)
     WITH x, min(length(p)) AS depth RETURN id(x) AS id, labels(x)[0] AS label, x.key AS key, depth`,
    { root: root.key },
  );
  for (let at = 0; at < nodes.length; at += page) {
    const ids = nodes.slice(at, at + page).map((record) => neo4j.int(record.get('id') as number));
    await all(
      driver,
      `UNWIND $ids AS i MATCH (a) WHERE id(a) = i MATCH (a)-[r:${types}]->(b)
       RETURN i AS from, id(b) AS to, type(r) AS type`,
      { ids },
    );
  }
}

/** The same with a thousand to a record. */
async function packed(driver: Driver, { root, types }: Shape, page: number): Promise<void> {
  const rows = await all(
    driver,
    `MATCH (a:${root.label} {key: $root}) MATCH p = (a)-[:${types}*1..100000]->(x)
     WITH x, min(length(p)) AS depth
     WITH collect([id(x), labels(x)[0], x.key, depth]) AS rows
     UNWIND range(0, size(rows) - 1, 1000) AS at RETURN rows[at..at + 1000] AS rows`,
    { root: root.key },
  );
  const nodes = rows.flatMap((record) => record.get('rows') as [number, ...unknown[]][]);
  for (let at = 0; at < nodes.length; at += page) {
    await all(
      driver,
      `UNWIND $ids AS i MATCH (a) WHERE id(a) = i MATCH (a)-[r:${types}]->(b)
       WITH collect([i, id(b), type(r)]) AS rows
       UNWIND range(0, size(rows) - 1, 1000) AS at RETURN rows[at..at + 1000] AS rows`,
      { ids: nodes.slice(at, at + page).map(([id]) => neo4j.int(id)) },
    );
  }
}

async function bareCount(driver: Driver, { root, types }: Shape): Promise<void> {
  await all(
    driver,
    `MATCH (a:${root.label} {key: $root}) MATCH p = (a)-[:${types}*1..100000]->(x)
     WITH x, min(length(p)) AS depth RETURN count(x) AS count`,
    { root: root.key },
  );
}

async function all(driver: Driver, text: string, parameters: object) {
  const session = driver.session({ defaultAccessMode: neo4j.session.READ, fetchSize: 2_000 });
  try {
    return (await session.run(text, parameters)).records;
  } finally {
    await session.close();
  }
}

const POINT = `query ($of: ID!, $depth: Int!) {
  lineage(of: $of, direction: UPSTREAM, maxDepth: $depth) {
    nodes { depth node { id key label name } } edges { from to type trust } truncated
  }
}`;

const TYPES = LINEAGE_TYPES.join('|');

/** Small lineages in a large graph. */
async function points(driver: Driver, service: Service, size: number): Promise<Row> {
  const ours: number[] = [];
  const limits: number[] = [];
  const depth = widthOf(size) === 1 ? POINT_DEPTH.narrow : POINT_DEPTH.wide;
  for (let round = -20; round < POINTS; round += 1) {
    const at = Math.floor(((round + 20) * size) / 2 / (POINTS + 40));
    const root = digest(size, at);
    const start = performance.now();
    await post(service, {
      query: POINT,
      variables: { of: toId({ label: 'Artifact', key: root }), depth },
    });
    const middle = performance.now();
    await barePoint(driver, root, depth);
    const end = performance.now();
    if (round < 0) continue;
    ours.push(middle - start);
    limits.push(end - middle);
  }
  const row: Row = {
    ...{ bench: 'point', graph: 'diamond', nodes: size },
    ...{ stemma: round2(median(ours)), limit: round2(median(limits)) },
    ratio: round2(median(ours) / median(limits)),
    p50Ms: round2(median(ours)),
    p95Ms: round2(quantile(ours, 0.95)),
  };
  progress(JSON.stringify(row));
  return row;
}

async function barePoint(driver: Driver, root: string, depth: number): Promise<void> {
  const nodes = await all(
    driver,
    `MATCH (a:Artifact {key: $root}) MATCH p = (a)-[:${TYPES}*1..${depth}]->(x)
     WITH x, min(length(p)) AS depth RETURN id(x) AS id, labels(x)[0] AS label, properties(x) AS properties, depth`,
    { root },
  );
  await all(
    driver,
    `UNWIND $ids AS i MATCH (a) WHERE id(a) = i MATCH (a)-[r:${TYPES}]->(b) WHERE id(b) IN $ids
     RETURN i AS from, id(b) AS to, type(r) AS type`,
    { ids: nodes.map((record) => neo4j.int(record.get('id') as number)) },
  );
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
