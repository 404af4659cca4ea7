import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeEntry } from '../../../src/apply/decode.ts';
import type { LoggedEvent } from '../../../src/graph/write/writer.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { createFold } from '../../../src/replay/fold.ts';
import { foldEvents } from '../../support/in-memory.ts';
import { event, hex } from '../../support/events.ts';

const ACCEPTED = Date.UTC(2026, 10, 22);
const logged = (n: number, envelope: Envelope): LoggedEvent =>
  decodeEntry({ n, acceptedAt: ACCEPTED, text: JSON.stringify(envelope), contentHash: null });

const BUILD = 'https://ci.example/runs/1';
const ARTIFACT = `sha256:${hex('fold')}`;
const at = (hour: number) => ({ time: new Date(Date.UTC(2026, 10, 21, hour)).toISOString() });
const started = (n: number, hour: number, data: object = {}): LoggedEvent =>
  logged(n, event('build.started', { build: BUILD, ...data }, { id: `started-${n}`, ...at(hour) }));

describe('facets', () => {
  test('the statement of the latest time counts, in whatever order they come', () => {
    const events = [started(1, 12, { name: 'late' }), started(2, 9, { name: 'early' })];
    for (const order of [events, events.toReversed()]) {
      const { properties } = foldEvents(order).nodes.get(`Build:${BUILD}`)!;
      expect(properties).toMatchObject({ name: 'late', startedAt: Date.UTC(2026, 10, 21, 12) });
      expect(properties['resolved']).toBe(true);
    }
  });

  test('an event that is silent about a facet leaves it as it is', () => {
    const events = [started(1, 9, { name: 'named' }), started(2, 12)];
    expect(foldEvents(events).nodes.get(`Build:${BUILD}`)!.properties['name']).toBe('named');
  });
});

describe('claims', () => {
  const completed = logged(
    5,
    event(
      'build.completed',
      { build: BUILD, outcome: 'success', artifacts: [{ digest: ARTIFACT }] },
      { id: 'completed' },
    ),
  );
  const withdrawn = logged(
    3,
    event('claim.withdrawn', { claim: completed.identity }, { id: 'withdrawn', ...at(11) }),
  );
  const edgesOf = (events: readonly LoggedEvent[]) =>
    [...foldEvents(events).edges.values()].map(({ properties }) => properties);

  test('begin where they are first known', () => {
    const [edge] = edgesOf([completed, { ...completed, n: 4, source: 'https://other.example' }]);
    expect(edge).toMatchObject({ knownFrom: 4, claimant: 'https://other.example' });
  });

  test('end by their withdrawal, known before or after', () => {
    const ended = { endBy: [withdrawn.identity], endKnown: [3], endValid: [withdrawn.at] };
    const early = logged(9, JSON.parse(String(withdrawn.properties['body'])) as Envelope);
    expect(edgesOf([completed, withdrawn])).toEqual([expect.objectContaining(ended)]);
    expect(edgesOf([completed, early])).toEqual([
      expect.objectContaining({ ...ended, endKnown: [9] }),
    ]);
  });

  test('a withdrawn alias that nobody asserted leaves an ended edge without a beginning', () => {
    const alias = logged(
      1,
      event('alias.withdrawn', { alias: ARTIFACT, of: `sha256:${hex('x')}`, claim: 'a b' }),
    );
    for (const edge of edgesOf([alias])) {
      expect(Object.keys(edge).sort()).toEqual(['claim', 'endBy', 'endKnown', 'endValid']);
    }
  });
});

test('an event that names a claim twice ends it once', () => {
  const claims = ['a b', 'c d', 'a b'];
  const withdrawn = logged(1, event('vulnerability.withdrawn', { vulnerability: 'CVE-1', claims }));
  expect(withdrawn.changes.endsClaims).toEqual(['a b', 'c d']);
});

test('order and duplicates make no difference, and several passes fold what one does', () => {
  const events = [
    started(1, 12, { name: 'one', commit: hex(1, 40), builder: 'https://ci.example/b' }),
    started(2, 11, { name: 'two', materials: ['pkg:npm/ms@2.1.3', ARTIFACT] }),
    logged(3, event('alias.asserted', { alias: ARTIFACT, of: `sha256:${hex('y')}` }, { id: 'as' })),
    logged(4, event('claim.withdrawn', { claim: 'https://ci.example/acme as' }, { id: 'w1' })),
    logged(5, event('claim.withdrawn', { claim: 'https://ci.example/acme as' }, { id: 'w2' })),
  ];
  const whole = foldEvents(events);
  const sorted = (map: ReadonlyMap<string, unknown>) =>
    [...map].sort(([x], [y]) => (x < y ? -1 : 1));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      fc.integer({ min: 2, max: 5 }),
      (deliveries, passes) => {
        const parts = Array.from({ length: passes }, (_, pass) => {
          const fold = createFold((id) => id.length % passes === pass);
          for (const entry of deliveries) fold.add(entry);
          return fold.finish();
        });
        for (const what of ['nodes', 'edges', 'withdrawals'] as const) {
          const together = new Map(parts.flatMap((part) => [...part[what]] as [string, unknown][]));
          expect(sorted(together)).toEqual(sorted(whole[what]));
        }
      },
    ),
    { numRuns: 30 },
  );
});
