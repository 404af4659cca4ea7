import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import neo4j, { type Driver } from 'neo4j-driver';
import { createGraph, type Graph } from '../../src/graph/driver.ts';
import type { EdgeType } from '../../src/model/edge.ts';
import { refId, type NodeLabel, type NodeRef } from '../../src/model/node.ts';

export type SeedEdge = readonly [
  from: NodeRef,
  type: EdgeType,
  to: NodeRef,
  claim?: Readonly<Record<string, unknown>>,
];

export type SeedEvent = Readonly<Record<string, unknown>> & { readonly n: number };

/** A graph of one test in the shared database: everything in it carries the test's own prefix. */
export type Seed = {
  readonly graph: Graph;
  /** Put it into every key. */
  readonly prefix: string;
  /** A log number that nobody else uses, and the 10,000 behind it. */
  readonly n: number;
  ref(label: NodeLabel, key: string): NodeRef;
  nodes(refs: readonly (NodeRef & { readonly properties?: object })[]): Promise<void>;
  /** With both ends, which need not be there yet. */
  edges(edges: readonly SeedEdge[]): Promise<void>;
  events(events: readonly SeedEvent[]): Promise<void>;
  /** Plan of a statement, as the names of its operators with their details. */
  explain(text: string): Promise<string[]>;
  close(): Promise<void>;
};

const SCHEMA = new URL('../../cypher/schema/', import.meta.url);

/** Neo4j of the integration project, from test/support/global-setup.ts. */
export async function createSeed(): Promise<Seed> {
  const options = {
    uri: process.env['STEMMA_TEST_NEO4J_URI'] ?? '',
    user: process.env['STEMMA_TEST_NEO4J_USER'] ?? 'neo4j',
    password: process.env['STEMMA_TEST_NEO4J_PASSWORD'] ?? '',
  };
  const driver = neo4j.driver(options.uri, neo4j.auth.basic(options.user, options.password));
  const graph = createGraph(options);
  await applySchema(driver);
  const prefix = `t${randomUUID().slice(0, 8)}`;
  const run = async (text: string, parameters: object = {}) => {
    await driver.executeQuery(text, parameters);
  };

  const seed: Seed = {
    graph,
    prefix,
    n: 1_000_000_000 + Math.floor(Math.random() * 1e11) * 10_000,
    ref: (label, key) => ({ label, key: `${prefix}${key}` }),
    async nodes(refs) {
      for (const [label, group] of Map.groupBy(refs, (ref) => ref.label)) {
        const rows = group.map(({ key, properties = {} }) => ({ key, p: stored(properties) }));
        await run(
          `UNWIND $rows AS row MERGE (n:${label} {key: row.key}) SET n.resolved = true, n += row.p`,
          { rows },
        );
      }
    },
    async edges(edges) {
      const ends = edges.flatMap(([from, , to]) => [from, to]);
      await seed.nodes([...new Map(ends.map((ref) => [refId(ref), ref])).values()]);
      for (const group of Map.groupBy(edges, ([from, type, to]) =>
        [from.label, type, to.label].join(),
      ).values()) {
        const [from, type, to] = group[0]!;
        const rows = group.map(([a, , b, claim = {}], at) => ({
          a: a.key,
          b: b.key,
          p: stored({
            claim: `urn:${prefix} e${at}`,
            claimant: `urn:${prefix}`,
            validFrom: 1_700_000_000_000,
            knownFrom: 1,
            ...claim,
          }),
        }));
        await run(
          `UNWIND $rows AS row MATCH (a:${from.label} {key: row.a}) MATCH (b:${to.label} {key: row.b}) CREATE (a)-[e:${type}]->(b) SET e += row.p`,
          { rows },
        );
      }
    },
    async events(events) {
      const rows = events.map((event) =>
        stored({
          key: `urn:${prefix} e${event.n}`,
          eventId: `e${event.n}`,
          source: `urn:${prefix}`,
          type: 'build.started',
          at: 1_700_000_000_000 + (event.n % 10_000),
          acceptedAt: 1_700_000_000_000,
          sha256: 'aa',
          contentHash: 'bb',
          body: JSON.stringify({ data: { n: event.n } }),
          ...event,
        }),
      );
      await run('UNWIND $rows AS row CREATE (e:Event) SET e = row', { rows });
    },
    async explain(text) {
      const { summary } = await driver.executeQuery(`EXPLAIN ${text}`);
      return operators(summary.plan as unknown as Plan);
    },
    async close() {
      await graph.close();
      await driver.close();
    },
  };
  return seed;
}

type Plan = { operatorType: string; arguments: Record<string, unknown>; children: Plan[] };

function operators({ operatorType, arguments: details, children }: Plan): string[] {
  return [
    `${operatorType} ${JSON.stringify(details['Details'] ?? '')}`,
    ...children.flatMap(operators),
  ];
}

async function applySchema(driver: Driver): Promise<void> {
  for (const file of readdirSync(SCHEMA)
    .filter((name) => name.endsWith('.cypher'))
    .sort()) {
    const text = readFileSync(new URL(file, SCHEMA), 'utf8').replaceAll(/^\/\/.*$/gm, '');
    for (const command of text.split(';')) {
      if (command.trim() !== '') await driver.executeQuery(command).catch(unlessThere);
    }
  }
  await driver.executeQuery('CALL db.awaitIndexes(60)');
}

/** Another test file may be doing the same: what `IF NOT EXISTS` has not seen yet is there a moment later. */
function unlessThere(error: unknown): void {
  if (!String((error as { code?: unknown }).code).includes('AlreadyExists')) throw error;
}

/** Whole numbers as the writer stores them. */
function stored(properties: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, integers(value)]),
  );
}

function integers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(integers);
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}
