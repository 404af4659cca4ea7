import { describe, expect, test } from '@jest/globals';
import { isFileSpecificKey } from '../../../src/model/purl-files.ts';

describe('a purl is specific to one file', () => {
  test.each([
    'pkg:npm/%40scope/lib@1.2.3',
    'pkg:cargo/serde@1.0.200',
    'pkg:golang/golang.org/x/text@v0.14.0',
    'pkg:golang/golang.org/x/exp@v0.0.0-20240102030405-0123456789ab',
    'pkg:nuget/Newtonsoft.Json@13.0.3',
    'pkg:gem/nokogiri@1.16.0?platform=x86_64-linux',
    'pkg:pypi/numpy@1.26.0?file_name=numpy-1.26.0-cp312-cp312-macosx_11_0_arm64.whl',
    'pkg:maven/org.lwjgl/lwjgl@3.3.3?classifier=natives-linux&type=jar',
    'pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12',
    'pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386',
    'pkg:apk/alpine/apk-tools@2.14.0-r2?arch=x86_64&distro=3.18',
    `pkg:generic/openssl@3.0.1?checksum=sha256:${'ab'.repeat(32)}`,
  ])('%s', (purl) => {
    expect(isFileSpecificKey(purl)).toBe(true);
  });
});

describe('a purl may name many files', () => {
  test.each([
    'pkg:npm/lib',
    'pkg:npm/lib@latest',
    'pkg:npm/lib@%5E1.2.0',
    'pkg:npm/monorepo@0.0.0',
    'pkg:gem/nokogiri@1.16.0',
    'pkg:pypi/numpy@1.26.0',
    'pkg:maven/org.lwjgl/lwjgl@3.3.3',
    'pkg:maven/org.lwjgl/lwjgl@3.3.3?type=jar',
    'pkg:maven/g/a@1.0-SNAPSHOT?classifier=x&type=jar',
    'pkg:deb/debian/curl@7.88.1-10',
    'pkg:deb/debian/curl@7.88.1-10?arch=source',
    'pkg:apk/alpine/apk-tools@2.14.0-r2?arch=x86_64',
    'pkg:generic/openssl@3.0.1?download_url=https%3A%2F%2Fexample.test%2Fo.tgz',
    'pkg:composer/laravel/laravel@5.5.0',
    'pkg:github/actions/checkout@v4',
    'pkg:docker/app@1.2',
    'not a purl',
  ])('%s', (purl) => {
    expect(isFileSpecificKey(purl)).toBe(false);
  });
});
