import { describe, expect, test } from '@jest/globals';
import { parsePurl } from '../../../src/model/purl.ts';
import { bom, edgesOf, keysOf, parse } from './reading.ts';

const componentOf = (purl: string, version?: string) =>
  keysOf(
    parse(bom({ components: [{ type: 'library', name: 'a', version, purl, 'bom-ref': 'r' }] }))
      .changes,
    'PackageVersion',
  ).map((key) => key.replace(/^[0-9a-f]{64}#/, '#'));

describe('the version of a component', () => {
  test.each([
    ['beside its purl', 'pkg:npm/left-pad', '1.3.0', 'pkg:npm/left-pad@1.3.0'],
    ['beside a purl with namespace', 'pkg:composer/acme/a', '5.3', 'pkg:composer/acme/a@5.3'],
    [
      'beside a purl with qualifiers, an epoch of Debian in it',
      'pkg:deb/debian/curl?arch=amd64',
      '1:7.50.3-1',
      'pkg:deb/debian/curl@1%3A7.50.3-1?arch=amd64',
    ],
    [
      'with an epoch of RPM, which is a qualifier in the purl',
      'pkg:rpm/fedora/bind?arch=x86_64',
      '32:9.16.1-2',
      'pkg:rpm/fedora/bind@9.16.1-2?arch=x86_64&epoch=32',
    ],
    [
      'beside a purl with a subpath',
      'pkg:golang/github.com/acme/a#cmd',
      'v1.2.0',
      'pkg:golang/github.com/acme/a@v1.2.0#cmd',
    ],
    [
      'with characters that a purl encodes',
      'pkg:maven/g/a',
      '1.0+b/2',
      'pkg:maven/g/a@1.0%2Bb%2F2',
    ],
    ['in both places, where the purl decides', 'pkg:npm/a@1.0.0', '1.0.0-x', 'pkg:npm/a@1.0.0'],
    ['that is an image tag, of a docker image', 'pkg:docker/acme/a', 'latest', '#r'],
    ['that is an image tag, of an OCI image', 'pkg:oci/a', 'v1', '#r'],
    ['that is not known', 'pkg:npm/a', 'UNKNOWN', '#r'],
    ['that is not asserted', 'pkg:npm/a', 'NOASSERTION', '#r'],
    ['that is stated nowhere', 'pkg:npm/a', undefined, '#r'],
  ])('%s', (_what, purl, version, key) => {
    expect(componentOf(purl, version)).toEqual([key === '#r' ? key : parsePurl(key).purl]);
  });
});

describe('a reference that is spelled in another way', () => {
  const pair = (from: string, to: string) => [
    { type: 'library', name: 'from', version: '1', purl: from, 'bom-ref': from },
    { type: 'library', name: 'to', version: '1', purl: to, 'bom-ref': to },
  ];
  const to = 'pkg:npm/to@1.0.0';
  test.each([
    ['an @ that is not encoded', 'pkg:npm/%40acme/a@1.0.0', 'pkg:npm/@acme/a@1.0.0'],
    ['an @ that is encoded', 'pkg:npm/@acme/a@1.0.0', 'pkg:npm/%40acme/a@1.0.0'],
    [
      'a plus sign in a version',
      'pkg:deb/debian/g%2B%2B@4.9?arch=amd64',
      'pkg:deb/debian/g++@4.9?arch=amd64',
    ],
    [
      'qualifiers in another order',
      'pkg:maven/g/a@1?type=jar&classifier=x',
      'pkg:maven/g/a@1?classifier=x&type=jar',
    ],
  ])('(%s) names the component', (_what, bomRef, ref) => {
    const { changes } = parse(
      bom({ components: pair(bomRef, to), dependencies: [{ ref, dependsOn: [to] }] }),
    );
    expect(edgesOf(changes, 'DEPENDS_ON')).toHaveLength(1);
  });

  test('(a bom-ref that is not a purl, in another Unicode form) names the component', () => {
    const components = [
      { type: 'library', name: 'a', purl: 'pkg:npm/a@1', 'bom-ref': 'caf\u00e9 1' },
      { type: 'library', name: 'b', purl: 'pkg:npm/b@1', 'bom-ref': 'b' },
    ];
    const dependencies = [{ ref: 'cafe\u0301%201', dependsOn: ['b'] }];
    expect(edgesOf(parse(bom({ components, dependencies })).changes, 'DEPENDS_ON')).toEqual([
      'PackageVersion pkg:npm/a@1 -DEPENDS_ON-> PackageVersion pkg:npm/b@1',
    ]);
  });

  test('never names another version, and the exact spelling comes first', () => {
    const components = pair('pkg:npm/%40acme/a@1.0.0', 'pkg:npm/@acme/a@2.0.0');
    const dependencies = [
      { ref: 'pkg:npm/@acme/a@2.0.0', dependsOn: ['pkg:npm/@acme/a@1.0.0'] },
      { ref: 'pkg:npm/@acme/a@3.0.0', dependsOn: ['pkg:npm/@acme/a@1.0.0'] },
    ];
    expect(edgesOf(parse(bom({ components, dependencies })).changes, 'DEPENDS_ON')).toEqual([
      'PackageVersion pkg:npm/%40acme/a@2.0.0 -DEPENDS_ON-> PackageVersion pkg:npm/%40acme/a@1.0.0',
    ]);
  });

  test('reaches a vulnerability by the purl that it affects', () => {
    const components = [
      { type: 'library', name: 'a', purl: 'pkg:npm/%40acme/a@1.0.0', 'bom-ref': 'x' },
    ];
    const vulnerabilities = [{ id: 'CVE-1', affects: [{ ref: 'pkg:npm/@acme/a@1.0.0' }] }];
    expect(edgesOf(parse(bom({ components, vulnerabilities })).changes, 'AFFECTS')).toEqual([
      'Vulnerability CVE-1 -AFFECTS-> PackageVersion pkg:npm/%40acme/a@1.0.0',
    ]);
  });
});
