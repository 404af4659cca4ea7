import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { planTrim, trim } from '../../../src/bus/log/trim.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { GRAPH } from '../../../src/roles/graph.ts';
import { event, hex } from '../../support/events.ts';
import { killGraphProcesses, startGraphProcess } from '../../support/graph-process.ts';
import { EVENTS, startLive, subscribed, type LiveWorld } from '../../support/live.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { sharedServers } from '../../support/servers.ts';

/** More: STEMMA_TEST_SEEDS=20 STEMMA_TEST_EVENTS=100000 STEMMA_TEST_SUBSCRIBERS=50. */
const SEEDS = Number(process.env['STEMMA_TEST_SEEDS'] ?? 2);
const COUNT = Number(process.env['STEMMA_TEST_EVENTS'] ?? 1_000);
const SUBSCRIBERS = Number(process.env['STEMMA_TEST_SUBSCRIBERS'] ?? 8);
const SOURCE = 'https://ci.example/live-random';

type Filter = { readonly types?: string[]; readonly workflowId?: string; readonly source?: string };

let world: LiveWorld;
afterEach(async () => {
  await killGraphProcesses();
  await world.stop();
});

function mixed(random: Random, floor: number, count: number): Envelope[] {
  return Array.from({ length: count }, (_, at) => {
    const id = `${floor}-${at}`;
    const time = new Date(Date.parse('2026-11-22T10:00:00Z') + at * 1_000).toISOString();
    const rest = {
      id,
      time,
      source: `${SOURCE}/${random.below(3)}`,
      workflowid: `w${random.below(5)}`,
    };
    return random.pick([
      () => event('build.started', { build: `${SOURCE}/${id}` }, rest),
      () => event('source.commit.created', { commit: hex(id, 40) }, rest),
      () => event('artifact.created', { digest: `sha256:${hex(id)}` }, rest),
    ])();
  });
}

function filterOf(random: Random): Filter {
  return {
    ...(random.chance(0.5)
      ? { types: random.some(['build.started', 'source.commit.created', 'artifact.created'], 0.7) }
      : {}),
    ...(random.chance(0.4) ? { workflowId: `w${random.below(5)}` } : {}),
    ...(random.chance(0.3) ? { source: `${SOURCE}/${random.below(3)}` } : {}),
  };
}

const takes =
  ({ types, workflowId, source }: Filter) =>
  ({ type, workflowid, source: from }: Envelope): boolean =>
    (types === undefined || types.includes(type)) &&
    (workflowId === undefined || workflowId === workflowid) &&
    (source === undefined || source === from);

/** How often each API ends; the last one stays. */
const ENDS = 3;

/** An API that is killed, or told to end, and started again. */
function createApi(random: Random) {
  let url: string | null = null;
  let hasEnded = false;
  const isOver = (): boolean => hasEnded;
  async function live(): Promise<void> {
    for (let ends = 0; !isOver(); ends += 1) {
      const process = startGraphProcess({
        ...{ servers: sharedServers(), tag: world.pipeline.tag, main: 'api-process-main.ts' },
        variables: { STEMMA_LIVE_HEARTBEAT_MS: '200' },
      });
      await process.whenReady();
      url = process.said().trim().split(' ')[1]!;
      const end = ends === ENDS ? Infinity : Date.now() + 500 + random.below(2_000);
      while (Date.now() < end && !isOver()) await delay(50);
      if (isOver()) return;
      process.signal(random.chance(0.5) ? 'SIGKILL' : 'SIGTERM');
      url = null;
      await process.ended;
    }
  }
  return { url: () => url, live, end: () => (hasEnded = true) };
}

describe('clients that come and go, with servers that are killed and a bus that is trimmed', () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'each receives exactly its events, in the order of the log, from two processes over both transports: seed %i',
    async (seed) => {
      const random = createRandom(seed);
      world = await startLive();
      const { pipeline, floor } = world;
      const apis = [createApi(random), createApi(random)];
      const served = apis.map(async (api) => api.live());
      const events = mixed(random, floor, COUNT);
      let last = Infinity;

      async function follow(filter: Filter, at: string): Promise<string[]> {
        const ids: string[] = [];
        let position = floor;
        while (position < last) {
          const url = random.pick(apis).url();
          if (url === null) {
            await delay(20);
            continue;
          }
          const transport = random.pick(['ws', 'sse'] as const);
          try {
            const variables = { filter, at, after: position };
            for await (const item of subscribed(url, transport, EVENTS, variables)) {
              const isNext =
                item.event === null ? item.position >= position : item.position > position;
              if (!isNext) ids.push(`${item.position} behind ${position}`);
              if (item.event !== null) ids.push(item.event.eventId);
              ({ position } = item);
              if (position >= last || random.chance(0.005)) break;
            }
          } catch (error) {
            // refused, for good
            if (String(error).includes('"retryable":false')) throw error;
            await delay(20);
          }
        }
        return ids;
      }

      const subscribers = Array.from({ length: SUBSCRIBERS }, () => {
        const filter = filterOf(random);
        return { filter, received: follow(filter, random.pick(['ACCEPTED', 'APPLIED'])) };
      });
      for (let at = 0; at < events.length;) {
        const batch = events.slice(at, (at += 1 + random.below(100)));
        await pipeline.publish(batch);
        if (random.chance(0.3)) {
          await trim(
            pipeline.redis,
            await planTrim(pipeline.redis, pipeline.keys, GRAPH.name, Date.now()),
          );
        }
        await delay(random.below(100));
      }
      last = floor + events.length;
      for (const { filter, received } of subscribers) {
        expect(await received).toEqual(events.filter(takes(filter)).map(({ id }) => id));
      }
      for (const api of apis) api.end();
      await Promise.all(served);
    },
    600_000,
  );
});
