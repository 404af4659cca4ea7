import type { Random } from './random.ts';

/** An ecosystem of packages, and how its producers write them. */
export type Ecosystem = {
  /** From the first to the last. */
  readonly versions: readonly string[];
  /** The package URL of a version, in one of the ways that it is written. */
  readonly purl: (name: string, version: string | null, arch: string, random: Random) => string;
  /** The package URL that an advisory uses. */
  readonly plain: (name: string, version: string | null) => string;
  readonly scheme: string | null;
  /** Whether builds of one version differ by architecture. */
  readonly hasArch?: boolean;
};

const at = (version: string | null) => (version === null ? '' : `@${version}`);

/** A package of a distribution, its epoch in the version or beside it. */
function distribution(
  name: string,
  version: string | null,
  random: Random,
  qualifiers: readonly string[],
): string {
  const [, epoch, rest] = /^(?:(\d+):)?(.*)$/.exec(version ?? '') ?? [];
  const beside = epoch !== undefined && random.chance(0.5);
  const stated = version === null ? null : encodeURIComponent(beside ? (rest ?? '') : version);
  const all = [random.pick(qualifiers), beside ? `epoch=${epoch}` : ''].filter((one) => one !== '');
  return `${name}${at(stated)}${all.length === 0 ? '' : `?${all.join('&')}`}`;
}

export const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    versions: ['1.0.0', '1.2.0', '2.0.0-rc.1', '2.0.0'],
    scheme: 'npm',
    plain: (name, version) => `pkg:npm/%40acme/${name}${at(version)}`,
    purl: (name, version, _arch, random) =>
      random.pick([
        `pkg:npm/%40acme/${name}${at(version)}`,
        `pkg:npm/@acme/${name}${at(version)}`,
        `pkg:npm/%40acme/${name}${at(version)}?repository_url=https://registry.npmjs.org`,
        `pkg:npm/%40acme/${name}${at(version)}?vcs_url=git%2Bhttps://git.example/${name}`,
      ]),
  },
  {
    versions: ['1.0', '1.5', '2.0rc1', '2.0'],
    scheme: 'pypi',
    plain: (name, version) => `pkg:pypi/${name}${at(version)}`,
    purl: (name, version, _arch, random) => {
      const spelt = random.pick([
        name,
        name.toUpperCase(),
        name.replaceAll('-', '_'),
        name.replaceAll('-', '.'),
      ]);
      const full =
        version !== null && /^\d\.\d$/.test(version) && random.chance(0.3)
          ? `${version}.0`
          : version;
      return `pkg:pypi/${spelt}${at(full)}${random.chance(0.3) ? '?file_name=x.whl' : ''}`;
    },
  },
  {
    versions: ['1.0-alpha-2', '1.0-beta1', '1.0', '1.0.1', '1.10', '2.0-M1', '2.0.RELEASE'],
    scheme: 'maven',
    plain: (name, version) => `pkg:maven/org.acme/${name}${at(version)}`,
    purl: (name, version, _arch, random) => {
      const spellings: Readonly<Record<string, readonly string[]>> = {
        '1.0-alpha-2': ['1.0-a2', '1.0.0-alpha-2'],
        '1.0': ['1.0.0', '1.0.Final', '1'],
        '2.0.RELEASE': ['2.0', '2.0.0'],
      };
      const spelt = version === null ? null : random.pick([version, ...(spellings[version] ?? [])]);
      return `pkg:maven/org.acme/${name}${at(spelt)}${random.pick(['', '?type=jar', '?type=jar&checksum=sha1:ad9503c3e994a4f611a4892f2e67ac82df727086'])}`;
    },
  },
  {
    versions: ['1.0~rc1-1', '1.0-1', '1.0-1+deb12u2', '1.0-1+deb12u10', '1.0-2', '1:0.9-1'],
    scheme: 'deb',
    hasArch: true,
    plain: (name, version) => `pkg:deb/debian/${name}${at(version)}`,
    purl: (name, version, arch, random) =>
      distribution(`pkg:deb/debian/${name}`, version, random, [
        `arch=${arch}`,
        `arch=${arch}&distro=debian-12`,
        '',
      ]),
  },
  {
    versions: ['1.0-9.el9', '1.1.1g-15.el9', '1.1.1k-9.el9', '1.1.1k-9.el9_7', '1:0.9-1.el9'],
    scheme: 'rpm',
    hasArch: true,
    plain: (name, version) => `pkg:rpm/redhat/${name}${at(version)}`,
    purl: (name, version, arch, random) =>
      distribution(`pkg:rpm/${random.pick(['redhat/', 'rhel/', ''])}${name}`, version, random, [
        `arch=${arch}`,
        `arch=${arch}&distro=rhel-9.2`,
        '',
      ]),
  },
  {
    versions: ['1.2.3_rc1-r0', '1.2.3-r0', '1.2.3-r2', '1.2.3-r10', '1.2.4-r0'],
    scheme: 'apk',
    hasArch: true,
    plain: (name, version) => `pkg:apk/alpine/${name}${at(version)}`,
    purl: (name, version, arch, random) =>
      `pkg:apk/alpine/${name}${at(version)}${random.pick([`?arch=${arch}`, `?arch=${arch}&distro=alpine-3.19`, ''])}`,
  },
  {
    versions: ['1.0.0.rc1', '1.0.0', '1.0.2', '1.0.10', '1.10'],
    scheme: 'gem',
    plain: (name, version) => `pkg:gem/${name}${at(version)}`,
    purl: (name, version, _arch, random) => {
      const spelt = version === '1.0.0' ? random.pick(['1.0.0', '1.0', '1']) : version;
      return `pkg:gem/${name}${at(spelt)}${random.pick(['', '?platform=ruby', '?platform=java'])}`;
    },
  },
  {
    versions: ['v1.0.0', 'v1.2.0', 'v2.0.0+incompatible'],
    scheme: 'golang',
    plain: (name, version) => `pkg:golang/git.example/acme/${name}${at(version)}`,
    purl: (name, version, _arch, random) => {
      const spelt = version !== null && random.chance(0.3) ? version.slice(1) : version;
      return `pkg:golang/git.example/acme/${name}${at(spelt?.replace('+', '%2B') ?? null)}${random.chance(0.2) ? '#cmd/tool' : ''}`;
    },
  },
  {
    versions: ['1', '2'],
    scheme: null,
    plain: (name, version) => `pkg:generic/${name}${at(version)}`,
    purl: (name, version) => `pkg:generic/${name}${at(version)}`,
  },
];
