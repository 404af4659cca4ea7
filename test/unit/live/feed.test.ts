import { describe, expect, it } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import type { EventRecord } from '../../../src/graph/read/records.ts';
import { createFeed, type Deliver, type Source } from '../../../src/live/feed.ts';
import { compileFilter, type LiveTerms } from '../../../src/live/filter.ts';

const ANYTHING: LiveTerms = {
  ...{ types: null, source: null, subjectRef: null, subject: null, outcome: null },
  ...{ correlationId: null, causationId: null, workflowId: null },
};
const EVERYTHING = compileFilter(ANYTHING);

const logged = (n: number, type = 'build.started') => ({ n, type, body: '{}' }) as EventRecord;

/** A log that grows when a test says so. */
function createLog() {
  const events: EventRecord[] = [];
  const tails: { deliver: Deliver; fail: (error: StemmaError) => void }[] = [];
  let ended = 0;
  const source: Source = {
    async follow(deliver) {
      const failed = Promise.withResolvers<StemmaError>();
      tails.push({ deliver, fail: failed.resolve });
      return {
        from: events.length,
        failed: failed.promise,
        stop: async () => {
          ended += 1;
          return Promise.resolve();
        },
      };
    },
    // two at a time
    page: async (filter, after, until) => {
      const through = Math.min(until, after + 2);
      return Promise.resolve({
        events: events.slice(after, through).filter(filter.matches),
        through,
      });
    },
    check: async () => Promise.resolve(),
  };
  const add = (event: EventRecord): void => {
    events.push(event);
    tails.at(-1)?.deliver([event], event.n);
  };
  return { source, tails, add, ended: () => ended };
}

function start(heartbeatMs = 60_000) {
  const log = createLog();
  const limit = { events: 3, characters: 1_000 };
  const feed = createFeed({ source: log.source, limit, heartbeatMs });
  const watch = (after: number | null = null, filter = EVERYTHING, dropped: unknown[] = []) =>
    feed.watch(filter, { after, onDropped: (error) => dropped.push(error) });
  return { ...log, feed, watch };
}

describe('a feed', () => {
  it('reads what was before, then what comes, without a gap or a duplicate between the two', async () => {
    const { add, watch } = start();
    for (const n of [1, 2, 3, 4, 5]) add(logged(n));
    const items = watch(1);
    const positions: number[] = [];
    for await (const { position, event } of items) {
      if (event !== null) positions.push(position);
      if (position === 2) add(logged(6)); // while it still reads what was before
      if (position === 6) add(logged(7));
      if (position === 7) break;
    }
    expect(positions).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('follows once for all who watch, and only while anybody does', async () => {
    const { watch, tails, ended, feed } = start();
    const [one, other] = [watch(), watch()];
    await Promise.all([one.next(), other.next()]);
    expect([tails.length, feed.watching()]).toEqual([1, 2]);
    await one.return();
    expect([ended(), feed.watching()]).toEqual([0, 1]);
    await other.return();
    expect([ended(), feed.watching()]).toEqual([1, 0]);
  });

  it('evaluates equal filters once', async () => {
    let evaluated = 0;
    const filter = () => ({
      ...compileFilter({ ...ANYTHING, types: ['b', 'a', 'b'] }),
      matches: () => {
        evaluated += 1;
        return true;
      },
    });
    expect(filter().key).toBe(compileFilter({ ...ANYTHING, types: ['a', 'b'] }).key);
    const { watch, add } = start();
    const watched = [watch(null, filter()), watch(null, filter()), watch(null, filter())];
    await Promise.all(watched.map(async (items) => items.next()));
    const waiting = watched.map(async (items) => items.next());
    await Promise.resolve(); // each has asked
    add(logged(1));
    const items = await Promise.all(waiting);
    expect(items.map(({ value }) => value?.position)).toEqual([1, 1, 1]);
    expect(evaluated).toBe(1);
  });

  it('drops who does not keep up, with the place of the last item that was taken', async () => {
    const { watch, add } = start();
    const dropped: StemmaError[] = [];
    const slow = watch(null, EVERYTHING, dropped);
    await slow.next();
    const waiting = slow.next();
    add(logged(1));
    await waiting;
    const taken = slow.next();
    add(logged(2));
    await taken;
    for (const n of [3, 4, 5, 6]) add(logged(n));
    // the second item was given, and whether it arrived is not known
    expect(dropped).toMatchObject([{ code: 'SLOW_CONSUMER', details: { position: 1 } }]);
    await expect(slow.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' });
  });

  it('tells how far it has come where nothing came that is watched', async () => {
    const { watch, add } = start(20);
    const items = watch(null, compileFilter({ ...ANYTHING, types: ['other'] }));
    await items.next();
    add(logged(1));
    expect((await items.next()).value).toEqual({ position: 1, event: null });
    await items.return();
  });

  it('tells everybody why it cannot go on, and begins anew with whoever comes next', async () => {
    const { watch, tails, add } = start();
    const items = watch();
    await items.next();
    const next = items.next();
    tails[0]!.fail(new StemmaError('STREAM_REWOUND', 'Lost.'));
    await expect(next).rejects.toMatchObject({ code: 'STREAM_REWOUND' });
    const again = watch();
    await again.next();
    expect(tails).toHaveLength(2);
    add(logged(1));
    expect((await again.next()).value).toMatchObject({ position: 1 });
    await again.return();
  });

  it('stopped, tells everybody where to go on, and lets nobody in', async () => {
    const { watch, add, feed } = start();
    const items = watch();
    await items.next();
    const next = items.next();
    add(logged(1));
    await next;
    const last = items.next();
    const stopped = feed.stop();
    expect((await last).value).toEqual({ position: 1, event: null });
    const parked = items.next();
    await stopped;
    await expect(watch().next()).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      retryable: true,
    });
    await items.return();
    expect((await parked).done).toBe(true);
  });
});
