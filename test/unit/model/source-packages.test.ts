import { describe, expect, it, test } from '@jest/globals';
import { parsePurl } from '../../../src/model/purl.ts';
import { mayBeBuiltFrom, mayBeSource, withoutSources } from '../../../src/model/source-packages.ts';

const listed = (text: string) => {
  const purl = parsePurl(text);
  return { purl, isSourced: purl.qualifiers['upstream'] !== undefined };
};

test.each([
  ['pkg:deb/debian/openssl', false, true],
  ['pkg:apk/alpine/openssl@3.1.4-r5', false, true],
  ['pkg:deb/debian/openssl?arch=source', false, true],
  ['pkg:deb/debian/libssl3?arch=amd64', true, false],
  ['pkg:rpm/redhat/openssl?arch=src', false, true],
  ['pkg:rpm/redhat/openssl', false, false],
  ['pkg:rpm/redhat/openssl', true, true],
  ['pkg:alpm/arch/openssl', false, false],
  ['pkg:npm/openssl', true, false],
])('%s may be a source, where that is known elsewhere (%s): %s', (text, isKnown, expected) => {
  expect(mayBeSource(parsePurl(text), isKnown)).toBe(expected);
});

describe('a document lists packages without their sources', () => {
  it.each([
    [[], []],
    [['pkg:npm/a@1', 'pkg:generic/b@1'], []],
    [['pkg:deb/debian/a@1', 'pkg:deb/debian/b@1'], ['deb/debian']],
    [['pkg:deb/debian/a@1', 'pkg:deb/debian/a@2'], ['deb/debian/a']],
    [
      ['pkg:deb/a@1', 'pkg:rpm/redhat/b@1'],
      ['deb/-/a', 'rpm/redhat/b'],
    ],
    // a package that has the name of its source says nothing of it, as Syft writes it
    [['pkg:deb/debian/a@1', 'pkg:deb/debian/b@1?upstream=c'], []],
    [['pkg:deb/debian/a@1', 'pkg:apk/alpine/b@1?upstream=c'], ['deb/debian/a']],
  ])('%j: %j', (purls, expected) => {
    expect(withoutSources(purls.map(listed))).toEqual(expected);
  });
});

test.each([
  ['deb/debian', 'pkg:deb/debian/openssl', true],
  ['deb/debian', 'pkg:deb/ubuntu/openssl', false],
  ['deb/-', 'pkg:deb/ubuntu/openssl', true],
  ['deb/debian', 'pkg:deb/openssl', true],
  ['rpm/rhel', 'pkg:rpm/redhat/openssl?arch=src', true],
  ['apk/alpine', 'pkg:deb/debian/openssl', false],
  ['deb/debian/openssl', 'pkg:deb/debian/openssl', false],
  ['deb/debian/libssl3', 'pkg:deb/debian/openssl', true],
])('what %s stands for may be built from %s: %s', (entry, source, expected) => {
  expect(mayBeBuiltFrom(entry, parsePurl(source))).toBe(expected);
});
