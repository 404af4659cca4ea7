import { describe, expect, it } from '@jest/globals';
import { parsePurl } from '../../../src/model/purl.ts';

describe('the package of a package URL', () => {
  it.each([
    ['pkg:npm/%40a/b@1.0.0?c=d#e', 'pkg:npm/%40a/b'],
    ['pkg:npm/@a/b', 'pkg:npm/%40a/b'],
    ['pkg:npm/Base64@1.0.0', 'pkg:npm/Base64'],
    ['pkg:julia/AWS@1.88.0?uuid=fbe9abb3', 'pkg:julia/AWS?uuid=fbe9abb3'],
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

/** As producers write it, and the canonical form. */
describe('what can be meant in one way only', () => {
  it.each([
    ['PKG://NPM/@Angular/Core@1.0.0', 'pkg:npm/%40angular/core@1.0.0'],
    ['pkg:npm/%40angular%2Fcore@1.0.0', 'pkg:npm/%40angular/core@1.0.0'],
    ['pkg:npm/JSONStream@1.3.5', 'pkg:npm/JSONStream@1.3.5'],
    ['pkg:golang/github.com%2Fgorilla%2Fmux@v1.8.0', 'pkg:golang/github.com/gorilla/mux@v1.8.0'],
    [
      'pkg:golang/github.com/Azure/go-autorest@v14.2.0+incompatible',
      'pkg:golang/github.com/azure/go-autorest@v14.2.0%2Bincompatible',
    ],
    ['pkg:golang/stdlib@1.21.3', 'pkg:golang/stdlib@1.21.3'],
    ['pkg:golang/std@v1.21.3', 'pkg:golang/stdlib@v1.21.3'],
    ['pkg:golang/github.com/Sirupsen/Logrus', 'pkg:golang/github.com/sirupsen/logrus'],
    ['pkg:npm/angular/core@1.0.0', 'pkg:npm/%40angular/core@1.0.0'],
    ['pkg:docker/library/nginx', 'pkg:docker/nginx'],
    ['pkg:githubactions/Actions/Checkout@v4', 'pkg:githubactions/actions/checkout@v4'],
    [
      'pkg:julia/A@1?uuid=44CFE95A-1EB2-52EA-B672-E2AFDF69B78F',
      'pkg:julia/A@1?uuid=44cfe95a-1eb2-52ea-b672-e2afdf69b78f',
    ],
    ['pkg:pypi/Zope.Interface_x@5.0', 'pkg:pypi/zope-interface-x@5.0'],
    ['pkg:nuget/Newtonsoft.Json@13.0.1', 'pkg:nuget/newtonsoft.json@13.0.1'],
    ['pkg:composer/Laravel/Framework@5.5', 'pkg:composer/laravel/framework@5.5'],
    [
      'pkg:deb/Debian/libc6@1%3A2.0-1+b1?arch=amd64',
      'pkg:deb/debian/libc6@1:2.0-1%2Bb1?arch=amd64',
    ],
    [
      'pkg:maven/g/a@1?repository_url=https%3A%2F%2Frepo.example/m2&type=jar',
      'pkg:maven/g/a@1?repository_url=https:%2F%2Frepo.example%2Fm2&type=jar',
    ],
    [
      'pkg:generic/a@1?vcs_url=git+https://git.example/a.git@abc',
      'pkg:generic/a@1?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fa.git%40abc',
    ],
    ['pkg:generic/a@1?b=&c=d&C=d', 'pkg:generic/a@1?c=d'],
    ['pkg:generic/a@release/1.0', 'pkg:generic/a@release%2F1.0'],
    ['pkg:generic/a!(b)', 'pkg:generic/a%21%28b%29'],
    ['pkg:generic/gr\u00fcn@1', 'pkg:generic/gr%C3%BCn@1'],
    ['pkg:generic//a//b/@1#/x/../y/./', 'pkg:generic/a/b@1#x/y'],
    ['pkg:huggingface/a/b@ABCDEF', 'pkg:huggingface/a/b@abcdef'],
    ['pkg:cpan/oalders/libwww-perl@6.76', 'pkg:cpan/OALDERS/libwww-perl@6.76'],
    ['pkg:rpm/openssl@3.0', 'pkg:rpm/openssl@3.0'],
    ['pkg:swift/github.com/vapor/vapor', 'pkg:swift/github.com/vapor/vapor'],
    ['pkg:cran/rJava', 'pkg:cran/rJava'],
    ['pkg:conan/boost/boost@1.80', 'pkg:conan/boost/boost@1.80'],
  ])('%s is %s', (text, canonical) => {
    expect(parsePurl(text).purl).toBe(canonical);
  });

  it.each([
    ['npm/a', "does not begin with 'pkg:'"],
    ['pkg:a', 'it has no name'],
    ['pkg:npm/@1.0.0', 'it has no name'],
    ['pkg:1a/b', "'1a' is not a type of packages"],
    ['pkg:npm/a@1.0%', 'not percent-encoded'],
    ['pkg:npm/a?b c=d', "'b c' is not a key"],
    ['pkg:npm/a?b=c&B=d', "the qualifier 'b' stands there twice"],
    ['pkg:maven/a@1', 'is not a namespace'],
    [`pkg:generic/${'\u00fc'.repeat(500)}`, 'in canonical form it has'],
  ])('%s is refused: %s', (text, why) => {
    expect(() => parsePurl(text)).toThrow(why);
  });

  it('states no qualifier but those that are there', () => {
    const { qualifiers } = parsePurl('pkg:generic/a?constructor=b');
    const other: unknown = Reflect.get(qualifiers, 'toString');
    expect([Reflect.get(qualifiers, 'constructor'), other]).toEqual(['b', undefined]);
  });
});

it.each([
  ['pkg:deb/debian/ca-certificates-java@1:20230710?arch=all', null],
  ['pkg:rpm/fedora/bind@32%3A9-1', null],
  ['pkg:maven/g/a@1:2?type=jar', null],
  [`pkg:generic/tool@sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
  [`pkg:oci/app@sha256%3A${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
])('%s names the digest %s: an epoch is not an algorithm', (text, digest) => {
  expect(parsePurl(text).digest).toBe(digest);
});
