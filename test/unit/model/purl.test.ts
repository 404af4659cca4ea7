import { describe, expect, it } from '@jest/globals';
import { parsePurl } from '../../../src/model/purl.ts';

describe('the package of a package URL', () => {
  it.each([
    ['pkg:npm/%40a/b@1.0.0?c=d#e', 'pkg:npm/%40a/b'],
    ['pkg:npm/@a/b', 'pkg:npm/%40a/b'],
    ['pkg:npm/Base64@1.0.0', 'pkg:npm/Base64'],
    ['pkg:generic/a%3Fb%23c?d=e', 'pkg:generic/a%3Fb%23c'],
    ['pkg:golang/h.example/m#path', 'pkg:golang/h.example/m'],
  ])('has a key without version, qualifiers and subpath: %s', (text, key) => {
    expect(parsePurl(text).packageKey).toBe(key);
  });

  it.each([
    ['pkg:conan/n/a@1?user=u&channel=c', 'pkg:conan/n/a'],
    ['pkg:cran/a@1.0', 'pkg:cran/a'],
    ['pkg:swift/h.example/o/a@1.0', 'pkg:swift/h.example/o/a'],
  ])('has a key even where its type requires what the key leaves out: %s', (text, key) => {
    expect(parsePurl(text).packageKey).toBe(key);
  });
});
