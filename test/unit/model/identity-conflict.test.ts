import { describe, expect, test } from '@jest/globals';
import {
  identityStates,
  digestBy,
  identityState,
  isFileIdentity,
  type IdentityClaim,
  type IdentityLink,
} from '../../../src/model/identity-conflict.ts';
import { algorithmOf } from '../../../src/model/digest.ts';
import { refId, type NodeRef } from '../../../src/model/node.ts';
import { createRandom } from '../../support/random.ts';
import { hex } from '../../support/events.ts';

const sha256 = (name: string): string => `sha256:${hex(name)}`;
const sha512 = (name: string): string => `sha512:${hex(name, 128)}`;
const claim = (digest: string | null, n: number | null, ended = false): IdentityClaim => ({
  ...{ digest, n, ended },
});

describe('what claims at one thing come to', () => {
  test('digests of different algorithms go together', () => {
    expect(identityState([claim(sha256('a'), 1), claim(sha512('a'), 2)])).toEqual({
      ...{ sameDigests: [sha256('a'), sha512('a')], conflictSince: null, conflictEver: null },
    });
  });

  test('two digests of one algorithm are a conflict since the second was known, in whatever order they came', () => {
    const claims = [claim(sha256('a'), 7), claim(sha256('b'), 4), claim(sha256('b'), 9)];
    for (const order of [claims, claims.toReversed()]) {
      expect(identityState(order)).toEqual({
        ...{ sameDigests: null, conflictSince: 7, conflictEver: 7 },
      });
    }
  });

  test('of three digests the two that were known first count, of two algorithms the earlier conflict', () => {
    const files = [claim(sha256('a'), 3), claim(sha256('b'), 8), claim(sha256('c'), 5)];
    expect(identityState(files).conflictSince).toBe(5);
    const more = [...files, claim(sha512('a'), 1), claim(sha512('b'), 4)];
    expect(identityState(more).conflictSince).toBe(4);
  });

  test('a withdrawn claim contradicts nothing any more, and what it said stays ended', () => {
    const claims = [claim(sha256('a'), 1), claim(sha256('b'), 2, true)];
    expect(identityState(claims)).toEqual({
      ...{ sameDigests: [sha256('a')], conflictSince: null, conflictEver: 2 },
    });
  });

  test('an end without its claim says nothing of digests, but that the claim may come', () => {
    expect(identityState([claim(sha256('a'), null, true)])).toEqual({
      ...{ sameDigests: [], conflictSince: null, conflictEver: null },
    });
    expect(identityState([])).toEqual({
      ...{ sameDigests: null, conflictSince: null, conflictEver: null },
    });
  });

  test('a package version without digests has nothing to contradict', () => {
    expect(identityState([claim(null, 1), claim(null, 2)]).conflictEver).toBeNull();
  });
});

test('only a strong digest of an artifact tells two things apart', () => {
  expect(digestBy({ label: 'Artifact', key: sha256('a') })).toBe(sha256('a'));
  expect(digestBy({ label: 'Artifact', key: `sha1:${hex('a', 40)}` })).toBeNull();
  expect(digestBy({ label: 'Artifact', key: `gitoid:blob:sha1:${hex('a', 40)}` })).toBeNull();
  expect(digestBy({ label: 'PackageVersion', key: 'pkg:npm/a@1.0.0' })).toBeNull();
});

test('aliases of advisories and of package versions are not identities of files', () => {
  expect(isFileIdentity('SAME_AS', 'Artifact', 'Artifact')).toBe(true);
  expect(isFileIdentity('PACKAGED_AS', 'PackageVersion', 'Artifact')).toBe(true);
  expect(isFileIdentity('SAME_AS', 'Vulnerability', 'Vulnerability')).toBe(false);
  expect(isFileIdentity('SAME_AS', 'PackageVersion', 'PackageVersion')).toBe(false);
  expect(isFileIdentity('DISTRIBUTION_OF', 'Artifact', 'PackageVersion')).toBe(false);
});

