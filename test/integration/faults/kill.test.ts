import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { event, hex } from '../../support/events.ts';
import {
  killGraphProcesses,
  startGraphProcess,
  type GraphProcess,
} from '../../support/graph-process.ts';
import { createPipeline, type Pipeline, type TestServers } from '../../support/pipeline.ts';
import {
  cleanState,
  FIXED,
  borrowGraph,
  stateOf,
  type EmptyGraph,
  type State,
} from '../../support/pipeline-graph.ts';
import { sampleHistory } from '../../support/pipeline-history.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** Processes that die while they write. Every case is judged by the digests of an undisturbed run over the same input. */

const EVENTS = sampleHistory('kill', 1, 40);
let own: EmptyGraph;
let servers: TestServers;
let clean: State;
let pipeline: Pipeline;

beforeAll(async () => {
  own = await borrowGraph();
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

function writer(failpoint?: string, variables: Record<string, string> = {}): GraphProcess {
  return startGraphProcess({
    ...{ servers, tag: pipeline.tag, variables },
    ...(failpoint === undefined ? {} : { failpoint }),
  });
}

async function pending(): Promise<number> {
  let count = 0;
  for (const stream of pipeline.keys.streams) {
    const [number] = (await pipeline.redis.xpending(stream, 'graph').catch(() => [0])) as [number];
    count += number;
  }
  return count;
}

async function attempts(): Promise<number[]> {
  return (await pipeline.redis.hvals(pipeline.keys.attempts('graph'))).map(Number);
}

async function events(): Promise<number> {
  const [row] = await own.rows('MATCH (e:Event) RETURN count(e) AS count');
  return Number(row!['count']);
}

describe('a graph writer that is killed', () => {
  test('F1 after it has read and before it has committed: another one applies everything', async () => {
    await pipeline.publish(EVENTS);
    expect(await writer('after_read:kill').ended).toMatchObject({ signal: 'SIGKILL' });
    expect(await pending()).toBeGreaterThan(0);
    expect(await events()).toBe(0);
    await pipeline.startWriter();
    await pipeline.caughtUp();
    expect(await pending()).toBe(0);
    expect(await stateOf(pipeline)).toEqual(clean);
    expect(await attempts()).toEqual([]);
    expect(await pipeline.deadLetters()).toEqual([]);
  });

  test('F2 after the commit and before the acknowledgement: delivered twice, applied once', async () => {
    await pipeline.publish(EVENTS);
    // one batch, so that everything is committed and nothing acknowledged
    expect(await writer('after_commit:kill').ended).toMatchObject({ signal: 'SIGKILL' });
    const delivered = await pending();
    expect(await events()).toBeGreaterThan(0);

    const second = writer('after_commit:stop');
    await second.whenStopped();
    // a first delivery is not recorded: one redelivery is the second attempt
    const recorded = await attempts();
    expect(recorded.length).toBeGreaterThan(0);
    expect(new Set(recorded)).toEqual(new Set([1]));
    expect(await pending()).toBe(delivered);
    second.signal('SIGCONT');
    await pipeline.caughtUp();
    expect(await stateOf(pipeline)).toEqual(clean);
    expect(await attempts()).toEqual([]);
    await second.stop();
  });

  test('F3 in the middle of a transaction: all of the batch or nothing, and then all of it', async () => {
    await pipeline.publish(EVENTS);
    for (const statement of [1, 2, 5]) {
      const { signal } = await writer(`in_tx:${statement}:kill`).ended;
      expect(signal).toBe('SIGKILL');
      // the transaction ends when the database notices that the connection is gone
      await until(async () => [0, EVENTS.length].includes(await events()), 60_000);
    }
    await pipeline.startWriter();
    await pipeline.caughtUp();
    expect(await events()).toBe(EVENTS.length);
    expect(await stateOf(pipeline)).toEqual(clean);
  });

  test('F20 by an event: it is a dead letter after as many attempts as are allowed, its neighbours are applied', async () => {
    const poison = event(
      'build.started',
      { build: 'https://ci.example/kill/poison' },
      { id: 'poison' },
    );
    const middle = EVENTS.length / 2;
    await pipeline.publish([...EVENTS.slice(0, middle), poison, ...EVENTS.slice(middle)]);
    const maxAttempts = 4;
    let deaths = 0;
    for (;;) {
      const process = writer('crash_on:poison:kill', { STEMMA_MAX_ATTEMPTS: String(maxAttempts) });
      const died = process.ended.then(() => true);
      const done = pipeline.caughtUp().then(() => false);
      if (!(await Promise.race([died, done]))) {
        await process.stop();
        break;
      }
      deaths += 1;
      expect(deaths).toBeLessThanOrEqual(maxAttempts);
    }
    expect(deaths).toBe(maxAttempts);
    expect(await pipeline.deadLetters()).toMatchObject([
      { code: 'HANDLER_FAILED', attempts: String(maxAttempts), e: JSON.stringify(poison) },
    ]);
    expect(await attempts()).toEqual([]);
    const { content } = await stateOf(pipeline);
    expect(content).toEqual(clean.content);
  }, 180_000);

  test('F22 or stopped, and goes on after its work was claimed: both finish, nothing is applied twice', async () => {
    await pipeline.publish(EVENTS);
    const slow = writer('after_read:stop', { STEMMA_HEARTBEAT_MS: '60000' });
    await slow.whenStopped();
    const held = await pending();
    expect(held).toBeGreaterThan(0);
    // it still looks alive, so its entries are taken because they are idle
    const other = await pipeline.startWriter({ claimIdleMs: 0 });
    await pipeline.caughtUp();
    expect(other.counts()).toMatchObject({ applied: EVENTS.length, redelivered: held });
    const acknowledged = async (): Promise<number> =>
      Number(/cmdstat_xack:calls=(\d+)/.exec(await pipeline.redis.info('commandstats'))?.[1] ?? 0);
    const before = await acknowledged();
    slow.signal('SIGCONT');
    // its own acknowledgement finds nothing left, and it goes on to work
    await until(async () => (await acknowledged()) > before, 60_000);
    await slow.stop();
    expect(await pending()).toBe(0);
    expect(await stateOf(pipeline)).toEqual(clean);
    expect(await pipeline.deadLetters()).toEqual([]);
  });

  test('F23 twice under one name: the second refuses to start', async () => {
    const name = { STEMMA_CONSUMER: 'writer-1', STEMMA_HEARTBEAT_MS: '20000' };
    const first = writer(undefined, name);
    await first.whenReady();
    const second = writer(undefined, name);
    expect(await second.ended).toMatchObject({ code: 2 });
    expect(second.said()).toContain('CONSUMER_NAME_IN_USE');
    // the first is not disturbed, and the name is free when it has stopped
    await pipeline.publish(EVENTS);
    await pipeline.caughtUp();
    expect(await stateOf(pipeline)).toEqual(clean);
    await first.stop();
    const third = writer(undefined, name);
    await third.whenReady();
    await third.stop();
  });

  test('never shows half an event: a build is there with the edges of the same event', async () => {
    const builds = Array.from({ length: 60 }, (_, at) =>
      event('build.completed', {
        build: `https://ci.example/kill/half/${at}`,
        commit: hex(`half${at}`, 40),
        outcome: 'success',
        artifacts: [{ digest: `sha256:${hex(`half${at}`)}` }],
      }),
    );
    await pipeline.publish(builds);
    const halves = async (): Promise<number> => {
      const [row] = await own.rows(
        'MATCH (b:Build) WHERE NOT (b)-[:BUILT_FROM]->(:Commit) OR NOT (:Artifact)-[:GENERATED_BY]->(b) RETURN count(b) AS count',
      );
      return Number(row!['count']);
    };
    const looking = new AbortController();
    let worst = 0;
    let looks = 0;
    const watch = (async () => {
      for (; !looking.signal.aborted; looks += 1) worst = Math.max(worst, await halves());
    })();
    await writer('in_tx:4:kill', { STEMMA_BATCH_SIZE: '5' }).ended;
    await pipeline.startWriter({ batchSize: 5 });
    await pipeline.caughtUp();
    looking.abort();
    await watch;
    expect(worst).toBe(0);
    expect(looks).toBeGreaterThan(10);
    expect(await halves()).toBe(0);
    expect(await events()).toBe(builds.length);
  });
});
