import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRange } from '../../../src/model/version-range.ts';

/** Type, range, versions inside, versions outside. */
type Row = readonly [string, string, readonly string[], readonly string[]];

function check(type: string, range: string, inside: readonly string[], outside: readonly string[]) {
  const contains = parseRange(type, range);
  const said = [...inside, ...outside].map((version) => [version, contains(version)]);
  expect(said).toEqual([
    ...inside.map((version) => [version, true]),
    ...outside.map((version) => [version, false]),
  ]);
}

describe('a VERS range', () => {
  it.each<Row>([
    ['npm', 'vers:npm/*', ['0.0.0', '9.9.9', 'not-a-version'], []],
    ['npm', 'vers:npm/1.2.3', ['1.2.3', 'v1.2.3', '1.2.3+build'], ['1.2.4', '1.2.3-rc.1']],
    ['npm', 'vers:npm/=1.2.3', ['1.2.3'], ['1.2.4']],
    ['npm', 'vers:npm/!=1.2.3', ['1.2.2', '1.2.4'], ['1.2.3']],
    ['npm', 'vers:npm/<1.2.3', ['1.2.2', '1.2.3-rc.1'], ['1.2.3', '1.2.4']],
    ['npm', 'vers:npm/<=1.2.3', ['1.2.2', '1.2.3'], ['1.2.4-rc.1', '1.2.4']],
    ['npm', 'vers:npm/>1.2.3', ['1.2.4-rc.1', '2.0.0'], ['1.2.3', '1.2.3-rc.1']],
    ['npm', 'vers:npm/>=1.2.3', ['1.2.3', '2.0.0'], ['1.2.3-rc.1', '1.2.2']],
  ])('has comparators: %s %s', check);

  it.each<Row>([
    ['npm', 'vers:npm/>=1.0.0|<1.2.3', ['1.0.0', '1.2.3-rc.1'], ['1.0.0-rc.1', '1.2.3', '9.0.0']],
    ['npm', 'vers:npm/>1.0.0|<=1.2.3', ['1.0.1', '1.2.3'], ['1.0.0', '1.2.4']],
    ['npm', 'vers:npm/<1.4.1|>=2.0.0|<2.17.2', ['0.1.0', '2.0.0'], ['1.4.1', '1.9.0', '2.17.2']],
    ['npm', 'vers:npm/<1.0.0|>2.0.0', ['0.1.0', '2.0.1'], ['1.0.0', '1.5.0', '2.0.0']],
    ['npm', 'vers:npm/>=1.0.0|!=1.1.0|<2.0.0', ['1.0.0', '1.1.1'], ['1.1.0', '2.0.0']],
    ['npm', 'vers:npm/!=0.1.0|>=1.0.0|<2.0.0|!=3.0.0', ['1.0.0'], ['0.1.0', '0.2.0', '3.0.0']],
    ['npm', 'vers:npm/!=1.0.0|!=2.0.0', ['0.1.0', '1.5.0', '3.0.0'], ['1.0.0', '2.0.0']],
    ['npm', 'vers:npm/0.1.0|0.3.0|>=1.0.0', ['0.1.0', '0.3.0', '1.0.0'], ['0.2.0', '0.9.0']],
    ['npm', 'vers:npm/<=1.0.0|3.0.0', ['0.1.0', '1.0.0', '3.0.0'], ['2.0.0', '3.0.1']],
    ['npm', 'vers:npm/1.0.0|!=2.0.0', ['1.0.0'], ['2.0.0', '3.0.0']],
  ])('has several constraints: %s %s', check);

  it.each<Row>([
    ['npm', 'vers:semver/<1.2.3', ['1.2.2'], ['1.2.3']],
    ['cargo', 'vers:cargo/>=1.0.0-alpha.2|<1.0.0', ['1.0.0-alpha.10'], ['1.0.0-alpha.1']],
    ['golang', 'vers:golang/>=v1.2.0|<v2.0.0', ['v1.2.0', 'v1.9.0+incompatible'], ['v2.0.0']],
    ['golang', 'vers:golang/v2.0.0%2Bincompatible', ['v2.0.0+incompatible'], ['v2.0.1']],
    ['golang', 'vers:semver/<1.2.0', ['v1.1.0', 'v0.0.0-20190101000000-abcdefabcdef'], ['v1.2.0']],
    ['hex', 'vers:hex/<1.2.0', ['1.1.0', '1.2.0-dev'], ['1.2.0']],
    ['nuget', 'vers:nuget/>=1.0|<1.0.0.2', ['1.0', '1.0.0.1', '1.00.0'], ['1.0.0.2', '1.0-beta']],
    ['nuget', 'vers:nuget/1.0.0-BETA', ['1.0.0-beta', '1.0-Beta+x'], ['1.0.0', '1.0.0-beta2']],
    ['composer', 'vers:composer/>=5.0|<5.4.10', ['v5.0.0', '5.4.9.1'], ['v5.4.10', '5.4.10.0']],
    ['pypi', 'vers:pypi/>=1.0|<2.0', ['1', '1.0.post1', '2.0rc1', 'v1.5'], ['1.0.dev1', '1!1.5']],
    ['maven', 'vers:maven/>=2.0-beta9|<2.15.0', ['2.0', '2.14.1', '2.0.rc1'], ['2.15', '1.2']],
    ['maven', 'vers:maven/<32.0.0-android', ['31.1-jre', '32.0.0-alpha'], ['32.0.1-jre']],
    ['maven', 'vers:maven/5.3.18|5.2.20.RELEASE', ['5.2.20', '5.3.18.0'], ['5.3.19']],
    ['deb', 'vers:deb/<1:1.2.11-4', ['1:1.2.11-3', '1.2.11-1', '1:1.2.11~rc1-9'], ['1:1.2.11-4']],
    ['deb', 'vers:deb/<1%3A1.2.11-4', ['1:1.2.11-3+deb11u1'], ['1:1.2.11-4+deb11u1']],
    ['deb', 'vers:deb/>=0|<2.36-9+deb12u4', ['2.36-9+deb12u3', '2.31-13'], ['2.36-9+deb12u10']],
    ['rpm', 'vers:rpm/<1:1.1.1k-9.el8_7', ['1:1.1.1k-9.el8_6', '1:1.1.1g-15'], ['1:1.1.1k-12.el8']],
    ['rpm', 'vers:rpm/>=5.14|<5.14.0-70.13.1.el9', ['5.14.0-70.el9'], ['5.14.0-162.el9']],
    ['apk', 'vers:apk/<1.36.1-r5', ['1.36.1-r4', '1.36.0-r9', '1.36.1_rc1-r0'], ['1.36.1-r15']],
    ['apk', 'vers:alpine/<3.1.4-r3', ['3.1.4-r2'], ['3.1.4-r3']],
    ['gem', 'vers:gem/>=6.0.0|<6.1.7.3', ['6.1.7.2', '6.1.7.3.rc1'], ['6.1.7.3', '6.0.0.rc1']],
    ['composer', 'vers:composer/<2.0.0-rc.1', ['2.0.0-beta2', 'v1.9'], ['2.0.0-RC1', '2.0']],
    ['pub', 'vers:pub/<1.0.0+2', ['1.0.0+1', '1.0.0'], ['1.0.0+2', '1.0.1']],
    ['swift', 'vers:swift/>=2.0.0|<2.39.1', ['2.39.0'], ['2.39.1']],
    ['cran', 'vers:cran/<1.2-10', ['1.2-9', '1.2.9'], ['1.2-10', '1.10']],
    ['hackage', 'vers:hackage/<2.1.2.0', ['2.1.1.5', '2.1'], ['2.1.2.0', '2.2']],
    ['pypi', 'vers:pypi/<=2.1.0', ['2.1.0+cpu', '2.1'], ['2.1.0.post1', '2.1.1+cpu']],
    ['pypi', 'vers:pypi/>=1%211.0|<1%212.0', ['1!1.0'], ['1.0', '1.5', '1!2.0']],
  ])('follows the order of the ecosystem: %s %s', check);

  it.each<Row>([
    ['npm', 'vers:npm/ >= 1.0.0 | < 2.0.0 ', ['1.0.0'], ['2.0.0']],
    ['npm', 'vers:npm/|>=1.0.0||<2.0.0|', ['1.0.0'], ['2.0.0']],
    ['npm', 'vers:NPM/<2.0.0', ['1.0.0'], ['2.0.0']],
    ['luarocks', 'vers:all/*', ['1.0', 'whatever'], []],
    ['npm', 'vers:none/*', [], ['1.0.0', 'whatever']],
  ])('is read as it can only be meant: %s %s', check);

  it.each<Row>([
    ['luarocks', 'vers:luarocks/1.0|1.2', ['1.0', '1.2', 'v1.2'], ['1.1', '2.0']],
    ['generic', 'vers:generic/1.0|1.2', ['1.0', '1.2.0'], ['1.1']],
    ['luarocks', 'vers:luarocks/!=1.0', ['1.1'], ['1.0']],
    ['luarocks', 'vers:luarocks/1.0|!=1.1', ['1.0'], ['1.1', '1.2']],
    ['github', 'vers:github/v1.0|v1.2', ['v1.0'], ['v1.1']],
  ])('needs no order to list versions: %s %s', check);

  it.each([
    ['npm', 'vers:npm/<2.0.0', '1.x'],
    ['npm', 'vers:npm/<2.0.0', ''],
    ['npm', '<2.0.0', 'latest'],
    ['golang', 'vers:golang/<v2.0.0', '(devel)'],
    ['golang', 'vers:golang/<v2.0.0', 'v1.0.0-12345678901234567890'],
    ['composer', 'vers:composer/<2.0.0', '2.x-dev'],
    ['composer', 'vers:composer/<2.0.0', 'dev-master'],
    ['nuget', 'vers:nuget/<2.0.0', '1.0.0.0.0'],
    ['pypi', 'vers:pypi/<2.0.0', '2004d'],
    ['maven', 'vers:maven/<2.0', '${project.version}'],
    ['maven', 'vers:maven/<2.0', 'unspecified'],
    ['maven', 'vers:maven/<=1.0-20240101.101010-1', '1.0-SNAPSHOT'],
    ['deb', 'vers:deb/<1:1.0-1', '2.0-1'],
    ['deb', 'vers:deb/<1.0-2', '1.0'],
    ['rpm', 'vers:rpm/<1:1.0-1', '2.0-1'],
    ['rpm', 'vers:rpm/<1.0-2.el9', '1.0'],
    ['rpm', 'vers:rpm/<1.0-2.el9', 'v1.0-1.el9'],
    ['apk', 'vers:apk/<1.0-r2', '1.0'],
    ['apk', 'vers:apk/<1.0-r2', '1.0.dev1'],
    ['gem', 'vers:gem/<2.0', '1.0-java'],
    ['gem', 'vers:gem/<2.0', 'v1.0'],
    ['cran', 'vers:cran/<1.0', '1.0.0'],
  ])('of %s, %s cannot tell whether it has %j', (type, range, version) => {
    expect(parseRange(type, range)(version)).toBeNull();
  });

  it.each([
    ['npm', '', 'A range is empty'],
    ['npm', 'vers:npm', "there is no version behind 'vers:npm/'"],
    ['npm', 'vers:npm/', "there is no version behind 'vers:npm/'"],
    ['npm', 'vers:npm/|', "there is no version behind 'vers:npm/'"],
    ['npm', 'vers:', "'' is not a type of versions"],
    ['npm', 'vers:/1.0.0', "'' is not a type of versions"],
    ['npm', 'vers:1npm/1.0.0', "'1npm' is not a type of versions"],
    ['npm', 'vers:npm:1.0.0', "'npm:1.0.0' is not a type of versions"],
    ['npm', 'vers:invalid/1.0.0', "'invalid' is not a type of versions"],
    ['npm', 'vers:npm/>=1.0.0|>', "no version in '>'"],
    ['npm', 'vers:npm/1.0.0 2.0.0', 'a space'],
    ['npm', 'vers:npm/>=1.0%2G0', 'not percent-encoded'],
    ['npm', 'vers:npm/1.0.0|<2.0.0,>=3.0.0', 'must be percent-encoded'],
    ['npm', 'vers:npm/1.0.*', 'must be percent-encoded'],
    ['npm', 'vers:npm/1.0.0|*', "'*' stands beside other versions"],
    ['npm', 'vers:npm/*|*', "'*' stands beside other versions"],
    ['npm', 'vers:npm/>=', "no version in '>='"],
    ['npm', 'vers:npm/>=1.0', "'1.0' is not a version"],
    ['npm', 'vers:npm/*|<1.0.0', "'*' stands beside other versions"],
    ['npm', 'vers:npm/~1.0.0', "'~1.0.0' is not a version"],
    ['npm', 'vers:npm/<1.0.0%', "'1.0.0%' is not percent-encoded"],
    ['npm', 'vers:npm/<2.0.0|>=1.0.0', "'1.0.0' does not come after '2.0.0'"],
    ['npm', 'vers:npm/<1.0.0|>1.0.0', "'1.0.0' does not come after '1.0.0'"],
    ['npm', 'vers:npm/>=1.0.0|!=1.0.0+a|<2.0.0', "'1.0.0+a' does not come after '1.0.0'"],
    ['npm', 'vers:npm/>1.0.0|>=2.0.0', "'>=2.0.0' cannot follow '>1.0.0'"],
    ['npm', 'vers:npm/<1.0.0|!=1.5.0|<=2.0.0', "'<=2.0.0' cannot follow '<1.0.0'"],
    ['npm', 'vers:npm/>1.0.0|1.5.0|<2.0.0', "'=1.5.0' cannot follow '>1.0.0'"],
    ['npm', 'vers:npm/1.5.0|<2.0.0', "'<2.0.0' cannot follow '=1.5.0'"],
    ['npm', 'vers:pypi/<1.0', "it is about 'pypi', and the package is of the type 'npm'"],
    ['pypi', 'vers:semver/<1.0.0', "it is about 'semver'"],
    ['pypi', 'vers:pypi/<1.0+cpu', "'1.0+cpu' is not a version that ranges of pypi can have"],
    ['pypi', '>=1.0,<2.0', "it does not begin with 'vers:'"],
    ['npm', 'latest', 'npm cannot read it'],
    ['npm', '>=1.0.0,<2.0.0', 'npm cannot read it'],
    ['luarocks', 'vers:luarocks/<1.0', 'Versions of luarocks packages cannot be put in order here'],
    ['luarocks', 'vers:luarocks/1.0|!=1.1|<2.0', 'cannot be put in order here'],
    ['constructor', 'vers:constructor/<1', 'cannot be put in order here'],
    ['generic', 'vers:intdot/<1', "it is about 'intdot'"],
    ['deb', 'vers:rpm/<1', "it is about 'rpm', and the package is of the type 'deb'"],
    ['maven', 'vers:maven/[1.0,2.0)', "'[1.0,2.0)' is not a version that ranges of maven can have"],
  ])('is refused: %s %s', (type, range, why) => {
    expect(() => parseRange(type, range)).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(why),
        details: { path: 'range' },
      }),
    );
  });

  it('is refused where it is too long to be one', () => {
    expect(() => parseRange('npm', `vers:npm/${'1'.repeat(5000)}`)).toThrow('at most 4096');
  });
});