describe('claims that contradict each other across several things', () => {
  const file = (key: string): NodeRef => ({ label: 'Artifact', key });
  const version: NodeRef = { label: 'PackageVersion', key: 'pkg:npm/a@1.0.0' };
  const sha384 = (name: string): NodeRef => file(`sha384:${hex(name, 96)}`);
  const [one, two, x, y] = [sha256('1'), sha256('2'), sha512('x'), sha384('y').key].map(file);
  const link = (a: NodeRef, b: NodeRef, n: number, ended = false): IdentityLink => ({
    ...{ between: [a, b], n, ended },
  });
  const inConflict = (links: readonly IdentityLink[]) =>
    Object.fromEntries(
      [...identityStates(links)].flatMap(([id, { conflictSince }]) =>
        conflictSince === null ? [] : [[id, conflictSince]],
      ),
    );
  const chain = [link(one!, x!, 1), link(x!, y!, 5), link(y!, two!, 3)];

  test('put what lies between the two digests in conflict, since the last of them was known', () => {
    for (const order of [chain, chain.toReversed()]) {
      expect(inConflict(order)).toEqual({ [refId(x!)]: 5, [refId(y!)]: 5 });
    }
    expect(inConflict(chain.slice(1))).toEqual({});
    const byName = [link(one!, x!, 1), link(x!, version, 2), link(version, two!, 9)];
    expect(inConflict(byName)).toEqual({ [refId(x!)]: 9, [refId(version)]: 9 });
  });

  test('leave the other names of the files alone, and what only a longer way goes through', () => {
    const other = file(`blake3:${hex('z')}`);
    const more = [...chain, link(one!, other, 1), link(one!, version, 1), link(version, x!, 1)];
    expect(inConflict(more)).toEqual({ [refId(x!)]: 5, [refId(y!)]: 5 });
    // x alone has two sha256 now: what lay behind it is in question no more
    expect(inConflict([...chain, link(x!, two!, 7)])).toEqual({ [refId(x!)]: 7 });
  });

  test('contradict nothing once one of them is withdrawn, and what was withdrawn stays ended', () => {
    const healed = identityStates([chain[0]!, chain[1]!, link(y!, two!, 3, true)]);
    expect(healed.get(refId(y!))).toMatchObject({ conflictSince: null, conflictEver: 5 });
    expect(healed.get(refId(x!))).toMatchObject({ conflictSince: null, conflictEver: 5 });
  });

  test('never leave a class that has two digests of one algorithm, in any order of claims (200 seeds)', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = createRandom(seed);
      const things = [
        ...['1', '2', '3'].flatMap((name) => [
          file(sha256(name)),
          file(sha512(name)),
          sha384(name),
        ]),
        version,
      ];
      const links = Array.from({ length: 4 + random.below(12) }, (_, n) => {
        const [a, b] = random.shuffled(things) as [NodeRef, NodeRef];
        return link(a, b, n + 1, random.chance(0.1));
      }).filter(
        ({ between: [a, b] }) => a.label !== b.label || algorithmOf(a.key) !== algorithmOf(b.key),
      );
      const states = identityStates(links);
      expect(identityStates(random.shuffled(links))).toEqual(states);
      for (const thing of things) {
        const same = new Set([refId(thing)]);
        for (const id of same) {
          if (isNumber(states.get(id)?.conflictSince)) continue;
          for (const { between, ended } of links) {
            const [a, b] = between.map(refId) as [string, string];
            const to = a === id ? b : b === id ? a : null;
            if (to === null || ended || isNumber(states.get(to)?.conflictSince)) continue;
            same.add(to);
          }
        }
        const algorithms = [...same].filter((id) => id.startsWith('Artifact:')).map(algorithmOf);
        expect(new Set(algorithms).size).toBe(algorithms.length);
      }
    }
  });
});

function isNumber(value: number | null | undefined): boolean {
  return typeof value === 'number';
}
