import neo4j from 'neo4j-driver';
import { computeDigests, type Digests } from '../../src/graph/digest.ts';
import type { Envelope } from '../../src/model/event.ts';
import {
  createPipeline,
  type Pipeline,
  type PipelineOptions,
  type TestServers,
} from './pipeline.ts';
import { borrowNeo4j, type BorrowedNeo4j } from './neo4j-pool.ts';
import { proveOurs, startNeo4j, type TestNeo4j } from './servers.ts';

/** A Neo4j that one test file has for itself: it may be emptied. */
export interface EmptyGraph {
  /** Its address together with a Redis. */
  with(redisUrl: string): TestServers;
  /** Removes everything but the record of the schema. */
  wipe(): Promise<void>;
  rows(cypher: string, parameters?: Record<string, unknown>): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** One that it owns: it may be killed as well. */
export interface OwnGraph extends EmptyGraph {
  readonly server: TestNeo4j;
}

/** Emptying the graph changes its statistics: without this every statement would be planned again each time. */
const KEEP_PLANS = { 'dbms.cypher.min_replan_interval': '1h' };

export async function startOwnGraph(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnGraph> {
  const server = await startNeo4j({ ...KEEP_PLANS, ...settings });
  return { ...graphOf(server), server };
}

/** A server that another file may have had before, and that is given back at the end. */
export async function borrowGraph(): Promise<EmptyGraph> {
  return graphOf(await borrowNeo4j(KEEP_PLANS));
}

function graphOf(server: BorrowedNeo4j): EmptyGraph {
  const driver = neo4j.driver(server.uri, neo4j.auth.basic(server.user, server.password), {
    disableLosslessIntegers: true,
  });
  return {
    with: (redisUrl) => ({
      redisUrl,
      neo4jUri: server.uri,
      neo4jUser: server.user,
      neo4jPassword: server.password,
    }),
    async wipe() {
      await proveOurs({ neo4j: server });
      await driver.executeQuery('MATCH (n) WHERE NOT n:Migration DETACH DELETE n');
    },
    async rows(cypher, parameters = {}) {
      const { records } = await driver.executeQuery(cypher, parameters);
      return records.map((record) => record.toObject());
    },
    async stop() {
      await driver.close();
      await server.stop();
    },
  };
}

/** One moment for every event, so that two runs of the same input give the same log. */
export const FIXED_NOW = Date.parse('2026-11-21T12:00:00Z');
export const FIXED: PipelineOptions = { publishedAt: () => FIXED_NOW };

export type State = { readonly content: Digests; readonly full: Digests };

export async function stateOf({ graph, statements }: Pipeline): Promise<State> {
  const { content, full } = await computeDigests(graph, statements, ['content', 'full']);
  return { content, full };
}

/** The state after one undisturbed run; the graph is empty before and after. */
export async function cleanState(
  servers: TestServers,
  own: EmptyGraph,
  events: readonly Envelope[],
): Promise<State> {
  await own.wipe();
  const pipeline = await createPipeline(servers, FIXED);
  try {
    await pipeline.publish(events);
    await pipeline.startWriter();
    await pipeline.caughtUp();
    return await stateOf(pipeline);
  } finally {
    await pipeline.stop();
    await own.wipe();
  }
}
