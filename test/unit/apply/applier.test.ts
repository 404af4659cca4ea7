import { describe, expect, test } from '@jest/globals';
import { createApplier } from '../../../src/apply/applier.ts';
import type { Entry, Settled } from '../../../src/bus/log/entry.ts';
import { StemmaError } from '../../../src/errors.ts';
import type { LoggedEvent, Writer, WriteResult } from '../../../src/graph/write/writer.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { event } from '../../support/events.ts';

const NOTHING = { first: 0, longest: 0 };

function entry(id: string, n: number, changes: Partial<Entry> = {}): Entry {
  const envelope = event('build.started', { build: `https://ci.example/applier/${id}` }, { id });
  return {
    ...{ stream: 's', id: `${n}-0`, n, acceptedAt: 1_790_000_000_000, contentHash: null },
    ...{ text: JSON.stringify(envelope), onlyFor: null, redeliveries: 0, ...changes },
  };
}

function neo4jError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A writer with a log, that fails as told and remembers what it was asked. */
function writing(fail: (ids: readonly string[], call: number) => Error | null) {
  const calls: string[][] = [];
  const log = new Map<string, { n: number; hash: string }>();
  const writer: Writer = {
    async write(events: readonly LoggedEvent[]) {
      const ids = events.map(({ properties }) => String(properties['eventId']));
      calls.push(ids);
      const error = fail(ids, calls.length);
      if (error !== null) throw error;
      return events.map(({ identity, n, contentHash: hash }): WriteResult => {
        const known = log.get(identity);
        if (known === undefined) {
          log.set(identity, { n, hash });
          return { outcome: 'applied' };
        }
        return known.hash === hash
          ? { outcome: 'duplicate', first: known.n }
          : { outcome: 'conflict', first: known.n, firstHash: known.hash };
      });
    },
    writeChanges: async () => undefined,
    documents: async () => [],
    wholeSince: async () => [],
    revisions: async () => [],
  };
  const recorded: string[] = [];
  const forgiven: string[] = [];
  const attempts = {
    record: async (one: Entry) => void recorded.push(one.id),
    forgive: async (some: readonly Entry[]) => void forgiven.push(...some.map(({ id }) => id)),
  };
  const apply = (entries: readonly Entry[], maxAttempts = 3): Promise<Settled[]> =>
    createApplier({ writer, maxAttempts, log: SILENT, backoffMs: NOTHING }).apply(
      entries,
      new AbortController().signal,
      attempts,
    );
  return { apply, calls, recorded, forgiven };
}

