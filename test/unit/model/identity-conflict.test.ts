import { describe, expect, test } from '@jest/globals';
import {
  agree,
  digestBy,
  identityState,
  isFileIdentity,
  type IdentityClaim,
} from '../../../src/model/identity-conflict.ts';
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

test('digests agree where no algorithm has two', () => {
  expect(agree([sha256('a'), sha512('b'), sha256('a')])).toBe(true);
  expect(agree([sha256('a'), sha256('b')])).toBe(false);
});
