import neo4j, { type Driver } from 'neo4j-driver';
import { createSchemas } from '../src/edge/schemas.ts';
import { createGraph, type Graph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { createReader } from '../src/graph/reader.ts';
import { loadStatements } from '../src/graph/statement.ts';
import { toId } from '../src/graphql/ids.ts';
import { createGraphql } from '../src/graphql/server.ts';
import { createHttp } from '../src/http/server.ts';
import { LINEAGE_TYPES } from '../src/model/edge.ts';
import type { Intake } from '../src/model/receipt.ts';
import { createLineageStream } from '../src/roles/lineage-stream.ts';
import { SILENT } from '../src/telemetry.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

/** Nodes of the graphs; 10^6 takes minutes to load: `npm run -s bench -- lineage 1000000`. */
const SIZES = [10_000, 100_000];
/** Nodes of a page where an answer does not fit one. */
const PAGE = 10_000;
const ONE_PAGE = 100_000;
const TYPES = LINEAGE_TYPES.join('|');
/** Lineages of 40 nodes: the narrow diamond has a build and up to two artifacts on each level, the wide one opens. */
const POINT_DEPTH = { narrow: 20, wide: 11 };
const POINTS = 200;

type Row = {
  readonly bench: 'closure' | 'closure-ndjson' | 'point';
  readonly nodes: number;
  readonly [column: string]: unknown;
};

type Service = {
  readonly address: string;
  stop(): Promise<void>;
};

export async function run(argv: readonly string[]): Promise<object> {
  const asked = argv.map(Number).filter((size) => Number.isSafeInteger(size) && size > 0);
  const sizes = asked.length > 0 ? asked : SIZES;
  const servers = await startBenchServers();
  const graph = createGraph({ uri: servers.neo4jUri, user: '', password: '' });
  const driver = neo4j.driver(servers.neo4jUri, undefined, { disableLosslessIntegers: true });
  const service = await startService(graph);
  try {
    const rows: Row[] = [];
    for (const size of sizes) {
      progress(`loading a diamond of ${size} nodes`);
      await load(driver, size);
      rows.push(...(await closures(driver, service, size)), await points(driver, service, size));
    }
    return {
      bench: 'lineage',
      unit: 'ms',
      rows,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await service.stop();
    await driver.close();
    await graph.close();
    await servers.stop();
  }
}

async function startService(graph: Graph): Promise<Service> {
  const statements = loadStatements();
  await migrate(graph, statements);
  const reader = createReader(graph, statements);
  const intake: Intake = { accept: () => Promise.resolve([]) };
  const graphql = await createGraphql({
    ...{ reader, intake, log: SILENT },
    cursorSecret: 'the secret of a benchmark',
    limits: { maxCost: 1_000_000 },
  });
  const http = await createHttp({
    ...{ host: '127.0.0.1', port: 0, intake, graphql, log: SILENT },
    lineage: createLineageStream({ graph, statements, reader, log: SILENT }),
    readiness: () => Promise.resolve({ ready: true, checks: [] }),
    schemas: createSchemas(),
  });
  return {
    address: http.address,
    async stop() {
      await http.stop();
      await graphql.stop();
    },
  };
}

/** So wide that the largest graph is not deeper than one question walks. */
function widthOf(nodes: number): number {
  return nodes > ONE_PAGE ? 100 : 1;
}

/** Artifact i was made by build i, which used artifacts i + width and i + width + 1; the first one used all of the first row. */
async function load(driver: Driver, nodes: number): Promise<void> {
  const builds = nodes / 2;
  const width = widthOf(nodes);
  for (let at = 0; at < builds; at += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, builds - at) }, (_, i) => at + i).map(
      (i) => ({
        i,
        a: digest(nodes, i),
        b: `https://ci.example/${nodes}/runs/${i}`,
      }),
    );
    await driver.executeQuery(
      `UNWIND $rows AS row
       CREATE (a:Artifact {key: row.a, resolved: true}), (b:Build {key: row.b, resolved: true})
       CREATE (a)-[:GENERATED_BY {claim: 'urn:bench ' + row.i, claimant: 'urn:bench', validFrom: 1700000000000, knownFrom: 1}]->(b)`,
      { rows },
    );
  }
  for (let at = 0; at < builds; at += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, builds - at) }, (_, i) => at + i).flatMap(
      (i) =>
        (i === 0 ? Array.from({ length: width + 1 }, (_, step) => step + 1) : [width, width + 1])
          .filter((step) => i + step < builds)
          .map((step) => ({
            i,
            b: `https://ci.example/${nodes}/runs/${i}`,
            a: digest(nodes, i + step),
          })),
    );
    await driver.executeQuery(
      `UNWIND $rows AS row MATCH (b:Build {key: row.b}) MATCH (a:Artifact {key: row.a})
       CREATE (b)-[:USED {claim: 'urn:bench ' + row.i, claimant: 'urn:bench', validFrom: 1700000000000, knownFrom: 1}]->(a)`,
      { rows },
    );
  }
}

function digest(nodes: number, at: number): string {
  return `sha256:${`${nodes}a${at}`.padStart(64, '0').replaceAll('a', 'f')}`;
}

