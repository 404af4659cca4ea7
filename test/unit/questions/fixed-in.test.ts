import { describe, expect, it } from '@jest/globals';
import { fixedIn } from '../../../src/questions/fixed-in.ts';
import { event } from '../../support/events.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';

const vers = (purl: string, range: string) => {
  const [path, rest = ''] = purl.split('?');
  return `${path}?${rest === '' ? '' : `${rest}&`}vers=${encodeURIComponent(range)}`;
};

/** Of a package version, the fix that one advisory names, by these references of two of its sources. */
function fix(version: string, affects: readonly string[], others: readonly string[] = []) {
  const say = (source: string, references: readonly string[]) =>
    event('vulnerability.detected', { vulnerability: 'CVE-1', affects: references }, { source });
  const graph = graphOfEvents([
    say('https://feed.example/one', affects),
    ...(others.length > 0 ? [say('https://feed.example/two', others)] : []),
  ]);
  return fixedIn(graph, ['Vulnerability:CVE-1'], `PackageVersion:${version}`);
}

const NPM = 'pkg:npm/lib';
const DEB = 'pkg:deb/debian/lib';

describe('the first version that an advisory no longer affects', () => {
  it('is the end of the branch that the version is in, and not of another one', () => {
    const branches = [vers(NPM, 'vers:npm/>=1.0.0|<1.4.2'), vers(NPM, 'vers:npm/>=2.0.0|<2.1.0')];
    expect(fix(`${NPM}@1.3.9`, branches)).toBe('1.4.2');
    expect(fix(`${NPM}@2.0.5`, branches)).toBe('2.1.0');
  });

  it('is put in the order of the ecosystem', () => {
    expect(fix(`${NPM}@1.9.0`, [vers(NPM, 'vers:npm/<1.10.0')])).toBe('1.10.0');
    expect(fix(`${DEB}@1:1.0-1`, [vers(DEB, 'vers:deb/<1%3A1.0-3')])).toBe('1:1.0-3');
    expect(fix(`${DEB}@1.0-1?epoch=1`, [vers(DEB, 'vers:deb/<1%3A1.0-3')])).toBe('1:1.0-3');
  });

  it('is not one that something else has in it: another range, or another source', () => {
    const [first, second] = [vers(NPM, 'vers:npm/<1.2.0'), vers(NPM, 'vers:npm/<1.3.0')];
    expect(fix(`${NPM}@1.0.0`, [first, second])).toBe('1.3.0');
    expect(fix(`${NPM}@1.0.0`, [first], [second])).toBe('1.3.0');
    expect(fix(`${NPM}@1.0.0`, [first, `${NPM}@1.2.0`])).toBeNull();
  });

  it('is not known where the whole package is affected, or only the last affected version is told', () => {
    expect(fix(`${NPM}@1.0.0`, [NPM])).toBeNull();
    expect(fix(`${NPM}@1.0.0`, [vers(NPM, 'vers:npm/<1.2.0')], [NPM])).toBeNull();
    expect(fix(`${NPM}@1.0.0`, [vers(NPM, 'vers:npm/<=1.2.0')])).toBeNull();
    expect(fix(`${NPM}@1.0.0`, [`${NPM}@1.0.0`])).toBeNull();
  });

  it('is not taken from another package, or from another release of a distribution', () => {
    const other = vers('pkg:npm/other', 'vers:npm/<1.2.0');
    expect(fix(`${NPM}@1.0.0`, [`${NPM}@1.0.0`, other])).toBeNull();
    const bookworm = vers(`${DEB}?distro=bookworm`, 'vers:deb/<2.0-1');
    const trixie = vers(`${DEB}?distro=trixie`, 'vers:deb/<3.0-1');
    expect(fix(`${DEB}@1.0-1?distro=trixie`, [bookworm, trixie])).toBe('3.0-1');
    expect(fix(`${DEB}@1.0-1?distro=bookworm`, [bookworm, trixie])).toBe('2.0-1');
  });

  it('is not told of a version that cannot be put in order, or stands for builds without a release', () => {
    expect(fix(`${NPM}@main`, [vers(NPM, 'vers:npm/<1.2.0')])).toBeNull();
    expect(fix(`${NPM}@0.0.0`, [vers(NPM, 'vers:npm/<1.2.0')])).toBeNull();
    expect(fix(NPM, [vers(NPM, 'vers:npm/<1.2.0')])).toBeNull();
    expect(fix('pkg:luarocks/lib@1.0', [vers('pkg:luarocks/lib', 'vers:luarocks/1.0')])).toBeNull();
  });

  it('is not what lies below the version', () => {
    expect(fix(`${NPM}@1.5.0`, [vers(NPM, 'vers:npm/<1.2.0')])).toBeNull();
  });
});