describe('a range as npm writes it', () => {
  it.each<Row>([
    ['npm', '>=1.0.0 <1.2.3', ['1.0.0', '1.2.3-rc.1'], ['1.0.0-rc.1', '1.2.3']],
    ['npm', '^1.2', ['1.2.0', '1.9.9'], ['1.1.9', '2.0.0']],
    ['npm', '<1.2', ['1.1.9', '1.2.0-rc.1'], ['1.2.0']],
    ['npm', '>=1 < 2.x || 3.1.0', ['2.0.0-rc.1', '3.1.0'], ['2.0.0', '3.1.1']],
    ['npm', '<=1.2', ['1.2.9'], ['1.3.0']],
    ['npm', '1.0.0 - 1.2.0', ['1.0.0', '1.2.0'], ['1.2.1']],
    ['npm', '1.2.3', ['1.2.3'], ['1.2.4']],
  ])('%s %s', check);
});

/** Semantic Versions in their order, written down without comparing any. */
const VERSIONS = [0, 1, 2].flatMap((major) =>
  [0, 2, 10].flatMap((minor) =>
    [0, 9, 10].flatMap((patch) =>
      ['-alpha', '-alpha.1', '-alpha.beta', '-beta.2', '-beta.11', '-rc.1', ''].map(
        (pre) => `${major}.${minor}.${patch}${pre}`,
      ),
    ),
  ),
);

