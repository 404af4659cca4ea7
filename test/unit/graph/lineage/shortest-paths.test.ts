import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shortestPaths, type Hop } from '../../../../src/graph/lineage/shortest-paths.ts';

/** Every way without a node twice, by looking at all of them. */
function everyPath(hops: readonly Hop[], start: number, goal: number): number[][] {
  const found: number[][] = [];
  const go = (node: number, path: number[], seen: Set<number>): void => {
    if (node === goal) {
      found.push(path);
      return;
    }
    hops.forEach(({ from, to }, index) => {
      if (from === node && !seen.has(to)) go(to, [...path, index], new Set([...seen, to]));
    });
  };
  go(start, [], new Set([start]));
  return found.sort((a, b) => a.length - b.length);
}

const node = fc.nat({ max: 5 });
const hop: fc.Arbitrary<Hop> = fc.record({ from: node, to: node });

describe('shortestPaths', () => {
  it('finds the k shortest of any small graph: cycles, self loops, several hops between two nodes', () => {
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 14 }), fc.integer({ min: 1, max: 12 }), (hops, k) => {
        const every = everyPath(hops, 0, 5);
        const { paths, exact } = shortestPaths(hops, 0, 5, k);
        expect(exact).toBe(true);
        expect(paths.map(({ length }) => length)).toEqual(
          every.slice(0, k).map(({ length }) => length),
        );
        const known = new Set(every.map((path) => path.join()));
        expect(paths.every((path) => known.has(path.join()))).toBe(true);
        expect(new Set(paths.map((path) => path.join())).size).toBe(paths.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('says so where it gave up', () => {
    const hops = Array.from({ length: 100 }, (_, at) => ({ from: at, to: at + 1 }));
    expect(shortestPaths(hops, 0, 100, 1, 50)).toEqual({ paths: [], exact: false });
  });
});
