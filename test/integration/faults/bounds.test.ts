import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { progressOf } from '../../../src/bus/log/lag.ts';
import { createProducer } from '../../../src/bus/log/producer.ts';
import { planTrim, staleGroups, trim } from '../../../src/bus/log/trim.ts';
import { event } from '../../support/events.ts';
import { createPipeline, toAccepted, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

/** What keeps the memory of Redis bounded: trimming and backpressure. */

const DAY_MS = 86_400_000;
let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await createPipeline(sharedServers());
});
afterEach(() => pipeline.stop());

let count = 0;
function build() {
  count += 1;
  return event(
    'build.started',
    { build: `https://ci.example/bounds/${process.pid}/${count}` },
    { id: `bounds-${process.pid}-${count}` },
  );
}

describe('trimming', () => {
  test('removes only what every registered group has acknowledged', async () => {
    const { redis, keys } = pipeline;
    const stream = keys.stream('build');
    const writer = await pipeline.startWriter({ maintenanceMs: DAY_MS });
    await redis.xgroup('CREATE', stream, 'metrics', '0');
    await redis.sadd(keys.registered('metrics'), stream);
    await redis.hset(keys.groups, 'metrics', Date.now());
    await pipeline.publish(Array.from({ length: 6 }, build));
    await pipeline.caughtUp();

    expect(await trim(redis, await planTrim(redis, keys, 'graph', Date.now()))).toBe(0);
    const [[, read]] = (await redis.xreadgroup(
      'GROUP',
      'metrics',
      'm',
      'COUNT',
      4,
      'STREAMS',
      stream,
      '>',
    )) as [[string, [string, string[]][]]];
    const ids = read.map(([id]) => id);
    await redis.xack(stream, 'metrics', ids[0]!, ids[1]!, ids[3]!);
    // the third is pending, so it stays with all behind it
    expect(await trim(redis, await planTrim(redis, keys, 'graph', Date.now()))).toBe(2);
    expect((await redis.xrange(stream, '-', '+'))[0]![0]).toBe(ids[2]);

    // a group that nobody has seen for a day no longer holds back, and it is told
    expect(await staleGroups(redis, keys, Date.now() + DAY_MS + 60_000)).toEqual(['metrics']);
    expect(
      await trim(redis, await planTrim(redis, keys, 'graph', Date.now() + DAY_MS + 60_000)),
    ).toBe(4);
    await writer.stop();
  });

  test('waits for the graph writer for as long as it takes', async () => {
    const { redis, keys } = pipeline;
    const writer = await pipeline.startWriter({ maintenanceMs: DAY_MS });
    await writer.stop();
    await pipeline.publish([build(), build()]);
    expect(await staleGroups(redis, keys, Date.now() + 30 * DAY_MS)).toEqual([]);
    expect(await trim(redis, await planTrim(redis, keys, 'graph', Date.now() + 30 * DAY_MS))).toBe(
      0,
    );
    expect(await progressOf(redis, keys, 'graph')).toMatchObject({
      waiting: 2,
      through: 0,
      lost: 0,
    });
  });

  test('runs by itself beside the writer, and reports nothing as lost', async () => {
    const { redis, keys } = pipeline;
    let lost = 0;
    await pipeline.startWriter({ maintenanceMs: 10, onLost: (number) => (lost += number) });
    for (let round = 0; round < 10; round += 1)
      await pipeline.publish(Array.from({ length: 20 }, build));
    await pipeline.caughtUp();
    await until(async () => (await redis.xlen(keys.stream('build'))) === 0, 60_000);
    expect(await progressOf(redis, keys, 'graph')).toMatchObject({
      waiting: 0,
      through: 200,
      lost: 0,
    });
    expect(lost).toBe(0);
  });
});

describe('backpressure', () => {
  test('refuses events while the writers are too far behind', async () => {
    const { redis, keys } = pipeline;
    let now = Date.now();
    const producer = createProducer({ redis, keys, now: () => now, limits: { maxWaiting: 5 } });
    const publish = (length: number) =>
      producer.publish(Array.from({ length }, () => toAccepted(build())));
    await publish(6);
    await publish(1); // the answer is up to half a second old
    now += 500;
    await expect(publish(1)).rejects.toMatchObject({
      code: 'BACKPRESSURE',
      details: { retryAfterMs: 1_000 },
    });
    await expect(publish(1)).rejects.toMatchObject({ code: 'BACKPRESSURE' });
    await pipeline.startWriter();
    await pipeline.caughtUp();
    now += 500;
    expect(await publish(1)).toMatchObject([{ outcome: 'appended', position: 8 }]);
  });
});