type Piece = { readonly text: string; readonly has: (place: number) => boolean };
const versionAt = (place: number): string => VERSIONS[place] ?? '';
const from = (a: number, open: boolean): Piece => ({
  text: `${open ? '>' : '>='}${versionAt(a)}`,
  has: (place) => (open ? place > a : place >= a),
});
const to = (b: number, open: boolean): Piece => ({
  text: `${open ? '<' : '<='}${versionAt(b)}`,
  has: (place) => (open ? place < b : place <= b),
});

/** Intervals and single versions one after another, the first and the last of them perhaps without an end. */
function piecesOf(places: readonly number[], open: boolean, choices: readonly number[]): Piece[] {
  const rest = places.toSorted((a, b) => a - b);
  const pieces: Piece[] = [];
  for (let turn = 0; rest.length > 0; turn += 1) {
    const [a = 0, b] = rest;
    const choice = (choices[turn] ?? 0) % 3;
    if (turn === 0 && choice === 0) pieces.push(to(a, open));
    else if (choice === 1 && b === undefined) pieces.push(from(a, open));
    else if (choice === 1 && b !== undefined) {
      const [low, high] = [from(a, open), to(b, !open)];
      pieces.push({
        text: `${low.text}|${high.text}`,
        has: (place) => low.has(place) && high.has(place),
      });
      rest.shift();
    } else pieces.push({ text: versionAt(a), has: (place) => place === a });
    rest.shift();
  }
  return pieces;
}

