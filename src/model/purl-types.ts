/**
 * What the qualifiers of package URLs mean, by type.
 *
 * @see https://github.com/package-url/purl-spec/tree/main/types (one `<type>-definition.json` for each type)
 * @see https://github.com/package-url/purl-spec/blob/main/docs/known-qualifiers.md
 */

/** How two different values of a qualifier stand to each other. */
export type QualifierKind =
  /** Nothing has two of its values: a build, a classifier, a UUID. */
  | 'EXACT'
  /** A processor architecture, in one of its spellings. */
  | 'ARCH'
  /** An operating system, an architecture or both: `linux/amd64`, `x86_64-linux`, `osx-arm64`, `x64-windows`. */
  | 'PLATFORM'
  /** A release of a distribution: `debian-12`, `bookworm`. */
  | 'DISTRO'
  /** A packaging of Maven. */
  | 'PACKAGING'
  /** Where it was found. A mirror has the same, and another registry may have another. */
  | 'LOCATION'
  /** Different values may still mean one thing. */
  | 'LOOSE'
  /** Belongs to the version and is compared with it. */
  | 'VERSION'
  /** Selects nothing. */
  | 'IGNORED';

export type Qualifier = { readonly kind: QualifierKind; readonly default?: string };

/** Of every type. What neither stands here nor at its type is LOOSE. */
const COMMON: Readonly<Record<string, Qualifier>> = {
  repository_url: { kind: 'LOCATION' },
  file_name: { kind: 'LOOSE' },
  // where the same bytes or their sources may be got, and what they must be
  checksum: { kind: 'IGNORED' },
  download_url: { kind: 'IGNORED' },
  vcs_url: { kind: 'IGNORED' },
  // a range in the place of a version
  vers: { kind: 'VERSION' },
  arch: { kind: 'ARCH' },
  os: { kind: 'PLATFORM' },
  platform: { kind: 'PLATFORM' },
  distro: { kind: 'DISTRO' },
  // written by Syft: the source package, and the scanner's own id
  upstream: { kind: 'IGNORED' },
  'package-id': { kind: 'IGNORED' },
};

const TYPES: Readonly<Record<string, Readonly<Record<string, Qualifier>>>> = {
  bazel: { repository_url: { kind: 'LOCATION', default: 'https://bcr.bazel.build' } },
  bitnami: { arch: { kind: 'ARCH', default: 'amd64' } },
  cargo: { repository_url: { kind: 'LOCATION', default: 'https://crates.io' } },
  cocoapods: { repository_url: { kind: 'LOCATION', default: 'https://cdn.cocoapods.org' } },
  composer: { repository_url: { kind: 'LOCATION', default: 'https://packagist.org' } },
  conan: {
    repository_url: { kind: 'LOCATION', default: 'https://center.conan.io' },
    user: { kind: 'EXACT' },
    channel: { kind: 'EXACT' },
    rrev: { kind: 'EXACT' },
    prev: { kind: 'EXACT' },
  },
  conda: {
    repository_url: { kind: 'LOCATION', default: 'https://repo.anaconda.com' },
    build: { kind: 'EXACT' },
    channel: { kind: 'LOCATION' },
    subdir: { kind: 'PLATFORM' },
    // .conda and .tar.bz2 of one build have the same files
    type: { kind: 'IGNORED' },
  },
  cpan: {
    repository_url: { kind: 'LOCATION', default: 'https://www.cpan.org' },
    ext: { kind: 'LOOSE', default: 'tar.gz' },
  },
  cran: { repository_url: { kind: 'LOCATION', default: 'https://cran.r-project.org' } },
  deb: { epoch: { kind: 'VERSION' } },
  docker: { repository_url: { kind: 'LOCATION', default: 'https://hub.docker.com' } },
  gem: {
    repository_url: { kind: 'LOCATION', default: 'https://rubygems.org' },
    platform: { kind: 'PLATFORM', default: 'ruby' },
  },
  // goos, goarch and type are what cyclonedx-gomod writes
  golang: {
    repository_url: { kind: 'LOCATION', default: 'https://proxy.golang.org' },
    goarch: { kind: 'ARCH' },
    goos: { kind: 'PLATFORM' },
    type: { kind: 'IGNORED' },
  },
  hackage: { repository_url: { kind: 'LOCATION', default: 'https://hackage.haskell.org' } },
  hex: { repository_url: { kind: 'LOCATION', default: 'https://repo.hex.pm' } },
  julia: { uuid: { kind: 'EXACT' } },
  luarocks: { repository_url: { kind: 'LOCATION', default: 'https://luarocks.org' } },
  maven: {
    repository_url: { kind: 'LOCATION', default: 'https://repo.maven.apache.org/maven2' },
    type: { kind: 'PACKAGING', default: 'jar' },
    classifier: { kind: 'EXACT' },
  },
  mlflow: { model_uuid: { kind: 'EXACT' }, run_id: { kind: 'EXACT' } },
  npm: { repository_url: { kind: 'LOCATION', default: 'https://registry.npmjs.org' } },
  nuget: { repository_url: { kind: 'LOCATION', default: 'https://www.nuget.org' } },
  // a tag may have been associated with the digest; images have several
  oci: { tag: { kind: 'LOOSE' } },
  opam: { repository_url: { kind: 'LOCATION', default: 'https://opam.ocaml.org' } },
  pub: { repository_url: { kind: 'LOCATION', default: 'https://pub.dartlang.org' } },
  pypi: { repository_url: { kind: 'LOCATION', default: 'https://pypi.org' } },
  rpm: { epoch: { kind: 'VERSION' } },
  swid: { tag_id: { kind: 'EXACT' } },
  vcpkg: { port_version: { kind: 'EXACT', default: '0' }, triplet: { kind: 'PLATFORM' } },
  'vscode-extension': {
    repository_url: {
      kind: 'LOCATION',
      default: 'https://marketplace.visualstudio.com/vscode-extension',
    },
    platform: { kind: 'PLATFORM', default: 'universal' },
  },
};

const LOOSE: Qualifier = { kind: 'LOOSE' };

/** What a qualifier means in package URLs of a type. */
export function qualifierOf(type: string, key: string): Qualifier {
  const own = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (own !== undefined && Object.hasOwn(own, key)) return own[key] ?? LOOSE;
  return Object.hasOwn(COMMON, key) ? (COMMON[key] ?? LOOSE) : LOOSE;
}