describe('applying a batch', () => {
  test('that fails for an unknown reason is halved until the cause is alone, which is tried as often as allowed', async () => {
    const { apply, calls, recorded } = writing((ids) =>
      ids.includes('bad') ? new Error('no') : null,
    );
    const settled = await apply([entry('a', 1), entry('b', 2), entry('bad', 3), entry('c', 4)]);
    expect(settled.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'dead', 'applied']);
    expect(settled[2]).toMatchObject({ code: 'HANDLER_FAILED', attempts: 3, message: 'no' });
    expect(calls).toEqual([
      ['a', 'b', 'bad', 'c'],
      ['a', 'b'],
      ['bad', 'c'],
      ['bad'],
      ['bad'],
      ['bad'],
      ['c'],
    ]);
    // each try but the first is recorded before it begins
    expect(recorded).toEqual(['3-0', '3-0']);
  });

  test('waits for a database that is away, for as long as it takes, and forgives the redelivery', async () => {
    const { apply, calls, forgiven } = writing((_, call) =>
      call < 40 ? neo4jError('ServiceUnavailable') : null,
    );
    const settled = await apply([entry('a', 1, { redeliveries: 1 }), entry('b', 2)]);
    expect(settled.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
    expect(calls).toHaveLength(40);
    expect(forgiven).toEqual(['1-0', '2-0']);
  });

  test('of a database that refuses the service settles nothing: no event is to blame', async () => {
    const { apply, calls, recorded } = writing(() =>
      neo4jError('Neo.ClientError.Security.Unauthorized'),
    );
    await expect(apply([entry('a', 1), entry('b', 2)])).rejects.toMatchObject({
      code: 'DEPENDENCY_REFUSED',
      message: expect.stringContaining('NEO4J_PASSWORD'),
    });
    expect(calls).toHaveLength(1);
    expect(recorded).toEqual([]);
  });

  test('that is over the time limit of a transaction is halved at once', async () => {
    const slow = neo4jError('Neo.ClientError.Transaction.TransactionTimedOut');
    const { apply, calls } = writing((ids) => (ids.length > 1 ? slow : null));
    const settled = await apply([entry('a', 1), entry('b', 2)]);
    expect(settled.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
    expect(calls).toEqual([['a', 'b'], ['a'], ['b']]);
  });

  test('goes on after deadlocks, and suspects an event where they do not end', async () => {
    const deadlock = neo4jError('Neo.TransientError.Transaction.DeadlockDetected');
    const some = writing((_, call) => (call < 8 ? deadlock : null));
    expect(await some.apply([entry('a', 1)])).toEqual([{ kind: 'applied' }]);
    const endless = writing((ids) => (ids.includes('bad') ? deadlock : null));
    const settled = await endless.apply([entry('bad', 1), entry('b', 2)]);
    expect(settled).toMatchObject([{ kind: 'dead', attempts: 3 }, { kind: 'applied' }]);
  });

  test('does not try again what is over the memory of the database, or malformed', async () => {
    const { apply, calls } = writing(() =>
      neo4jError('Neo.TransientError.General.MemoryPoolOutOfMemoryError'),
    );
    const settled = await apply([entry('large', 1), entry('bad', 2, { text: '{' })]);
    expect(settled).toMatchObject([
      { kind: 'dead', code: 'TOO_LARGE_TO_APPLY', attempts: 1 },
      { kind: 'dead', code: 'EVENT_MALFORMED', attempts: 1 },
    ]);
    expect(calls).toEqual([['large']]);
  });

  test('settles copies within it: equal content is a duplicate, other content a conflict', async () => {
    const { apply, calls } = writing(() => null);
    const other = JSON.stringify(
      event('build.started', { build: 'https://ci.example/other' }, { id: 'a' }),
    );
    const settled = await apply([entry('a', 3), entry('a', 1), entry('a', 2, { text: other })]);
    expect(settled).toMatchObject([
      { kind: 'duplicate', first: 1 },
      { kind: 'applied' },
      { kind: 'dead', code: 'IDEMPOTENCY_CONFLICT' },
    ]);
    // each after the one before it, in the order of the log
    expect(calls).toEqual([['a'], ['a'], ['a']]);
  });

  test('a copy is settled after the first: where that one dies, the next that can be applied is the first', async () => {
    const { apply } = writing((_, call) => (call <= 3 ? new Error('no') : null));
    const other = JSON.stringify(
      event('build.started', { build: 'https://ci.example/other' }, { id: 'a' }),
    );
    const settled = await apply([entry('a', 1), entry('a', 2, { text: other }), entry('a', 3)]);
    expect(settled).toMatchObject([
      { kind: 'dead', code: 'HANDLER_FAILED' },
      { kind: 'applied' },
      // not in conflict with an event that is not in the log, but with the one that is
      {
        kind: 'dead',
        code: 'IDEMPOTENCY_CONFLICT',
        message: expect.stringContaining('position 2'),
      },
    ]);
  });

  test('a writer that says nothing of an event is a fault, not an event that was applied', async () => {
    const writer = {
      write: async () => [],
      writeChanges: async () => undefined,
      documents: async () => [],
      wholeSince: async () => [],
      revisions: async () => [],
    };
    const none = { record: async () => undefined, forgive: async () => undefined };
    const applier = createApplier({ writer, maxAttempts: 1, log: SILENT, backoffMs: NOTHING });
    const settled = await applier.apply([entry('a', 1)], new AbortController().signal, none);
    expect(settled).toMatchObject([{ kind: 'dead', code: 'HANDLER_FAILED' }]);
  });
});

describe('an entry that was under way when processes died', () => {
  test('is recorded before it is tried again, and given up after as many attempts as allowed', async () => {
    const { apply, calls, recorded } = writing(() => null);
    expect(await apply([entry('a', 1, { redeliveries: 2 })], 3)).toEqual([{ kind: 'applied' }]);
    expect(recorded).toEqual(['1-0']);
    expect(await apply([entry('b', 2, { redeliveries: 3 })], 3)).toMatchObject([
      { kind: 'dead', code: 'HANDLER_FAILED', attempts: 3 },
    ]);
    expect(calls).toEqual([['a']]);
  });

  test('is never given up before it was tried alone, however few attempts are allowed', async () => {
    const { apply, calls } = writing(() => null);
    expect(await apply([entry('a', 1, { redeliveries: 2 })], 1)).toEqual([{ kind: 'applied' }]);
    expect(calls).toEqual([['a']]);
  });
});

test('stops where it is told to, and leaves the rest to others', async () => {
  const stop = new AbortController();
  const { calls } = writing(() => null);
  const writer = {
    write: async () => {
      stop.abort();
      throw new StemmaError('DEPENDENCY_UNAVAILABLE', 'away');
    },
    writeChanges: async () => undefined,
    documents: async () => [],
    wholeSince: async () => [],
    revisions: async () => [],
  };
  const applier = createApplier({ writer, log: SILENT, backoffMs: NOTHING });
  const none = { record: async () => undefined, forgive: async () => undefined };
  await expect(applier.apply([entry('a', 1)], stop.signal, none)).rejects.toThrow();
  expect(calls).toEqual([]);
});
