import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { digestKeys, digestKind, digestSet } from '../../../src/model/digest.ts';
import { isStubDigest } from '../../../src/model/stub-digest.ts';

const hash = (algorithm: string, content: string | Uint8Array): string =>
  createHash(algorithm).update(content).digest('hex');
const A = hash('sha256', 'a file');

describe('what a digest identifies', () => {
  test.each([
    [`sha256:${A}`, 'content'],
    [`sha512:${hash('sha512', 'a file')}`, 'content'],
    [`sha3-384:${hash('sha3-384', 'a file')}`, 'content'],
    [`blake2b-256:${A}`, 'content'],
    [`sha1:${hash('sha1', 'a file')}`, 'weak'],
    [`md5:${hash('md5', 'a file')}`, 'weak'],
    [`sha224:${hash('sha224', 'a file')}`, 'weak'],
    [`gitcommit:${hash('sha1', 'a file')}`, 'other'],
    [`gittree:${hash('sha1', 'a file')}`, 'other'],
    [`gitoid:blob:sha256:${A}`, 'other'],
    [`dirhash1:${A}`, 'other'],
    [`made-up:${A}`, 'other'],
  ])('%s: %s', (key, kind) => {
    expect(digestKind(key)).toBe(kind);
  });

  test.each([
    ['an empty file', `sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`],
    ['an empty file, sha1', 'sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['an empty file, md5', 'md5:d41d8cd98f00b204e9800998ecf8427e'],
    ['a line end', `sha512:${hash('sha512', '\n')}`],
    ['the empty descriptor of OCI', `sha256:${hash('sha256', '{}')}`],
    ['the diff id of a layer without files', `sha256:${hash('sha256', new Uint8Array(1024))}`],
    ['git’s empty blob', 'gitoid:blob:sha1:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
    ['git’s empty tree as sha1', 'sha1:4b825dc642cb6eb9a060e54bf8d69288fbee4904'],
    [
      'git’s empty blob, sha256',
      'gitoid:blob:sha256:473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
    ],
    ['zeros', `sha256:${'0'.repeat(64)}`],
    ['zeros of a commit', `gitcommit:${'0'.repeat(40)}`],
  ])('the digest of %s identifies nothing', (_, key) => {
    expect(isStubDigest(key)).toBe(true);
    expect(digestKind(key)).toBe('nothing');
  });

  test('a set: strong digests are one thing, the others stand beside it, stubs are left out', () => {
    const sha512 = hash('sha512', 'a file');
    const sha1 = hash('sha1', 'a file');
    const keys = digestKeys({
      SHA1: sha1.toUpperCase(),
      'gitoid:sha256': `gitoid:blob:sha256:${A}`,
      'gitoid:sha1': 'gitoid:blob:sha1:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
      'SHA-512': sha512,
      sha256: A,
    });
    expect(digestSet(keys)).toEqual({
      best: `sha256:${A}`,
      same: [`sha512:${sha512}`],
      beside: [`sha1:${sha1}`, `gitoid:blob:sha256:${A}`],
    });
  });

  test('a weak digest alone still names the artifact, and nothing is the same by it', () => {
    const [md5, sha1] = [`md5:${hash('md5', 'x')}`, `sha1:${hash('sha1', 'x')}`];
    expect(digestSet([md5, sha1])).toEqual({ best: sha1, same: [], beside: [md5] });
    expect(digestSet([`sha256:${hash('sha256', '')}`])).toBeNull();
  });
});
