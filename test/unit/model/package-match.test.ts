import { describe, expect, it } from '@jest/globals';
import { matchPackage } from '../../../src/model/package-match.ts';
import { parsePurl } from '../../../src/model/purl.ts';

function match(reference: string, component: string, range: string | null = null): string {
  const found = matchPackage({ purl: parsePurl(reference), range }, parsePurl(component));
  return found.result === 'NO' ? `NO ${found.rule}` : found.result;
}

/** Reference, component, answer. */
type Row = readonly [string, string, string];
const check = (reference: string, component: string, answer: string) => {
  expect(match(reference, component)).toBe(answer);
};

describe('a reference to a package', () => {
  it.each<Row>([
    ['pkg:npm/a', 'pkg:npm/a@1.0.0', 'YES'],
    ['pkg:npm/a', 'pkg:npm/a', 'YES'],
    ['pkg:npm/a', 'pkg:pypi/a@1.0.0', 'NO OTHER_TYPE'],
    ['pkg:npm/a', 'pkg:npm/%40b/a@1.0.0', 'NO OTHER_NAME'],
    ['pkg:npm/a@1.0.0', 'pkg:npm/a', 'UNKNOWN'],
    ['pkg:rpm/redhat/openssl@3.0.7-1', 'pkg:rpm/rhel/openssl@3.0.7-1', 'YES'],
    ['pkg:rpm/openssl@3.0.7-1', 'pkg:rpm/fedora/openssl@3.0.7-1', 'UNKNOWN'],
    ['pkg:deb/debian/curl@7.1-1', 'pkg:deb/ubuntu/curl@7.1-1', 'NO OTHER_NAME'],
    [
      'pkg:deb/debian/openssl',
      'pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&upstream=openssl%403.0.9-1',
      'UNKNOWN',
    ],
    [
      'pkg:rpm/redhat/openssl',
      'pkg:rpm/redhat/openssl-libs@3.0.7-1.el9?upstream=openssl-3.0.7-1.el9.src.rpm',
      'UNKNOWN',
    ],
  ])('%s about %s: %s', check);

  it.each<Row>([
    ['pkg:pypi/a@1.0', 'pkg:pypi/a@1.0.0', 'YES'],
    ['pkg:pypi/a@2.1.0', 'pkg:pypi/a@2.1.0%2Bcpu', 'YES'],
    ['pkg:pypi/a@2.1.0%2Bcpu', 'pkg:pypi/a@2.1.0', 'UNKNOWN'],
    ['pkg:pypi/a@2.1.0%2Bcpu', 'pkg:pypi/a@3.0', 'NO OTHER_VERSION'],
    ['pkg:golang/a.example/b@0.7.0', 'pkg:golang/a.example/b@v0.7.0', 'YES'],
    ['pkg:composer/a/b@5.5', 'pkg:composer/a/b@v5.5.0', 'YES'],
    ['pkg:npm/a@1.0.0', 'pkg:npm/a@1.0.0%2Bbuild.5', 'YES'],
    ['pkg:npm/a@1.0.0', 'pkg:npm/a@1.0.1', 'NO OTHER_VERSION'],
    ['pkg:npm/a@1.0.0', 'pkg:npm/a@latest', 'UNKNOWN'],
    ['pkg:npm/a@1.0.0', 'pkg:npm/a@%5E1.0.0', 'UNKNOWN'],
    ['pkg:rpm/a/b@1.0-1?epoch=2', 'pkg:rpm/a/b@2:1.0-1', 'YES'],
    ['pkg:rpm/a/b@1.0-1', 'pkg:rpm/a/b@1.0-1?epoch=2', 'UNKNOWN'],
    ['pkg:deb/debian/a@1:1.0-1', 'pkg:deb/debian/a@1.0-1?epoch=1', 'YES'],
    ['pkg:deb/debian/a@1.0', 'pkg:deb/debian/a@1.0-1', 'UNKNOWN'],
    ['pkg:deb/debian/a@1.0-1', 'pkg:deb/debian/a@1.0-2', 'NO OTHER_VERSION'],
    ['pkg:deb/debian/a@1.0-1', 'pkg:deb/debian/a@1.0-1%2Bb1', 'UNKNOWN'],
    ['pkg:deb/debian/a@1.0', 'pkg:deb/debian/a@0:1.0-0', 'YES'],
    ['pkg:rpm/redhat/a@1.0-1', 'pkg:rpm/redhat/a@1.0-1.el9', 'UNKNOWN'],
    ['pkg:rpm/redhat/a@1.0-1.el8', 'pkg:rpm/redhat/a@1.0-1.el9', 'NO OTHER_VERSION'],
    ['pkg:rpm/redhat/a@0:1.0-1', 'pkg:rpm/redhat/a@1.0-1?epoch=0', 'YES'],
    ['pkg:apk/alpine/a@1.0-r1', 'pkg:apk/alpine/a@1.0', 'UNKNOWN'],
    ['pkg:apk/alpine/a@1.0-r1', 'pkg:apk/alpine/a@1.0-r2', 'NO OTHER_VERSION'],
    ['pkg:maven/g/a@1.0.Final', 'pkg:maven/g/a@1', 'YES'],
    ['pkg:maven/g/a@1.0', 'pkg:maven/g/a@v1.0', 'YES'],
    ['pkg:maven/g/a@1.0-rc1', 'pkg:maven/g/a@1.0-CR-1', 'YES'],
    ['pkg:maven/g/a@1.0', 'pkg:maven/g/a@1.0-SNAPSHOT', 'NO OTHER_VERSION'],
    ['pkg:maven/g/a@1.0-SNAPSHOT', 'pkg:maven/g/a@1.0-20240131.101530-7', 'UNKNOWN'],
    ['pkg:gem/a@1.0', 'pkg:gem/a@1', 'YES'],
    ['pkg:gem/a@1.0.pre.1', 'pkg:gem/a@1.0-1', 'YES'],
    ['pkg:composer/a/b@1.0.0-RC1', 'pkg:composer/a/b@v1.0.0.0-rc.1', 'YES'],
    ['pkg:cran/a@1.0-1', 'pkg:cran/a@1.0.1', 'YES'],
    ['pkg:generic/a@V1.0', 'pkg:generic/a@1.0.0', 'YES'],
    ['pkg:generic/a@1.0', 'pkg:generic/a@1.1', 'NO OTHER_VERSION'],
    ['pkg:generic/a@1.0', 'pkg:generic/a@main', 'UNKNOWN'],
    ['pkg:github/a/b@v1.0', 'pkg:github/a/b@5b8c1d7e0f5b8c1d7e0f5b8c1d7e0f5b8c1d7e0f', 'UNKNOWN'],
    [
      'pkg:github/a/b@5b8c1d7',
      'pkg:github/a/b@5b8c1d7e0f5b8c1d7e0f5b8c1d7e0f5b8c1d7e0f',
      'UNKNOWN',
    ],
    ['pkg:docker/a@1.21', 'pkg:docker/a@latest', 'UNKNOWN'],
    ['pkg:docker/a@1.21', 'pkg:docker/a@1.21', 'YES'],
    [`pkg:oci/a@sha256%3A${'a'.repeat(64)}`, `pkg:oci/a@sha256%3A${'b'.repeat(64)}`, 'UNKNOWN'],
  ])('%s and the version of %s: %s', check);

  it.each<Row>([
    ['pkg:maven/g/a@1.0', 'pkg:maven/g/a@1.0?type=jar', 'YES'],
    ['pkg:maven/g/a@1.0?type=jar', 'pkg:maven/g/a@1.0', 'YES'],
    ['pkg:maven/g/a@1.0?type=bundle', 'pkg:maven/g/a@1.0?type=jar', 'YES'],
    ['pkg:maven/g/a@1.0?type=war', 'pkg:maven/g/a@1.0', 'UNKNOWN'],
    ['pkg:maven/g/a@1.0?type=war', 'pkg:maven/g/a@1.0?type=pom', 'NO OTHER_QUALIFIER'],
    ['pkg:maven/g/a@1.0?type=hk2-jar', 'pkg:maven/g/a@1.0?type=jar', 'UNKNOWN'],
    ['pkg:maven/g/a@1.0?classifier=x', 'pkg:maven/g/a@1.0?type=jar', 'UNKNOWN'],
    ['pkg:maven/g/a@1.0?classifier=x', 'pkg:maven/g/a@1.0?classifier=y', 'NO OTHER_QUALIFIER'],
    [
      'pkg:maven/g/a@1.0?repository_url=https://repo.maven.apache.org/maven2/',
      'pkg:maven/g/a@1.0',
      'YES',
    ],
    [
      'pkg:npm/a@1.0.0?repository_url=https://npm.example',
      'pkg:npm/a@1.0.0?repository_url=mirror.example',
      'UNKNOWN',
    ],
    ['pkg:deb/debian/a@1-1', 'pkg:deb/debian/a@1-1?arch=i386&distro=jessie', 'YES'],
    ['pkg:deb/debian/a@1-1?arch=amd64', 'pkg:deb/debian/a@1-1?arch=x86_64', 'YES'],
    ['pkg:deb/debian/a@1-1?arch=amd64', 'pkg:deb/debian/a@1-1?arch=arm64', 'NO OTHER_QUALIFIER'],
    ['pkg:deb/debian/a@1-1?arch=all', 'pkg:deb/debian/a@1-1?arch=arm64', 'UNKNOWN'],
    ['pkg:deb/debian/a@1-1?arch=source', 'pkg:deb/debian/a@1-1?arch=arm64', 'UNKNOWN'],
    ['pkg:deb/debian/a@1-1?arch=amd64', 'pkg:deb/debian/a@1-1', 'UNKNOWN'],
    ['pkg:deb/debian/a@1-1?distro=debian-12', 'pkg:deb/debian/a@1-1?distro=bookworm', 'YES'],
    ['pkg:deb/debian/a@1-1?distro=debian-12', 'pkg:deb/debian/a@1-1?distro=debian-12.5', 'YES'],
    ['pkg:deb/debian/a@1-1?distro=debian-12.5', 'pkg:deb/debian/a@1-1?distro=bookworm', 'UNKNOWN'],
    [
      'pkg:deb/debian/a@1-1?distro=bullseye',
      'pkg:deb/debian/a@1-1?distro=debian-12',
      'NO OTHER_QUALIFIER',
    ],
    ['pkg:deb/debian/a@1-1?distro=sid', 'pkg:deb/debian/a@1-1?distro=debian-12', 'UNKNOWN'],
    ['pkg:apk/alpine/a@1-r0?distro=alpine-3.18', 'pkg:apk/alpine/a@1-r0?distro=3.18.4', 'YES'],
    [
      'pkg:apk/alpine/a@1-r0?distro=v3.18',
      'pkg:apk/alpine/a@1-r0?distro=3.19.1',
      'NO OTHER_QUALIFIER',
    ],
    ['pkg:apk/alpine/a@1-r0?distro=edge', 'pkg:apk/alpine/a@1-r0?distro=alpine-3.18', 'UNKNOWN'],
    ['pkg:rpm/redhat/a@1-1?distro=rhel-8', 'pkg:rpm/centos/a@1-1?distro=centos-8', 'UNKNOWN'],
    ['pkg:gem/a@1.0', 'pkg:gem/a@1.0?platform=java', 'YES'],
    ['pkg:gem/a@1.0?platform=ruby', 'pkg:gem/a@1.0', 'YES'],
    ['pkg:gem/a@1.0?platform=java', 'pkg:gem/a@1.0?platform=x86_64-linux', 'NO OTHER_QUALIFIER'],
    ['pkg:gem/a@1.0?platform=x86_64-linux', 'pkg:gem/a@1.0?platform=x86_64-linux-gnu', 'UNKNOWN'],
    ['pkg:docker/a@1?platform=linux/amd64', 'pkg:docker/a@1?platform=linux/x86_64', 'YES'],
    ['pkg:conan/n/a@1?user=u&channel=c', 'pkg:conan/n/a@1?rrev=0', 'UNKNOWN'],
    ['pkg:conda/a@1?subdir=linux-64', 'pkg:conda/a@1?subdir=osx-arm64', 'NO OTHER_QUALIFIER'],
    ['pkg:generic/a@1?checksum=sha1:aa', 'pkg:generic/a@1?checksum=sha1:bb', 'YES'],
    ['pkg:generic/a@1?download_url=https://a', 'pkg:generic/a@1', 'YES'],
    ['pkg:generic/a@1?made_up=b', 'pkg:generic/a@1?made_up=c', 'UNKNOWN'],
  ])('%s and the qualifiers of %s: %s', check);

  it.each<Row>([
    ['pkg:golang/h.example/m@v1.0.0', 'pkg:golang/h.example/m@v1.0.0#a', 'YES'],
    ['pkg:golang/h.example/m@v1.0.0#a', 'pkg:golang/h.example/m@v1.0.0', 'YES'],
    ['pkg:golang/h.example/m@v1.0.0#a', 'pkg:golang/h.example/m@v1.0.0#a/b', 'YES'],
    ['pkg:golang/h.example/m@v1.0.0#a', 'pkg:golang/h.example/m@v1.0.0#ab', 'UNKNOWN'],
  ])('%s and the path of %s: %s', check);

  it.each<readonly [string, string | null, string, string]>([
    ['pkg:npm/a', '*', 'pkg:npm/a', 'YES'],
    ['pkg:npm/a', 'vers:npm/*', 'pkg:npm/a@latest', 'YES'],
    ['pkg:npm/a', 'vers:npm/<2.0.0', 'pkg:npm/a@1.0.0', 'YES'],
    ['pkg:npm/a', 'vers:npm/<2.0.0', 'pkg:npm/a@2.0.0', 'NO OUTSIDE_RANGE'],
    ['pkg:npm/a', 'vers:npm/<2.0.0', 'pkg:npm/a@latest', 'UNKNOWN'],
    ['pkg:npm/a', 'vers:npm/<2.0.0', 'pkg:npm/a', 'UNKNOWN'],
    ['pkg:npm/a', 'vers:npm/<nonsense', 'pkg:npm/a@1.0.0', 'UNKNOWN'],
    ['pkg:npm/a?vers=vers:npm%2F%3C2.0.0', null, 'pkg:npm/a@2.0.0', 'NO OUTSIDE_RANGE'],
    ['pkg:luarocks/a', 'vers:luarocks/<2.0', 'pkg:luarocks/a@1.0', 'UNKNOWN'],
    ['pkg:conan/a', 'vers:conan/<2.0', 'pkg:conan/a@1.0', 'YES'],
    ['pkg:conan/openssl', 'vers:conan/<1.1.1w', 'pkg:conan/openssl@1.1.1w', 'NO OUTSIDE_RANGE'],
    ['pkg:alpm/arch/a', 'vers:alpm/<1.2-2', 'pkg:alpm/arch/a@1.2-2', 'NO OUTSIDE_RANGE'],
    ['pkg:alpm/arch/a', 'vers:alpm/<1.2-2', 'pkg:alpm/arch/a@1.2rc1-3', 'YES'],
    ['pkg:alpm/arch/a', 'vers:alpm/<1.2-2', 'pkg:alpm/arch/a@1.2', 'UNKNOWN'],
    ['pkg:conan/a', 'vers:conan/1.0|1.1', 'pkg:conan/a@1.0', 'YES'],
    ['pkg:conan/a', 'vers:conan/1.0|1.1', 'pkg:conan/a@1.2', 'NO OUTSIDE_RANGE'],
    ['pkg:npm/a', 'vers:none/*', 'pkg:npm/a@1.0.0', 'NO OUTSIDE_RANGE'],
    ['pkg:deb/debian/a', 'vers:deb/<1:1.0-2', 'pkg:deb/debian/a@1.0-1?epoch=1', 'YES'],
    ['pkg:rpm/redhat/a', 'vers:rpm/<1:1.0-2', 'pkg:rpm/redhat/a@1.0-3?epoch=1', 'NO OUTSIDE_RANGE'],
    ['pkg:rpm/redhat/a', 'vers:rpm/<1:1.0-2', 'pkg:rpm/redhat/a@1.0-3', 'UNKNOWN'],
    ['pkg:npm/a@9.9.9', 'vers:npm/<2.0.0', 'pkg:npm/a@1.0.0', 'YES'],
  ])('%s in %s about %s: %s', (reference, range, component, answer) => {
    expect(match(reference, component, range)).toBe(answer);
  });

  it.each<readonly [string, string, string]>([
    // Red Hat's feed, of a CentOS image by Syft; and what builds the same sources elsewhere
    ['pkg:rpm/redhat/a', 'pkg:rpm/centos/a@1.1.1g-15.el8_3?arch=x86_64', 'UNKNOWN'],
    ['pkg:rpm/redhat/a', 'pkg:rpm/rocky/a@1.1.1g-15.el8_3?arch=x86_64', 'UNKNOWN'],
    ['pkg:rpm/redhat/a', 'pkg:rpm/almalinux/a@1.1.1k-9.el8?arch=x86_64', 'NO OUTSIDE_RANGE'],
    ['pkg:rpm/redhat/a', 'pkg:rpm/amzn/a@1.1.1g-12.amzn2?arch=x86_64', 'NO OTHER_NAME'],
    ['pkg:deb/debian/a', 'pkg:deb/raspbian/a@1.1.1g-1?arch=armhf', 'UNKNOWN'],
    ['pkg:deb/debian/a', 'pkg:deb/ubuntu/a@1.1.1g-1ubuntu2?arch=amd64', 'NO OTHER_NAME'],
    ['pkg:apk/wolfi/a', 'pkg:apk/chainguard/a@1.1.0-r0?arch=x86_64', 'UNKNOWN'],
    // Conan's vendor and Yocto's layer may be left out
    ['pkg:conan/a', 'pkg:conan/acme/a@1.1.0', 'UNKNOWN'],
    ['pkg:conan/a.example/a', 'pkg:conan/a@1.1.0', 'UNKNOWN'],
    ['pkg:yocto/core/busybox', 'pkg:yocto/busybox@1.1.0', 'UNKNOWN'],
    ['pkg:conan/a', 'pkg:conan/acme/b@1.1.0', 'NO OTHER_NAME'],
    // a package of GitHub's advisories, in a module; and what only looks like it
    ['pkg:golang/h.example/x/m/ssh', 'pkg:golang/h.example/x/m@v1.1.0', 'UNKNOWN'],
    ['pkg:golang/h.example/x/m/ssh/v2', 'pkg:golang/h.example/x/m@v1.1.0', 'UNKNOWN'],
    ['pkg:golang/h.example/x/m/ssh', 'pkg:golang/h.example/x/m@v1.1.2', 'NO OUTSIDE_RANGE'],
    ['pkg:golang/h.example/x/m/v2', 'pkg:golang/h.example/x/m@v1.1.0', 'NO OTHER_NAME'],
    ['pkg:golang/h.example/x/mm', 'pkg:golang/h.example/x/m@v1.1.0', 'NO OTHER_NAME'],
    ['pkg:golang/h.example/m', 'pkg:golang/h.example@v1.1.0', 'NO OTHER_NAME'],
    // Go itself, as Syft, Trivy, cyclonedx-gomod and `go version` write it
    ['pkg:golang/stdlib', 'pkg:golang/stdlib@1.1', 'YES'],
    ['pkg:golang/stdlib', 'pkg:golang/std@v1.1.0', 'YES'],
    ['pkg:golang/stdlib', 'pkg:golang/stdlib@go1.1rc2', 'YES'],
    ['pkg:golang/stdlib', 'pkg:golang/stdlib@go1.2', 'NO OUTSIDE_RANGE'],
    // what stands for no release may be any
    ['pkg:npm/a', 'pkg:npm/a@0.0.0-development', 'YES'],
    ['pkg:cargo/a', 'pkg:cargo/a@0.0.0', 'YES'],
  ])('%s up to a version about %s: %s', (reference, component, answer) => {
    const type = parsePurl(reference).type;
    const bound = { rpm: '1.1.1k-9.el8', deb: '1.1.1k-1', apk: '1.1.1-r0' }[type] ?? '1.1.1';
    expect(match(reference, component, `vers:${type}/<${bound}`)).toBe(answer);
  });

  it.each<readonly [string, string, string]>([
    ['vers:npm/>=1.0.0|<2.0.0', 'pkg:npm/a@0.0.0-development', 'UNKNOWN'],
    ['vers:npm/>=1.0.0|<2.0.0', 'pkg:npm/a@0.0.0-use.local', 'UNKNOWN'],
    ['vers:pypi/>=1.0|<2.0', 'pkg:pypi/a@0.0.0', 'UNKNOWN'],
    ['vers:pypi/>=1.0|<2.0', 'pkg:pypi/a@0.0.1', 'NO OUTSIDE_RANGE'],
    [
      'vers:golang/>=1.0.0|<2.0.0',
      'pkg:golang/h.example/a@v0.0.0-20200101000000-0123456789ab',
      'NO OUTSIDE_RANGE',
    ],
    [
      'vers:golang/>=0.0.0|<2.0.0',
      'pkg:golang/h.example/a@v0.0.0-20200101000000-0123456789ab',
      'YES',
    ],
    ['vers:cargo/>=0.0.0-0|<2.0.0', 'pkg:cargo/a@1.0.0', 'YES'],
    ['vers:npm/>=0.0.0', 'pkg:npm/a@0.0.0-alpha', 'YES'],
  ])('%s, and what has no release yet, %s: %s', (range, component, answer) => {
    const { packageKey } = parsePurl(component);
    expect(match(packageKey, component, range)).toBe(answer);
  });

  it.each<Row>([
    ['pkg:npm/a@1', 'pkg:npm/a@1.5.0', 'UNKNOWN'],
    ['pkg:golang/h.example/a@v1.2', 'pkg:golang/h.example/a@v1.2.3', 'UNKNOWN'],
    ['pkg:cargo/a@1.5', 'pkg:cargo/a@1.6.0', 'NO OTHER_VERSION'],
    ['pkg:npm/a@1', 'pkg:npm/a@10.0.0', 'NO OTHER_VERSION'],
    ['pkg:golang/stdlib@1.21.0', 'pkg:golang/stdlib@go1.21', 'YES'],
  ])('%s, whose version is only the beginning of one, about %s: %s', check);

  it('names both values where it cannot tell', () => {
    const reference = parsePurl('pkg:deb/debian/a@1-1?arch=all');
    const component = parsePurl('pkg:deb/debian/a@1-1?arch=arm64');
    expect(matchPackage({ purl: reference }, component)).toEqual({
      result: 'UNKNOWN',
      reason: `'pkg:deb/debian/a@1-1?arch=all' is about 'arch=all', and 'pkg:deb/debian/a@1-1?arch=arm64' has 'arm64'.`,
    });
  });
});