const CLOSURE = `query ($of: ID!, $limit: Int!, $after: String) {
  lineage(of: $of, direction: UPSTREAM, limit: $limit, after: $after) {
    nodes { depth node { id key label } }
    edges { from to type }
    truncated
  }
}`;
const PAGES = CLOSURE.replace('truncated', 'pageInfo { hasNextPage endCursor }');

async function closures(driver: Driver, service: Service, size: number): Promise<Row[]> {
  const root = digest(size, 0);
  const of = toId({ label: 'Artifact', key: root });
  const paged = size > ONE_PAGE;
  const runs = {
    graphql: async () => (paged ? byPages(service, of) : byGraphql(service, of, ONE_PAGE)),
    ndjson: async () => byNdjson(service, of),
    limit: async () => bare(driver, root, paged ? PAGE : ONE_PAGE),
    packed: async () => packed(driver, root, paged ? PAGE : ONE_PAGE),
    count: async () => bareCount(driver, root),
  };
  const times: Record<keyof typeof runs, number[]> = {
    ...{ graphql: [], ndjson: [], limit: [], packed: [], count: [] },
  };
  const names = Object.keys(runs) as (keyof typeof runs)[]; // Object.keys loses the literal types
  const rounds = size > ONE_PAGE ? 3 : 9;
  for (let round = -2; round < rounds; round += 1) {
    for (const name of names) {
      const start = performance.now();
      await runs[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  const limit = median(times.limit);
  const row = (bench: Row['bench'], values: readonly number[]): Row => ({
    ...{ bench, nodes: size, stemma: round2(median(values)), limit: round2(limit) },
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

async function byGraphql(service: Service, of: string, limit: number): Promise<void> {
  await post(service, { query: CLOSURE, variables: { of, limit } });
}

async function byPages(service: Service, of: string): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const bytes = await post(service, { query: PAGES, variables: { of, limit: PAGE, after } });
    const info = /"hasNextPage":(true|false),"endCursor":"([^"]*)"/.exec(
      Buffer.from(bytes).toString('latin1').slice(-2_000),
    );
    if (info === null) throw new Error('no page info');
    if (info[1] === 'false') return;
    after = info[2] ?? null;
  }
}

async function post(service: Service, body: object): Promise<ArrayBuffer> {
  const response = await fetch(`${service.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const bytes = await response.arrayBuffer();
  if (response.status !== 200 || Buffer.from(bytes).includes('"errors"')) {
    throw new Error(Buffer.from(bytes).toString().slice(0, 500));
  }
  return bytes;
}

async function byNdjson(service: Service, of: string): Promise<void> {
  const response = await fetch(`${service.address}/lineage.ndjson?of=${of}&direction=upstream`);
  let tail = '';
  for await (const chunk of response.body ?? []) {
    tail = (tail + Buffer.from(chunk as Uint8Array).toString('latin1')).slice(-200);
  }
  if (!tail.includes('{"end":')) throw new Error(`the stream broke off: ${tail}`);
}

/** What any client of the driver would write: a record for each node and edge, read page by page. */
async function bare(driver: Driver, root: string, page: number): Promise<void> {
  const nodes = await all(
    driver,
    `MATCH (a:Artifact {key: $root}) MATCH p = (a)-[:${TYPES}*1..100000]->(x)
     WITH x, min(length(p)) AS depth RETURN id(x) AS id, labels(x)[0] AS label, x.key AS key, depth`,
    { root },
  );
  for (let at = 0; at < nodes.length; at += page) {
    const ids = nodes.slice(at, at + page).map((record) => neo4j.int(record.get('id') as number));
    await all(
      driver,
      `UNWIND $ids AS i MATCH (a) WHERE id(a) = i MATCH (a)-[r:${TYPES}]->(b)
       RETURN i AS from, id(b) AS to, type(r) AS type`,
      { ids },
    );
  }
}

/** The same with a thousand to a record. */
async function packed(driver: Driver, root: string, page: number): Promise<void> {
  const rows = await all(
    driver,
    `MATCH (a:Artifact {key: $root}) MATCH p = (a)-[:${TYPES}*1..100000]->(x)
     WITH x, min(length(p)) AS depth
     WITH collect([id(x), labels(x)[0], x.key, depth]) AS rows
     UNWIND range(0, size(rows) - 1, 1000) AS at RETURN rows[at..at + 1000] AS rows`,
    { root },
  );
  const nodes = rows.flatMap((record) => record.get('rows') as [number, ...unknown[]][]);
  for (let at = 0; at < nodes.length; at += page) {
    await all(
      driver,
      `UNWIND $ids AS i MATCH (a) WHERE id(a) = i MATCH (a)-[r:${TYPES}]->(b)
       WITH collect([i, id(b), type(r)]) AS rows
       UNWIND range(0, size(rows) - 1, 1000) AS at RETURN rows[at..at + 1000] AS rows`,
      { ids: nodes.slice(at, at + page).map(([id]) => neo4j.int(id)) },
    );
  }
}

async function bareCount(driver: Driver, root: string): Promise<void> {
  await all(
    driver,
    `MATCH (a:Artifact {key: $root}) MATCH p = (a)-[:${TYPES}*1..100000]->(x)
     WITH x, min(length(p)) AS depth RETURN count(x) AS count`,
    { root },
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
    ...{ bench: 'point', nodes: size, stemma: round2(median(ours)), limit: round2(median(limits)) },
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
