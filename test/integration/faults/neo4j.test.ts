import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createGraph, type Graph } from '../../../src/graph/driver.ts';
import type { Log } from '../../../src/telemetry.ts';
import { event } from '../../support/events.ts';
import { killGraphProcesses, startGraphProcess } from '../../support/graph-process.ts';
import { createPipeline, type Pipeline, type TestServers } from '../../support/pipeline.ts';
import {
  cleanState,
  FIXED,
  startOwnGraph,
  stateOf,
  type OwnGraph,
  type State,
} from '../../support/pipeline-graph.ts';
import { sampleHistory } from '../../support/pipeline-history.ts';
import { startProxy } from '../../support/pipeline-proxy.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** A database that dies, is away, answers nothing, or has too little memory. */

const EVENTS = sampleHistory('neo4j', 13, 40);
/** Bolt: the chunk of a COMMIT message. */
const COMMIT = Buffer.from([0x00, 0x02, 0xb0, 0x12, 0x00, 0x00]);
const TRANSACTION_MEMORY = '16m';

let own: OwnGraph;
let servers: TestServers;
let clean: State;
let pipeline: Pipeline;

beforeAll(async () => {
  own = await startOwnGraph({ 'db.memory.transaction.max': TRANSACTION_MEMORY });
  servers = own.with(sharedServers().redisUrl);
  clean = await cleanState(servers, own, EVENTS);
}, 180_000);
afterAll(() => own.stop());
beforeEach(async () => {
  await own.wipe();
  pipeline = await createPipeline(servers, FIXED);
});
afterEach(async () => {
  await killGraphProcesses();
  await pipeline.stop();
});

/** A log that remembers what it was told. */
function remembering(): {
  readonly log: Log;
  said: (message: string) => Record<string, unknown>[];
} {
  const lines: { fields: Record<string, unknown>; message: string }[] = [];
  const write = (fields: unknown, message?: unknown): void => {
    lines.push({ fields: fields as Record<string, unknown>, message: String(message) });
  };
  return {
    log: { debug: write, info: write, warn: write, error: write },
    said: (message) => lines.filter((line) => line.message === message).map(({ fields }) => fields),
  };
}

describe('Neo4j', () => {
  test('F13 killed in the middle of a transaction: nothing is lost, nothing is applied twice', async () => {
    const published = await pipeline.publish(EVENTS);
    const writer = startGraphProcess({ servers, tag: pipeline.tag, failpoint: 'in_tx:3:stop' });
    await writer.whenStopped();
    await own.server.kill();
    writer.signal('SIGCONT');
    await own.server.restart();
    await pipeline.caughtUp();
    await writer.stop();
    const stored = await own.rows('MATCH (e:Event) RETURN e.n AS n ORDER BY n');
    expect(stored.map(({ n }) => n)).toEqual(published.map(({ position }) => position));
    expect(await stateOf(pipeline)).toEqual(clean);
    expect(await pipeline.deadLetters()).toEqual([]);
  }, 180_000);

  test('F14 away for long: no event is lost or parked, the writer lives, and goes on when it is back', async () => {
    const { log, said } = remembering();
    await own.server.kill();
    const graph = pipeline.graph;
    const writer = await pipeline.startWriter({ log });
    await pipeline.publish(EVENTS);
    await expect(graph.ping()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    await until(() => said('write failed').length >= 8, 120_000);
    expect(new Set(said('write failed').map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    expect(writer.state()).toEqual({ phase: 'running' });
    expect(await pipeline.deadLetters()).toEqual([]);
    await own.server.restart();
    await pipeline.caughtUp();
    await graph.ping();
    expect(await stateOf(pipeline)).toEqual(clean);
    expect(await pipeline.deadLetters()).toEqual([]);
    expect(writer.counts()).toMatchObject({ applied: EVENTS.length, redelivered: 0, dead: 0 });
  }, 240_000);

  test('F15 cut off exactly at the answer to COMMIT: applied once', async () => {
    const { hostname: host, port } = new URL(servers.neo4jUri);
    const proxy = await startProxy({ host, port: Number(port) });
    const graph: Graph = createGraph({
      uri: `bolt://127.0.0.1:${proxy.port}`,
      user: servers.neo4jUser,
      password: servers.neo4jPassword,
    });
    try {
      await graph.ping();
      await pipeline.publish(EVENTS);
      proxy.loseAnswerTo(COMMIT);
      const writer = await pipeline.startWriter({ graph });
      await pipeline.caughtUp();
      expect(proxy.lost()).toBe(1);
      expect(await stateOf(pipeline)).toEqual(clean);
      expect(writer.counts()).toMatchObject({ applied: EVENTS.length, duplicate: 0, dead: 0 });
      await writer.stop();
    } finally {
      await graph.close();
      await proxy.stop();
    }
  });

  test(`F17 a transaction over its memory limit: halved until it fits, a single event over it is parked`, async () => {
    const large = event(
      'build.completed',
      {
        build: 'https://ci.example/neo4j/large',
        outcome: 'success',
        materials: Array.from(
          { length: 10_000 },
          (_, at) => `pkg:npm/%40neo4j/library-${at}@1.0.${at}`,
        ),
      },
      { id: 'large' },
    );
    const small = Array.from({ length: 7 }, (_, at) =>
      event(
        'build.started',
        { build: `https://ci.example/neo4j/small/${at}` },
        { id: `small-${at}` },
      ),
    );
    const { log, said } = remembering();
    await pipeline.publish([...small.slice(0, 3), large, ...small.slice(3)]);
    const writer = await pipeline.startWriter({ log });
    await pipeline.caughtUp();
    const failures = said('write failed');
    expect(new Set(failures.map(({ kind }) => kind))).toEqual(new Set(['too-large']));
    // of 8, 4, 2 events, and alone: log2(8) + 1 attempts, and never again
    expect(failures.map(({ events }) => events)).toEqual([8, 4, 2, 1]);
    expect(await pipeline.deadLetters()).toMatchObject([
      { code: 'TOO_LARGE_TO_APPLY', attempts: '1', e: JSON.stringify(large) },
    ]);
    expect((await pipeline.deadLetters())[0]!['message']).toMatch(/^too_large/);
    expect(writer.counts()).toMatchObject({ applied: 7, dead: 1 });
    const [row] = await own.rows('MATCH (e:Event) RETURN count(e) AS count');
    expect(row).toEqual({ count: 7 });
  }, 120_000);
});
