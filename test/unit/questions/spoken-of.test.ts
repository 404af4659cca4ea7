import { describe, expect, it } from '@jest/globals';
import type { GraphNode } from '../../../src/questions/subgraph.ts';
import { parsePurl } from '../../../src/model/purl.ts';
import { packedFrom, repackagedAs } from '../../../src/model/repackaged.ts';
import { namesSpokenOf } from '../../../src/questions/spoken-of.ts';

const record = (key: string, more: Readonly<Record<string, unknown>> = {}): GraphNode => ({
  ...{ label: 'PackageVersion', key },
  ...more,
});
const isNamed = (records: readonly GraphNode[], type: string, name: string): boolean =>
  namesSpokenOf(records).some(([of, one]) => one === name && (of === type || of === null));

describe('under which names advisories may speak of what is inside', () => {
  it.each([
    ['pkg:npm/lodash', 'node-lodash'],
    ['pkg:npm/%40babel/core', 'node-babel-core'],
    ['pkg:pypi/python-dateutil', 'python3-dateutil'],
    ['pkg:pypi/zope.interface', 'python3-zope.interface'],
    ['pkg:pypi/backports-entry-points-selectable', 'python3-backports.entry-points-selectable'],
    ['pkg:golang/github.com/gorilla/mux', 'golang-github-gorilla-mux-dev'],
    ['pkg:composer/symfony/http-kernel', 'php-symfony-http-kernel'],
    ['pkg:gem/rack', 'ruby-rack'],
    ['pkg:cargo/serde_json', 'librust-serde-json-dev'],
    ['pkg:maven/commons-io/commons-io', 'libcommons-io-java'],
    ['pkg:cargo/openssl', 'openssl'],
    ['pkg:nuget/sqlite', 'sqlite'],
  ])('an advisory on %s is looked for where %s is inside', (advised, packed) => {
    const purl = parsePurl(advised);
    expect(repackagedAs(purl)).toContainEqual(['deb', packed]);
    expect(isNamed([record(`pkg:deb/debian/${packed}@1`)], purl.type, purl.name)).toBe(true);
  });

  it('a source counts as the package that is built from it', () => {
    const built = record('pkg:deb/debian/libjs-x@1', { sourceName: 'node-lodash' });
    expect(isNamed([built], 'npm', 'lodash')).toBe(true);
    const syft = record('pkg:deb/debian/libjs-x@1?upstream=node-lodash%401');
    expect(isNamed([syft], 'npm', 'lodash')).toBe(true);
    expect(isNamed([record('pkg:deb/debian/libjs-x@1')], 'npm', 'lodash')).toBe(false);
  });

  it('a distribution may speak of what it packs from an ecosystem', () => {
    expect(isNamed([record('pkg:npm/lodash@1')], 'deb', 'node-lodash')).toBe(true);
    expect(isNamed([record('pkg:npm/lodash@1')], 'deb', 'lodash')).toBe(false);
  });

  it('a component of no ecosystem may be any package of its name', () => {
    const named = record('urn:component:1', { matchName: 'log4j-core', name: 'Log4j_Core' });
    for (const [type, name] of [
      ['maven', 'log4j-core'],
      ['npm', 'log4j_core'],
      ['generic', 'Log4j-Core'],
    ] as const) {
      expect([type, isNamed([named], type, name)]).toEqual([type, true]);
    }
    expect(isNamed([record('pkg:maven/a/log4j-core@1')], 'npm', 'log4j-core')).toBe(false);
    expect(isNamed([record('pkg:maven/a/log4j-core@1')], 'github', 'log4j-core')).toBe(true);
  });

  it('names are those that packages are taken apart into', () => {
    expect(packedFrom('node-babel-core')).toEqual(
      expect.arrayContaining([
        ['npm', 'babel-core'],
        ['npm', 'core'],
      ]),
    );
    expect(packedFrom('tar')).toEqual([]);
    expect(namesSpokenOf([{ ...record('x'), label: 'Artifact' }])).toEqual([]);
  });
});
