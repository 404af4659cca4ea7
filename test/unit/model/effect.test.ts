import { describe, expect, it } from '@jest/globals';
import { effectProblems, withdrawalOf } from '../../../src/model/effect.ts';
import { parseEvent } from '../../../src/model/event.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function bodyOf(type: string, data: object) {
  return parseEvent({ specversion: '1.0', id: '1', source: 'urn:feed', type, data }).body;
}

function told(type: string, data: object): readonly string[] {
  return effectProblems(bodyOf(type, data));
}

const affects = (...references: string[]) =>
  told('vulnerability.detected', { vulnerability: 'CVE-1', affects: references });

describe('an advisory says of a reference that it has no effect', () => {
  it.each([
    ['pkg:npm/a?vers=vers:made-up/<1.0', "it is about 'made-up'"],
    ['pkg:luarocks/a?vers=vers:luarocks/<1.0', 'cannot be put in order'],
    ['pkg:maven/g/a?vers=vers:maven/>=2.0|<1.0', 'must ascend'],
    ['pkg:npm/a@vers:npm/>=1.x', "'1.x' is not a version"],
    ['pkg:pypi/a?vers=%3E%3D1.0', "does not begin with 'vers:'"],
    ['pkg:npm/a@^1.0.0', "'^1.0.0' is not one version"],
    ['pkg:maven/g/a@%5B1.0,2.0)', "'[1.0,2.0)' is not one version"],
    ['pkg:rpm/redhat/a@latest', "'latest' is not one version"],
    ['https://example.com/product/7', 'neither a package URL nor a digest nor a BOM-Link'],
  ])('%s: %s', (reference, why) => {
    expect(affects(reference)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['pkg:npm/a'],
    ['pkg:npm/a@1.0.0'],
    ['pkg:npm/a?vers=vers:npm/<1.0.0'],
    ['pkg:npm/a?vers=*'],
    ['pkg:conan/a?vers=vers:conan/1.0|1.1'],
    ['pkg:deb/debian/a?vers=vers:deb/<1%3A1.0-1&arch=source'],
    ['pkg:docker/a@latest'],
    [`pkg:oci/a@${DIGEST}`],
    [DIGEST],
    ['urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#a'],
  ])('and says nothing of %s', (reference) => {
    expect(affects(reference)).toEqual([]);
  });

  it('for each reference once, and counts what is too much', () => {
    const many = Array.from({ length: 25 }, (_, at) => `https://example.com/${at}`);
    const problems = affects(...many, ...many);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('There are 5 more.');
  });
});

describe('other events that change nothing say so', () => {
  it.each([
    [
      'vulnerability.triaged',
      { vulnerability: 'CVE-1', status: 'fixed', products: ['pkg:npm/a?vers=vers:npm/<x'] },
      "'x' is not a version",
    ],
    ['vulnerability.withdrawn', { vulnerability: 'CVE-1', claims: [] }, "'claims' is empty"],
    ['alias.asserted', { alias: 'CVE-1', of: 'CVE-1' }, 'are one name already'],
    [
      'alias.asserted',
      { alias: 'pkg:npm/Base64@1.0.0', of: 'pkg:NPM/Base64@1.0.0' },
      'are one name already',
    ],
    ['alias.withdrawn', { alias: 'CVE-1', of: 'CVE-1', claim: 'urn:a 1' }, 'are one name already'],
    [
      'alias.asserted',
      { alias: 'pkg:npm/a', of: 'CVE-1' },
      "'pkg:npm/a' is taken for the id of an advisory",
    ],
  ])('%s %j', (type, data, why) => {
    expect(told(type, data)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['vulnerability.withdrawn', { vulnerability: 'CVE-1' }],
    ['alias.asserted', { alias: 'GHSA-1', of: 'CVE-1' }],
    ['alias.asserted', { alias: DIGEST, of: 'pkg:npm/a@1.0.0' }],
    ['claim.withdrawn', { claim: 'urn:a 1' }],
    ['build.started', { build: 'https://ci.example/1' }],
  ])('and those that do say nothing: %s %j', (type, data) => {
    expect(told(type, data)).toEqual([]);
  });
});

describe('what an event takes back', () => {
  it.each([
    ['claim.withdrawn', { claim: 'urn:a 1' }, { kind: 'claims', claims: ['urn:a 1'] }],
    [
      'vulnerability.withdrawn',
      { vulnerability: 'CVE-1', claims: ['urn:a 1', 'urn:a 2'] },
      { kind: 'claims', claims: ['urn:a 1', 'urn:a 2'] },
    ],
    [
      'vulnerability.withdrawn',
      { vulnerability: 'CVE-1' },
      { kind: 'advisory', vulnerability: 'CVE-1' },
    ],
    [
      'alias.withdrawn',
      { alias: 'pkg:npm/%40A/b@1', of: DIGEST, claim: 'urn:a 1' },
      expect.objectContaining({ kind: 'alias', keys: ['pkg:npm/%40a/b@1', DIGEST] }),
    ],
    ['build.started', { build: 'https://ci.example/1' }, null],
  ])('%s %j', (type, data, expected) => {
    expect(withdrawalOf(bodyOf(type, data))).toEqual(expected);
  });
});
