import { describe, expect, test } from '@jest/globals';
import { toTree } from '../../../src/cli/commands/lineage.ts';
import { brief, safe, toColumns } from '../../../src/cli/text.ts';

describe('text out of the data', () => {
  test('cannot move the cursor, colour the screen, or turn text around', () => {
    expect(safe('a\u001b[31mb\u0007\r\n\tc\u009b2J')).toBe(
      'a\\u{1b}[31mb\\u{7}\\u{d}\\n\\tc\\u{9b}2J',
    );
    expect(safe('exe\u202etxt')).toBe('exe\\u{202e}txt');
    expect(safe('naïve 中文 🦀')).toBe('naïve 中文 🦀');
  });

  test('is shortened to what fits', () => {
    expect(brief('abcdef', 4)).toBe('abc…');
    expect(brief('abcd', 4)).toBe('abcd');
  });

  test('stands in columns', () => {
    expect(
      toColumns(
        [
          ['a', 'bb', 'c'],
          ['aaa', 'b', 'ccccccccc'],
        ],
        12,
      ),
    ).toEqual(['a    bb  c', 'aaa  b   cc…']);
  });
});

describe('a lineage as a tree', () => {
  const thing = (id: string) => ({ id, label: 'Artifact', key: id, name: null, resolved: true });
  const edge = (from: string, to: string, trust = 'UNVERIFIED') => ({
    from,
    to,
    type: 'USED',
    trust,
  });
  const lineage = (nodes: [string, number][], edges: ReturnType<typeof edge>[]) => ({
    root: thing('root'),
    nodes: nodes.map(([id, depth]) => ({ depth, node: thing(id) })),
    edges,
    truncated: false,
    truncatedBy: null,
  });

  test('shows each thing once, and where it is met again', () => {
    const diamond = lineage(
      [
        ['a', 1],
        ['b', 1],
        ['c', 2],
        ['d', 3],
      ],
      [
        edge('root', 'a', 'SIGNED'),
        edge('root', 'b'),
        edge('a', 'c'),
        edge('b', 'c'),
        edge('c', 'd'),
      ],
    );
    expect(toTree(diamond, true)).toEqual([
      'Artifact root',
      '├─ USED Artifact a [signed]',
      '│  └─ USED Artifact c',
      '│     └─ USED Artifact d',
      '└─ USED Artifact b',
      '   └─ USED Artifact c [shown above]',
    ]);
  });

  test('follows the arrows backwards downstream, and an identity hop once', () => {
    const down = lineage([['a', 1]], [edge('a', 'root'), edge('root', 'a')]);
    expect(toTree(down, false)).toEqual(['Artifact root', '└─ USED Artifact a']);
  });

  test('shows builds and commits first, and many leaves of one kind as their number', () => {
    const packages = Array.from({ length: 9 }, (_, at): [string, number] => [`p${at}`, 1]);
    const wide = lineage(
      [...packages, ['b', 1], ['c', 2]],
      [...packages.map(([id]) => edge('root', id)), edge('root', 'b'), edge('b', 'c')],
    );
    const nodes = wide.nodes.map((one) =>
      one.node.id === 'b' ? { ...one, node: { ...one.node, label: 'Build' } } : one,
    );
    expect(toTree({ ...wide, nodes }, true, { isFolded: true })).toEqual([
      'Artifact root',
      '├─ USED Build b',
      '│  └─ USED Artifact c',
      '└─ USED 9 × Artifact (--all shows each)',
    ]);
    expect(toTree({ ...wide, nodes }, true)).toHaveLength(12);
  });

  test('of any depth is printed', () => {
    const chain = Array.from({ length: 20_000 }, (_, at): [string, number] => [`n${at}`, at + 1]);
    const edges = chain.map(([id], at) => edge(at === 0 ? 'root' : `n${at - 1}`, id));
    expect(toTree(lineage(chain, edges), true)).toHaveLength(20_001);
  });
});
