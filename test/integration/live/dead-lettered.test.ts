import { afterEach, describe, expect, it } from '@jest/globals';
import { event } from '../../support/events.ts';
import { startLive, subscribed, type LiveWorld, type Transport } from '../../support/live.ts';
import { until } from '../../support/until.ts';

const QUERY = `subscription ($after: Position) {
  deadLettered(after: $after) { position deadLetter { position code state body } }
}`;
type Item = {
  readonly position: number;
  readonly deadLetter: {
    readonly position: number;
    readonly code: string;
    readonly state: string;
    readonly body: string;
  } | null;
};

let world: LiveWorld;
afterEach(async () => world.stop());

function watch(transport: Transport, after?: number, url = world.url) {
  return subscribed<Item>(url, transport, QUERY, after === undefined ? {} : { after });
}

/** Of the items that come next, so many with a dead letter. */
async function letters(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const found: Item[] = [];
  let reached = -1;
  for await (const item of items) {
    expect(item.position).toBeGreaterThanOrEqual(reached);
    reached = item.position;
    if (item.deadLetter !== null) found.push(item);
    if (found.length === count) break;
  }
  return found;
}

/** Past the edge, so that the writers cannot read it. */
async function publishBroken(text: string): Promise<number> {
  const { redis, keys } = world.pipeline;
  const n = await redis.incr(keys.counter);
  await world.pipeline.append(keys.stream('build'), { n, acceptedAt: Date.now(), e: text });
  return n;
}

async function publishGood(id: string): Promise<void> {
  const build = `https://ci.example/dead-lettered/${world.floor}/${id}`;
  await world.pipeline.publish([event('build.started', { build }, { id: build, source: build })]);
}

describe.each(['ws', 'sse'] as const)('dead letters over %s', (transport) => {
  it('come once, in the order of their positions, and go on where a client left off, with another API too', async () => {
    world = await startLive({ live: { heartbeatMs: 200 } });
    const other = await world.pipeline.startApi();
    const items = watch(transport);
    expect((await items.next()).value).toEqual({ position: world.floor, deadLetter: null });
    await publishGood('before');
    const first = await publishBroken('{ "broken": 1');
    await publishGood('between');
    const second = await publishBroken('not JSON either');
    const came = await letters(items, 2);
    expect(came.map(({ position, deadLetter }) => ({ position, ...deadLetter }))).toEqual([
      { position: first, code: 'EVENT_MALFORMED', state: 'OPEN', body: '{ "broken": 1' },
      { position: second, code: 'EVENT_MALFORMED', state: 'OPEN', body: 'not JSON either' },
    ]);

    expect(await letters(watch(transport, 0), 2)).toEqual(came);
    expect(await letters(watch(transport, first, other.address), 1)).toEqual([came[1]]);
    const third = await publishBroken('a third');
    const after = await letters(watch(transport, second, other.address), 1);
    expect(after).toMatchObject([{ position: third, deadLetter: { body: 'a third' } }]);
  }, 60_000);

  it('are found in the archive as well', async () => {
    world = await startLive({ isHeld: true });
    await world.pipeline.startWriter({
      ...{ maintenanceMs: 100, deadLetterLimits: { letters: 0, bytes: 0 } },
    });
    const positions = [await publishBroken('one'), await publishBroken('two')];
    await publishGood('behind');
    const { redis, keys } = world.pipeline;
    await until(async () => (await redis.hget(keys.deadArchive, 'open')) === '2', 30_000);
    expect(await redis.xlen(keys.dead)).toBe(0);
    for (const after of [0, world.floor]) {
      const found = await letters(watch(transport, after), 2);
      expect(found.map(({ position }) => position)).toEqual(positions);
    }
  }, 60_000);

  it('are not told behind a place that was never given out', async () => {
    world = await startLive();
    const refused = await watch(transport, world.floor + 1_000)
      .next()
      .then(
        () => 'taken',
        (error: unknown) => `${String(error)} ${JSON.stringify(error)}`, // a list of errors, or one with the list in it
      );
    expect(refused).toContain('STREAM_REWOUND');
  }, 60_000);
});
