import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { compareAlpine } from '../../../src/model/versions/alpine.ts';
import { compareAlpm } from '../../../src/model/versions/alpm.ts';
import { compareComposer } from '../../../src/model/versions/composer.ts';
import { compareConan } from '../../../src/model/versions/conan.ts';
import { compareDebian } from '../../../src/model/versions/debian.ts';
import { compareGem } from '../../../src/model/versions/gem.ts';
import { compareMaven } from '../../../src/model/versions/maven.ts';
import { compareNumbers } from '../../../src/model/versions/numbers.ts';
import { compareRpm } from '../../../src/model/versions/rpm.ts';

/** Versions from the first to the last; those of one line are one version to the ecosystem. Each was put in order by its own tool. */
const LADDERS = {
  // ComparableVersion of Maven 3.9.9
  maven: {
    compare: compareMaven,
    ladder: [
      ['1-alpha-1', '1.0-a1', '1.0.0-ALPHA-1', '1alpha1'],
      ['1-alpha2'],
      ['1.0-beta'],
      ['1.0-b2', '1-beta-2'],
      ['1.0-m3', '1-milestone-3'],
      ['1.0-rc'],
      ['1.0-cr1', '1.0-RC1', '1.0-rc-1'],
      ['1.0-rc2'],
      ['1.0-SNAPSHOT', '1-snapshot'],
      ['1', '1.0', '1.0.0', '1.0.Final', '1-ga', '1.0.RELEASE', '01.00'],
      ['1.0-sp', '1-sp'],
      ['1.0-android'],
      ['1.0-jre'],
      ['1.0-jre8'],
      ['1.0-1', '1-1'],
      ['1.0-2'],
      ['1.0.1-alpha1'],
      ['1.0.1'],
      ['1.1'],
      ['1.2.3.4'],
      ['1.9'],
      ['1.10'],
      ['2.0.0-M1'],
      ['2.0.0.rc1'],
      ['2.0.0'],
      ['20040616'],
      ['20040616.1'],
      ['99999999999999999999'],
      ['100000000000000000000'],
    ],
  },
  // dpkg --compare-versions
  deb: {
    compare: compareDebian,
    ladder: [
      ['1.0~~'],
      ['1.0~~a'],
      ['1.0~'],
      ['1.0~rc1-1'],
      ['1.0', '1.0-0', '0:1.0', '1.00'],
      ['1.0-0+b1'],
      ['1.0-1~bpo12+1'],
      ['1.0-1'],
      ['1.0-1ubuntu1'],
      ['1.0-1+b1'],
      ['1.0-1+deb12u2'],
      ['1.0-1+deb12u10'],
      ['1.0-1.1'],
      ['1.0a-1'],
      ['1.0+dfsg-1'],
      ['1.0-a-1'],
      ['1.0.1-1'],
      ['1.2-1', '1.2-01'],
      ['1.10-1'],
      ['12345678901234567890'],
      ['12345678901234567891'],
      ['1:0.1-1', '01:0.1-1'],
      ['2:0.1'],
    ],
  },
  // rpmvercmp of RPM 4.18, by its port in univers 32
  rpm: {
    compare: compareRpm,
    ladder: [
      ['1.0~~'],
      ['1.0~rc1-9'],
      ['1.0', '1.0.', '0:1.0', '1_0', '01.00'],
      ['1.0-0.1.rc1'],
      ['1.0-1'],
      ['1.0-1.el8'],
      ['1.0-1.el8_7.1', '1.0-1.el8.7_1'],
      ['1.0-2.fc39'],
      ['1.0-10.fc39'],
      ['1.0^'],
      ['1.0^20240101'],
      ['1.0a'],
      ['1.0b'],
      ['1.0.rc1', '1.0rc1'],
      ['1.0.1'],
      ['1.1.1g-15.el8'],
      ['1.1.1k-9.el8'],
      ['1.10'],
      ['2.a'],
      ['2.0'],
      ['20101121'],
      ['1:0.1'],
    ],
  },
  // apk version -t of apk-tools, by its port in univers 32
  apk: {
    compare: compareAlpine,
    ladder: [
      ['1.0_alpha'],
      ['1.0_alpha1'],
      ['1.0_beta'],
      ['1.0_pre2'],
      ['1.0_rc1_p1'],
      ['1.0_rc2-r0'],
      ['1.0'],
      ['1.0-r0'],
      ['1.0-r9'],
      ['1.0-r10'],
      ['1.0_cvs'],
      ['1.0_svn5'],
      ['1.0_git20240101'],
      ['1.0_hg1'],
      ['1.0_p1'],
      ['1.0_p1-r1'],
      ['1.0_p10'],
      ['1.0a'],
      ['1.0b-r3'],
      ['1.0.1'],
      ['1.01'],
      ['1.1'],
      ['1.9', '01.9'],
      ['1.10'],
      ['2'],
      ['20240101'],
    ],
  },
  // vercmp of pacman, as its own tests have them and its port in univers 32 says
  alpm: {
    compare: compareAlpm,
    ladder: [
      ['1.0alpha'],
      ['1.0b'],
      ['1.0rc1-3'],
      ['1.0', '0:1.0', '1_0', '01.00'],
      ['1.0-1', '0:1.0-1'],
      ['1.0-1.1'],
      ['1.0-2'],
      ['1.0-10'],
      ['1.0.a'],
      ['1.0.b-1', '1_0_b-1'],
      ['1.0.1-1'],
      ['1.0.1.r20.gabc'],
      ['1.5b-1'],
      ['1.5-1'],
      ['1.5.1-1'],
      ['1.10-1'],
      ['2.0a-1'],
      ['2.0-1'],
      ['2.0.a-1', '2_0.a-1'],
      ['20240101'],
      ['1:0.1-1'],
      ['2:0.1-1'],
    ],
  },
  // Version of Conan 2, by its port in univers 32
  conan: {
    compare: compareConan,
    ladder: [
      ['1-alpha', '1.0.0-alpha'],
      ['1.0-alpha.1'],
      ['1.0-beta'],
      ['1.0-rc1'],
      ['1.0-rc1+b1'],
      ['1', '1.0', '1.0.0', '01.0'],
      ['1.0+1'],
      ['1.0+2'],
      ['1.0+10'],
      ['1.0+build'],
      ['1.0.1'],
      ['1.0.2'],
      ['1.0.2a'],
      ['1.0.2u'],
      ['1.1'],
      ['1.1.1'],
      ['1.1.1k'],
      ['1.1.1w'],
      ['1.9'],
      ['1.10'],
      ['1.a'],
      ['2.0-0'],
      ['2.0'],
      ['20240101'],
    ],
  },
  // Gem::Version, by its port in univers 32
  gem: {
    compare: compareGem,
    ladder: [
      ['1.0.a', '1.a', '1.0.0.a'],
      ['1.0.a.1'],
      ['1.0.a.2'],
      ['1.0.a10'],
      ['1.0.beta'],
      ['1.0.pre', '1.0.pre.0'],
      ['1.0.pre.1', '1.0-1'],
      ['1.0.rc1', '1.0.rc.1'],
      ['1', '1.0', '1.0.0', '01.0'],
      ['1.0.1.rc1'],
      ['1.0.1'],
      ['1.0.2'],
      ['1.0.10'],
      ['1.1'],
      ['1.9.3'],
      ['1.10.rc1'],
      ['1.10'],
      ['5.2.4'],
      ['5.2.4.1'],
      ['99999999999999999999'],
      ['100000000000000000000'],
    ],
  },
  // as Composer's documentation has them; version_compare of PHP
  composer: {
    compare: compareComposer,
    ladder: [
      ['1.0.0-dev'],
      ['1.0.0-alpha', '1.0-a', 'v1.0.0.0_ALPHA'],
      ['1.0.0-alpha1', '1.0.0a1', '1.0.0-alpha.1'],
      ['1.0.0-beta1-dev'],
      ['1.0.0-beta1', '1.0.0-b1'],
      ['1.0.0-beta2'],
      ['1.0.0-beta10'],
      ['1.0.0-RC1', '1.0.0rc1'],
      ['1.0.0', 'v1', '1.0', '1.0.0.0', '1.0.0-stable', '1.0.0+build5'],
      ['1.0.0-patch1', '1.0.0-pl1', '1.0.0p1'],
      ['1.0.0.1'],
      ['1.2'],
      ['1.10'],
      ['2.0.0-rc1'],
    ],
  },
  // package_version of R
  cran: {
    compare: compareNumbers,
    ladder: [['0.9'], ['1.0', '1-0'], ['1.0-1', '1.0.1'], ['1.0-2'], ['1.0-10'], ['1.2'], ['1.10']],
  },
};

