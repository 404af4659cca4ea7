import { describe, expect, test } from '@jest/globals';
import { mergeChanges, stampOf, type LogEntry } from '../../../../src/graph/write/rows.ts';
import { NO_CHANGES, type Changes } from '../../../../src/model/change.ts';
import { ALWAYS } from '../../../../src/model/edge.ts';
import { createFold } from '../../../../src/replay/fold.ts';
import fc from 'fast-check';

function entry(n: number, changes: Partial<Changes>, rest: Partial<LogEntry> = {}): LogEntry {
  return {
    identity: `https://ci.example event-${n}`,
    n,
    acceptedAt: 1,
    at: n * 1_000,
    source: 'https://ci.example',
    tie: String(n).padStart(16, '0'),
    changes: { ...NO_CHANGES, ...changes },
    ...rest,
  };
}

const build = (name: string): Partial<Changes> => ({
  nodes: [{ label: 'Build', key: 'b', resolved: true, facets: { name: { name } } }],
});

describe('the rows of a batch', () => {
  test('the newest statement of a facet wins, whatever the order', () => {
    const older = entry(1, build('old'));
    const newer = entry(2, build('new'));
    for (const entries of [
      [older, newer],
      [newer, older],
    ]) {
      const [row] = mergeChanges(entries).nodes.get('Build')!;
      expect(row!.f.find(({ s }) => s === 's_name')!.p['name']).toBe('new');
    }
  });

  test('at the same time the tie-break decides, so that every writer agrees', () => {
    const a = entry(1, build('a'), { at: 5, tie: 'a'.repeat(16) });
    const b = entry(2, build('b'), { at: 5, tie: 'b'.repeat(16) });
    for (const entries of [
      [a, b],
      [b, a],
    ]) {
      const [row] = mergeChanges(entries).nodes.get('Build')!;
      expect(row!.f.find(({ s }) => s === 's_name')!.p['name']).toBe('b');
    }
  });

  test('what a facet does not state is cleared, or the order of arrival would decide', () => {
    const changes: Partial<Changes> = {
      nodes: [
        { label: 'Commit', key: 'c', resolved: true, facets: { author: { authorName: 'A' } } },
      ],
    };
    const [row] = mergeChanges([entry(1, changes)]).nodes.get('Commit')!;
    expect(row!.f.find(({ s }) => s === 's_author')!.p).toMatchObject({
      authorName: 'A',
      authorEmail: null,
    });
  });

  test('both ends of an edge become rows, unresolved where nothing states them', () => {
    const rows = mergeChanges([
      entry(1, {
        edges: [
          {
            type: 'BUILT_FROM',
            from: { label: 'Build', key: 'b' },
            to: { label: 'Commit', key: 'c' },
          },
        ],
      }),
    ]);
    expect(rows.nodes.get('Commit')).toEqual([{ key: 'c', f: [] }]);
    expect([...rows.edges.keys()]).toEqual(['BUILT_FROM/Build/Commit']);
  });

  test('stamps keep the order of their times, before 1970 too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -6e13, max: 6e13 }),
        fc.integer({ min: -6e13, max: 6e13 }),
        (x, y) => {
          const [a, b] = [stampOf(x, 't'), stampOf(y, 't')];
          expect(Math.sign(x - y)).toBe(a < b ? -1 : a > b ? 1 : 0);
        },
      ),
    );
  });

  test('F16 rows are sorted by key, so that two writers take their locks in one order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 50 }), (keys) => {
        const changes = keys.map((key, at) =>
          entry(at + 1, { nodes: [{ label: 'Build', key, resolved: true, facets: {} }] }),
        );
        const sorted = (mergeChanges(changes).nodes.get('Build') ?? []).map(({ key }) => key);
        expect(sorted).toEqual([...keys].sort((x, y) => (x < y ? -1 : 1)));
      }),
    );
  });

  test.each([
    ['PARENT', 'PARENT/Commit/Commit', 'Commit', 'Commit'],
    ['VERSION_OF', 'VERSION_OF/PackageVersion/Package', 'PackageVersion', 'Package'],
  ] as const)('%s holds always, whatever the time of its event', (type, name, from, to) => {
    const edges = [{ type, from: { label: from, key: 'a' }, to: { label: to, key: 'b' } }];
    for (const n of [1, 1_000_000_000]) {
      const stated = entry(n, { edges });
      expect(mergeChanges([stated]).edges.get(name)![0]!.p).toMatchObject({
        ...{ validFrom: BigInt(ALWAYS), knownFrom: BigInt(n) },
      });
      const fold = createFold();
      fold.add(stated);
      const [edge] = [...fold.finish().edges.values()];
      expect(Number(edge?.properties['validFrom'])).toBe(ALWAYS);
    }
  });

  test('one document submitted twice in a batch keeps its earliest times', () => {
    const changes: Partial<Changes> = {
      claim: 'd'.repeat(64),
      edges: [
        { type: 'USED', from: { label: 'Build', key: 'b' }, to: { label: 'Resource', key: 'r' } },
      ],
    };
    const rows = mergeChanges([entry(7, changes), entry(3, changes)]);
    const [row] = rows.edges.get('USED/Build/Resource')!;
    expect(row!.p).toMatchObject({ knownFrom: 3n, validFrom: 3_000n });
  });
});
