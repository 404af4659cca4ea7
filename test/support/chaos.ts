import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, whenConnected } from '../../src/bus/redis.ts';
import { progressOf } from '../../src/bus/log/lag.ts';
import { computeDigests, type Digests } from '../../src/graph/digest.ts';
import { identityOf, type Envelope } from '../../src/model/event.ts';
import type { Receipt } from '../../src/model/receipt.ts';
import { GRAPH } from '../../src/roles/graph.ts';
import { createPublisher } from '../../src/roles/publisher.ts';
import { edgeIntake, submit } from './edge.ts';
import { startGraphProcess, type GraphProcess } from './graph-process.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { OwnGraph } from './pipeline-graph.ts';
import { sampleHistory } from './pipeline-history.ts';
import { createRandom } from './random.ts';
import type { TestRedis } from './servers.ts';
import { until } from './until.ts';

export type ChaosOptions = {
  readonly redis: TestRedis;
  /** Emptied before and after. */
  readonly own: OwnGraph;
  readonly seconds: number;
  readonly seed: number;
  readonly writers: number;
  readonly producers: number;
  readonly say: (text: string) => void;
};

/** Attempts count the deaths of processes, and here they die all the time without being to blame. */
const MAX_ATTEMPTS = '100';
const FAILPOINTS = [
  'after_read:kill',
  'after_commit:kill',
  'in_tx:1:kill',
  'in_tx:6:kill',
] as const;

/**
 * Random faults while producers send a known set of events, with duplicates and out of order. What is claimed: acknowledged ⊆ stored ⊆
 * sent, each once; each receipt's word is true a second later; and the graph is that of an undisturbed run. The same seed gives the
 * same events and the same order of faults; when they strike depends on the machine.
 */
