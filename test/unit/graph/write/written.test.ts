import { describe, expect, test } from '@jest/globals';
import { createWritten, type Written } from '../../../../src/graph/write/written.ts';
import { mergeChanges, type LogEntry, type Rows } from '../../../../src/graph/write/rows.ts';
import { NO_CHANGES } from '../../../../src/model/change.ts';
import { IMPLIED } from '../../../../src/model/implied.ts';

const ARTIFACT = { label: 'Artifact', key: 'sha256:a' } as const;
const version = (name: string) => ({ label: 'PackageVersion', key: `pkg:npm/${name}@1` }) as const;
const pkg = (name: string) => ({ label: 'Package', key: `pkg:npm/${name}` }) as const;

/** What an event says that names a version of a package; `isContained`, what an inventory says of it. */
function saying(n: number, name: string, isContained = true): LogEntry {
  return {
    ...{ identity: `s ${n}`, n, acceptedAt: n, at: n, source: 's', tie: '' },
    changes: {
      ...NO_CHANGES,
      nodes: [{ ...pkg(name), resolved: true, facets: { name: { name, purlType: 'npm' } } }],
      edges: [
        ...(isContained ? [{ type: 'CONTAINS' as const, from: ARTIFACT, to: version(name) }] : []),
        { type: 'VERSION_OF' as const, from: version(name), to: pkg(name) },
      ],
    },
  };
}

const rowsOf = (...entries: LogEntry[]): Rows => mergeChanges(entries);
const VERSION_OF = 'VERSION_OF/PackageVersion/Package';
/** How many packages, and edges to them, are still to be written. */
const left = (written: Written, rows: Rows): [packages: number, edges: number] => {
  const { nodes, edges } = written.begin().unwritten(rows);
  return [nodes.get('Package')?.length ?? 0, edges.get(VERSION_OF)?.length ?? 0];
};

describe('that a version is one of its package', () => {
  test('is one claim of all who say more of the version, and of each event that says nothing else', () => {
    const rows = rowsOf(saying(1, 'a'), saying(2, 'a'), saying(3, 'a', false));
    expect(rows.edges.get(VERSION_OF)?.map(({ c, p }) => [c, p['knownFrom']])).toEqual([
      [IMPLIED, 1n],
      ['s 3', 3n],
    ]);
    expect(rows.edges.get('CONTAINS/Artifact/PackageVersion')).toHaveLength(2);
  });
});

describe('what keys imply is written once', () => {
  test('whatever comes later', () => {
    const written = createWritten();
    written.begin().committed(rowsOf(saying(5, 'a')), 's 5');
    expect(left(written, rowsOf(saying(6, 'a')))).toEqual([0, 0]);
    expect(left(written, rowsOf(saying(6, 'a'), saying(6, 'b')))).toEqual([1, 1]);
    const { edges } = written.begin().unwritten(rowsOf(saying(6, 'a')));
    expect(edges.get('CONTAINS/Artifact/PackageVersion')).toHaveLength(1);
  });

  test('but for what was known before', () => {
    const written = createWritten();
    written.begin().committed(rowsOf(saying(5, 'a')), 's 5');
    expect(left(written, rowsOf(saying(4, 'a')))).toEqual([0, 1]);
  });

  test('but for what an event claims itself', () => {
    const written = createWritten();
    written.begin().committed(rowsOf(saying(5, 'a', false)), 's 5');
    expect(left(written, rowsOf(saying(6, 'a', false)))).toEqual([0, 1]);
  });

  test('and a bounded number of it is remembered', () => {
    const written = createWritten(2);
    written.begin().committed(rowsOf(saying(5, 'a'), saying(6, 'b')), 's 6');
    expect(left(written, rowsOf(saying(7, 'a'), saying(7, 'b')))).toEqual([2, 0]);
  });
});

describe('what is remembered is told by events that were appended no earlier', () => {
  test('of a transaction without an event nothing is remembered before a later one has one', () => {
    const written = createWritten();
    const under = written.begin();
    written.begin().committed(rowsOf(saying(1, 'a')), null);
    expect(left(written, rowsOf(saying(2, 'a')))).toEqual([1, 1]);
    under.committed(rowsOf(), 's 1'); // began before that was committed
    expect(left(written, rowsOf(saying(2, 'a')))).toEqual([1, 1]);
    written.begin().committed(rowsOf(), 's 2');
    expect(left(written, rowsOf(saying(3, 'a')))).toEqual([0, 0]);
    expect(written.begin().witnesses).toEqual(['s 1', 's 2']);
  });

  test('and nothing is left of it where the database is another', () => {
    const written = createWritten();
    written.begin().committed(rowsOf(saying(1, 'a')), 's 1');
    written.forget();
    expect(written.begin().witnesses).toEqual([]);
    expect(left(written, rowsOf(saying(2, 'a')))).toEqual([1, 1]);
  });
});
