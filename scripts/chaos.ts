/**
 * Random faults while producers send a known set of events, with duplicates and out of order:
 * `npm run chaos -- --seconds 120 --seed 7`. Prints one line of JSON; exit code 1 where something was lost, doubled or different.
 * The same seed gives the same events and the same order of faults; when they strike depends on the machine.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { progressOf } from '../src/bus/lag.ts';
import { computeDigests, type Digests } from '../src/graph/digest.ts';
import { identityOf, type Envelope } from '../src/model/event.ts';
import {
  killGraphProcesses,
  startGraphProcess,
  type GraphProcess,
} from '../test/support/graph-process.ts';
import { createPipeline, type Pipeline } from '../test/support/pipeline.ts';
import { startOwnGraph } from '../test/support/pipeline-graph.ts';
import { sampleHistory } from '../test/support/pipeline-history.ts';
import { proveOurs, startRedis } from '../test/support/servers.ts';
import { until } from '../test/support/until.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    writers: { type: 'string', default: '3' },
    producers: { type: 'string', default: '3' },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const random = createRandom(seed);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // the index is below the length
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Attempts count the deaths of processes, and here they die all the time without being to blame. */
const MAX_ATTEMPTS = '100';
const FAILPOINTS = [
  'after_read:kill',
  'after_commit:kill',
  'in_tx:1:kill',
  'in_tx:6:kill',
] as const;

const redis = await startRedis();
const own = await startOwnGraph();
const servers = own.with(redis.url);
await proveOurs({ redisUrl: redis.url, neo4j: own.server });
// backpressure makes the producers as fast as the writers
const pipeline = await createPipeline(servers, { producer: { limits: { maxWaiting: 1_000 } } });

const sent = new Map<string, Envelope>();
/** Identity → positions under which it was acknowledged. */
const acknowledged = new Map<string, Set<number>>();
const faults = { writers: 0, stops: 0, redis: 0, neo4j: 0 };
let duplicates = 0;
let refused = 0;
let producing = true;
let world = 0;

/** One small world after another, each event at least once, shuffled. */
async function produce(): Promise<void> {
  while (producing) {
    world += 1;
    const events = sampleHistory(`c${seed}-${world}`, seed * 100_000 + world, 20);
    const copies = events.filter(() => random() < 0.3);
    duplicates += copies.length;
    const order = shuffled([...events, ...copies]);
    for (const event of events) sent.set(identityOf(event), event);
    while (order.length > 0) await send(order.splice(0, 1 + Math.floor(random() * 10)));
  }
}

/** A producer that was told nothing sends again. */
async function send(events: readonly Envelope[]): Promise<void> {
  for (;;) {
    try {
      const published = await pipeline.publish(events);
      events.forEach((event, at) => {
        const identity = identityOf(event);
        const result = published[at];
        if (result === undefined) throw new Error(`${identity} was not answered`);
        if (result.outcome === 'conflict') throw new Error(`${identity} is refused as a conflict`);
        const positions = acknowledged.get(identity) ?? new Set();
        acknowledged.set(identity, positions.add(result.position));
      });
      return;
    } catch (error) {
      if (error instanceof Error && error.message.includes('conflict')) throw error;
      refused += 1;
      await delay(50);
    }
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
      const victim = pick([...writers]);
      victim.signal('SIGKILL');
      await victim.ended;
    },
  ],
  [
    'writers',
    4,
    async () => {
      startWriter(pick(FAILPOINTS));
    },
  ],
  [
    'stops',
    2,
    async () => {
      const victim = pick([...writers]);
      victim.signal('SIGSTOP');
      await delay(500 + random() * 3_000);
      victim.signal('SIGCONT');
    },
  ],
  [
    'redis',
    2,
    async () => {
      await redis.kill();
      await delay(random() * 1_000);
      await redis.restart();
    },
  ],
  [
    'neo4j',
    1,
    async () => {
      await own.server.kill();
      await delay(random() * 2_000);
      await own.server.restart();
    },
  ],
];

async function strikeUntil(end: number): Promise<void> {
  while (Date.now() < end) {
    while (writers.size < Number(values.writers)) startWriter();
    await delay(200 + random() * 2_000);
    const [name, , strike] = pick(FAULTS.flatMap((fault) => Array<Fault>(fault[1]).fill(fault)));
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

let exitCode = 1;
try {
  const producers = Array.from({ length: Number(values.producers) }, produce);
  await Promise.race([strikeUntil(Date.now() + seconds * 1_000), Promise.all(producers)]);
  producing = false;
  await Promise.all(producers);
  for (const writer of writers) writer.signal('SIGCONT');
  while (writers.size < 2) startWriter();
  say('waiting until everything is applied');
  await until(() => pipeline.redis.status === 'ready', 60_000);
  await pipeline.caughtUp(600_000);
  await Promise.all([...writers].map((writer) => writer.stop()));

  const log = await own.rows('MATCH (e:Event) RETURN e.key AS identity, e.n AS n, e.body AS body');
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
    different: Object.keys({ ...clean.parts, ...chaos.parts }).filter(
      (part) => clean.parts[part]?.digest !== chaos.parts[part]?.digest,
    ),
  };
  const ok = Object.values(problems).every(
    (problem) => problem === 0 || (Array.isArray(problem) && problem.length === 0),
  );
  exitCode = ok ? 0 : 1;
  const counts = {
    sent: sent.size,
    duplicates,
    refused,
    acknowledged: acknowledged.size,
    stored: stored.size,
  };
  console.log(
    JSON.stringify({
      ok,
      seed,
      seconds,
      ...counts,
      faults,
      ...problems,
      digest: chaos.digest,
      clean: clean.digest,
    }),
  );
  if (!ok) {
    const directory = join(tmpdir(), `stemma-chaos-${randomUUID()}`);
    mkdirSync(directory);
    writeFileSync(join(directory, 'log.json'), JSON.stringify(log));
    say(`the log of the disturbed run is in ${directory}`);
  }
} finally {
  await killGraphProcesses();
  await Promise.allSettled([own.stop(), redis.stop()]);
}
process.exit(exitCode);

function shuffled<T>(list: readonly T[]): T[] {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T]; // both indexes are below the length
  }
  return copy;
}

/** mulberry32: small, and the same everywhere. */
function createRandom(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
