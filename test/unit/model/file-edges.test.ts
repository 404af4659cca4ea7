import { describe, expect, test } from '@jest/globals';
import { fileEdges, isOneFile } from '../../../src/model/file-edges.ts';
import { hex } from '../../support/events.ts';

const A = `sha256:${hex('a')}`;
const B = `sha256:${hex('b')}`;
const A512 = `sha512:${hex('a', 128)}`;
const A1 = `sha1:${hex('a', 40)}`;
const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const ONE = 'pkg:npm/a@1.0.0';
const MANY = 'pkg:pypi/a@1.0';

const edgesOf = (...given: Parameters<typeof fileEdges>) =>
  fileEdges(...given).map(({ type, from, to }) => `${from.key} ${type} ${to.key}`);

describe('the names of one file', () => {
  test('are joined both ways where they identify it, each digest to the package version too', () => {
    expect(edgesOf(A, [A, A512], ONE)).toEqual([
      `${A} SAME_AS ${A512}`,
      `${A512} SAME_AS ${A}`,
      `${A} PACKAGED_AS ${ONE}`,
      `${ONE} PACKAGED_AS ${A}`,
      `${A512} PACKAGED_AS ${ONE}`,
      `${ONE} PACKAGED_AS ${A512}`,
    ]);
  });

  test('stand beside it where others have them as well', () => {
    expect(edgesOf(A, [A, A1], MANY)).toEqual([
      `${A} HAS_DIGEST ${A1}`,
      `${A} DISTRIBUTION_OF ${MANY}`,
    ]);
    // the weak digest that names an artifact alone is a file of the package version, and not the same thing
    expect(edgesOf(A1, [A1], ONE)).toEqual([`${A1} DISTRIBUTION_OF ${ONE}`]);
  });

  test('of two files in one set are not joined, and meet at the package version', () => {
    expect(edgesOf(A, [A, B], null)).toEqual([]);
    expect(edgesOf(A, [A, B], ONE)).toContain(`${ONE} PACKAGED_AS ${B}`);
  });

  test('are none where the digest is that of nothing', () => {
    expect(edgesOf(EMPTY, [EMPTY, A], ONE)).toEqual([]);
    expect(edgesOf(A, [A, EMPTY], null)).toEqual([]);
  });

  test('a component without a package URL is the file that its document says it is', () => {
    const local = `${hex('document')}#component`;
    expect(isOneFile(local)).toBe(true);
    expect(edgesOf(A, [A], local)).toEqual([
      `${A} PACKAGED_AS ${local}`,
      `${local} PACKAGED_AS ${A}`,
    ]);
  });
});