export async function runChaos(options: ChaosOptions) {
  const { redis, own, seconds, seed, say } = options;
  const random = createRandom(seed);
  await own.wipe();
  const servers = own.with(redis.url);

  // backpressure makes the producers as fast as the writers
  const pipeline = await createPipeline(servers, { producer: { limits: { maxWaiting: 1_000 } } });

  const subscriber = connectRedis({
    ...{ url: redis.url, name: 'chaos', failFast: false, onError: () => undefined },
  });
  await whenConnected(subscriber);
  const publisher = await createPublisher({
    ...{ producer: pipeline.producer, subscriber, now: Date.now },
    bus: { redis: pipeline.redis, keys: pipeline.keys, group: GRAPH.name },
  });
  const { intake } = edgeIntake({ publisher, now: Date.now });

  const sent = new Map<string, Envelope>();
  /** Identity → positions under which it was acknowledged. */
  const acknowledged = new Map<string, Set<number>>();
  const faults = { writers: 0, stops: 0, redis: 0, neo4j: 0 };
  /** How often each word was given in receipts. */
  const words: Record<string, number> = {};
  /** What was called APPLIED, in the order in which it was said. */
  const given: { readonly identity: string; readonly at: number }[] = [];
  const untrue: string[] = [];
  let duplicates = 0;
  let refused = 0;
  let producing = true;
  let world = 0;

  /** One small world after another, each event at least once, shuffled. */
  async function produce(): Promise<void> {
    while (producing) {
      world += 1;
      const events = sampleHistory(`c${seed}-${world}`, seed * 100_000 + world, 20);
      const copies = events.filter(() => random.next() < 0.3);
      duplicates += copies.length;
      const order = random.shuffled([...events, ...copies]);
      for (const event of events) sent.set(identityOf(event), event);
      while (order.length > 0) await send(order.splice(0, 1 + Math.floor(random.next() * 10)));
    }
  }

  /** A producer that was told nothing sends again. */
  async function send(events: readonly Envelope[]): Promise<void> {
    let left = events;
    const wait = random.next() < 0.3 ? 'APPLIED' : 'ACCEPTED';
    while (left.length > 0) {
      const receipts = await intake
        .accept(submit(...left), { wait, waitMs: 2_000 })
        .catch((): Receipt[] => []);
      const again = left.filter((event, at) => !isTaken(event, receipts[at]));
      refused += again.length;
      if (again.length > 0) await delay(50);
      left = again;
    }
  }

  /** Takes note of what a receipt says. */
  function isTaken(event: Envelope, receipt: Receipt | undefined): boolean {
    if (receipt === undefined || receipt.position === null) {
      if (receipt?.error?.retryable === false) throw new Error(JSON.stringify(receipt));
      return false;
    }
    const identity = identityOf(event);
    const positions = acknowledged.get(identity) ?? new Set();
    acknowledged.set(identity, positions.add(receipt.position));
    const word = receipt.first ?? receipt.status;
    words[word] = (words[word] ?? 0) + 1;
    // what is only ACCEPTED has to be stored in the end
    if (word !== 'ACCEPTED') given.push({ identity, at: Date.now() });
    return true;
  }

  /** Looks a second later whether what was called APPLIED is in the graph; while that is away, later. */
  async function checkWords(): Promise<void> {
    while (producing || given.length > 0) {
      const due = given.filter(({ at }) => at <= Date.now() - 1_000);
      const keys = due.map(({ identity }) => identity);
      const query = 'MATCH (e:Event) WHERE e.key IN $keys RETURN e.key AS identity';
      const rows = due.length === 0 ? [] : await own.rows(query, { keys }).catch(() => null);
      if (rows !== null) {
        const found = new Set(rows.map((row) => String(row['identity'])));
        untrue.push(...keys.filter((identity) => !found.has(identity)));
        given.splice(0, due.length);
      }
      await delay(200);
    }
  }

  const writers = new Set<GraphProcess>();
  function startWriter(failpoint?: string): void {
    const writer = startGraphProcess({
      ...{ servers, tag: pipeline.tag },
      ...(failpoint === undefined ? {} : { failpoint }),
      variables: {
        STEMMA_MAX_ATTEMPTS: MAX_ATTEMPTS,
        STEMMA_BATCH_SIZE: '20',
        STEMMA_HEARTBEAT_MS: '500',
        STEMMA_CLAIM_IDLE_MS: '5000',
      },
    });
    writers.add(writer);
    void writer.ended.then(() => writers.delete(writer));
  }

  type Fault = readonly [name: keyof typeof faults, weight: number, strike: () => Promise<void>];
  /** Neo4j takes long to come back, and nothing else is tried meanwhile. */
  const FAULTS: readonly Fault[] = [
    [
      'writers',
      4,
      async () => {
        const victim = random.pick([...writers]);
        victim.signal('SIGKILL');
        await victim.ended;
      },
    ],
    [
      'writers',
      4,
      async () => {
        startWriter(random.pick(FAILPOINTS));
      },
    ],
    [
      'stops',
      2,
      async () => {
        const victim = random.pick([...writers]);
        victim.signal('SIGSTOP');
        await delay(500 + random.next() * 3_000);
        victim.signal('SIGCONT');
      },
    ],
    [
      'redis',
      2,
      async () => {
        await redis.kill();
        await delay(random.next() * 1_000);
        await redis.restart();
      },
    ],
    [
      'neo4j',
      1,
      async () => {
        await own.server.kill();
        await delay(random.next() * 2_000);
        await own.server.restart();
      },
    ],
  ];

  async function strikeUntil(end: number): Promise<void> {
    while (Date.now() < end) {
      while (writers.size < options.writers) startWriter();
      await delay(200 + random.next() * 2_000);
      const [name, , strike] = random.pick(
        FAULTS.flatMap((fault) => Array<Fault>(fault[1]).fill(fault)),
      );
      say(
        `${Math.round((end - Date.now()) / 1_000)} s left: ${name}; ${acknowledged.size} acknowledged`,
      );
      await strike();
      faults[name] += 1;
    }
  }

  async function contentOf(from: Pipeline): Promise<Digests> {
    return (await computeDigests(from.graph, from.statements, ['content'])).content;
  }

  try {
    const checking = checkWords();
    const producers = Array.from({ length: options.producers }, produce);
    await Promise.race([strikeUntil(Date.now() + seconds * 1_000), Promise.all(producers)]);
    producing = false;
    await Promise.all(producers);
    for (const writer of writers) writer.signal('SIGCONT');
    while (writers.size < 2) startWriter();
    say('waiting until everything is applied');
    await until(() => pipeline.redis.status === 'ready', 60_000);
    await pipeline.caughtUp(600_000);
    // whoever sends again hears what became of the first copy
    const copies = [...sent.values()].slice(0, 100);
    while (copies.length > 0) await send(copies.splice(0, 10));
    await Promise.all([...writers].map((writer) => writer.stop()));
    await checking;
    await checkWords();
    await publisher.stop();

    const log = await own.rows(
      'MATCH (e:Event) RETURN e.key AS identity, e.n AS n, e.body AS body',
    );
    const stored = new Map(log.map((row) => [String(row['identity']), Number(row['n'])]));
    const { lost } = await progressOf(pipeline.redis, pipeline.keys, 'graph');
    const deadLetters = (await pipeline.deadLetters()).length;
    const chaos = await contentOf(pipeline);
    await pipeline.stop();

    say('the same events once more, undisturbed');
    await own.wipe();
    const calm = await createPipeline(servers, { producer: { limits: { maxWaiting: 1_000_000 } } });
    await calm.publish([...sent.values()].filter((event) => stored.has(identityOf(event))));
    await calm.startWriter();
    await calm.caughtUp(600_000);
    const clean = await contentOf(calm);
    await calm.stop();

    const problems = {
      acknowledgedNotStored: [...acknowledged.keys()].filter((identity) => !stored.has(identity))
        .length,
      storedNotSent: [...stored.keys()].filter((identity) => !sent.has(identity)).length,
      storedTwice: log.length - stored.size,
      storedElsewhere: [...stored].filter(
        ([identity, n]) => acknowledged.get(identity)?.has(n) !== true,
      ).length,
      deadLetters,
      lost,
      untrue: untrue.length,
      different: Object.keys({ ...clean.parts, ...chaos.parts }).filter(
        (part) => clean.parts[part]?.digest !== chaos.parts[part]?.digest,
      ),
    };
    const ok = Object.values(problems).every(
      (problem) => problem === 0 || (Array.isArray(problem) && problem.length === 0),
    );
    const counts = {
      ...{ sent: sent.size, duplicates, refused, acknowledged: acknowledged.size },
      ...{ stored: stored.size, words },
    };
    const result = { ok, seed, seconds, ...counts, faults, ...problems };
    return { ...result, digest: chaos.digest, clean: clean.digest, log };
  } finally {
    producing = false;
    given.length = 0;
    await Promise.all([...writers].map((writer) => (writer.signal('SIGKILL'), writer.ended)));
    await own.wipe();
  }
}