const names = Object.keys(LADDERS) as (keyof typeof LADDERS)[];

describe.each(names)('the order of %s', (name) => {
  const { compare, ladder } = LADDERS[name];
  const places = ladder.flatMap((group, place) => group.map((version) => ({ version, place })));

  it('puts each version before those that come later, and says which are one', () => {
    const wrong = places.flatMap((a) =>
      places.flatMap((b) => {
        const found = compare(a.version, b.version);
        const right = Math.sign(a.place - b.place);
        return found !== null && Math.sign(found) === right ? [] : [[a.version, b.version, found]];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('is the same from both sides, whatever is compared', () => {
    const text = fc
      .array(
        fc.constantFrom(
          '0',
          '1',
          '9',
          '.',
          '-',
          '_',
          '~',
          '^',
          '+',
          ':',
          'a',
          'b',
          'rc',
          'alpha',
          '-r1',
          '_p',
        ),
        {
          maxLength: 7,
        },
      )
      .map((parts) => `1${parts.join('')}`);
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [there, back] = [compare(a, b), compare(b, a)];
        expect(there === null ? null : Math.sign(there) + 0).toBe(
          back === null ? null : 0 - Math.sign(back),
        );
        expect(compare(a, a) ?? 0).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

test('of a number and a text that begins with another one, Conan has no order: as texts, 10 is before 9a', () => {
  expect(compareConan('1.0.10', '1.0.9a')).toBeNull();
  expect(compareConan('1.0.9a', '1.0.10')).toBeNull();
});

describe('what is not a version of an ecosystem', () => {
  it.each([
    ['maven', '${revision}'],
    ['maven', 'LATEST'],
    ['maven', '[1.0,2.0)'],
    ['maven', '1.x'],
    ['maven', '1.0 beta'],
    ['deb', ''],
    ['deb', 'a1.0'],
    ['deb', '1.0_1'],
    ['deb', 'x:1.0'],
    ['deb', '1.0-'],
    ['rpm', ''],
    ['rpm', '1.0-1-1'],
    ['rpm', '1.0 1'],
    ['rpm', 'latest'],
    ['apk', '1.0-1'],
    ['apk', '1.0_foo'],
    ['apk', '1.0~abcdef'],
    ['apk', '1..0'],
    ['alpm', ''],
    ['alpm', 'r20.gabc'],
    ['alpm', '1.0.'],
    ['alpm', '1.0-1-1'],
    ['alpm', '1:2:3'],
    ['conan', 'cci.20211112'],
    ['conan', '[>=1.0 <2]'],
    ['conan', 'system'],
    ['conan', '1.0-a-b'],
    ['conan', '1_0'],
    ['gem', '1.0-x86_64-linux'],
    ['gem', '1.0-java'],
    ['gem', '~> 1.0'],
    ['gem', 'v1.0'],
    ['composer', 'dev-main'],
    ['composer', '1.x-dev'],
    ['composer', '^1.0'],
    ['composer', '20240101'],
    ['cran', '1.0a'],
  ] as const)('has no place in the order of %s: %j', (name, version) => {
    const { compare, ladder } = LADDERS[name];
    const known = ladder.at(-1)?.[0] ?? '';
    expect([compare(version, known), compare(known, version)]).toEqual([null, null]);
  });
});