describe('a range of any shape', () => {
  const place = fc.nat({ max: VERSIONS.length - 1 });

  it('has exactly the versions of its pieces, as VERS and as npm writes them', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(place, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.array(fc.nat({ max: 2 }), { minLength: 8, maxLength: 8 }),
        (places, open, choices) => {
          const pieces = piecesOf(places, open, choices);
          const expected = VERSIONS.filter((_, at) => pieces.some(({ has }) => has(at)));
          const vers = parseRange(
            'cargo',
            `vers:cargo/${pieces.map(({ text }) => text).join('|')}`,
          );
          expect(VERSIONS.filter(vers)).toEqual(expected);
          const npm = pieces.map(({ text }) => text.replaceAll('|', ' ')).join(' || ');
          expect(VERSIONS.filter(parseRange('npm', npm))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('without some of them, has all but those', () => {
    fc.assert(
      fc.property(fc.uniqueArray(place, { minLength: 1, maxLength: 5 }), (places) => {
        const sorted = places.toSorted((a, b) => a - b);
        const but = parseRange(
          'npm',
          `vers:npm/${sorted.map((at) => `!=${versionAt(at)}`).join('|')}`,
        );
        expect(VERSIONS.filter(but)).toEqual(VERSIONS.filter((_, at) => !places.includes(at)));
      }),
    );
  });
});
