import type { ParsedPurl } from './purl.ts';

/** Types of package URLs whose packages are built from what other projects release. */
const REPACKAGING = ['alpm', 'apk', 'bitnami', 'conda', 'deb', 'rpm'] as const;

/** What stands before and after the name of a package where a distribution has packed it; `['', '']` is the name itself. */
type Affixes = readonly (readonly [before: string, after: string])[];

const ITSELF: Affixes = [['', '']];

/**
 * How distributions call what they build from the packages of an ecosystem. Libraries of npm, CPAN and CRAN never have the bare name,
 * which is that of something else (`tar`, `less`).
 *
 * @see https://www.debian.org/doc/packaging-manuals/python-policy/, https://wiki.debian.org/Javascript/Policy,
 *   https://docs.fedoraproject.org/en-US/packaging-guidelines/Naming/, https://wiki.alpinelinux.org/wiki/APKBUILD_Reference
 */
const NAMES: Readonly<Record<string, Affixes>> = {
  cargo: [...ITSELF, ['rust-', ''], ['librust-', '-dev']],
  composer: [...ITSELF, ['php-', '']],
  cpan: [
    ['lib', '-perl'],
    ['perl-', ''],
  ],
  cran: [
    ['r-cran-', ''],
    ['r-', ''],
  ],
  gem: [...ITSELF, ['ruby-', ''], ['rubygem-', '']],
  golang: [...ITSELF, ['golang-', ''], ['golang-', '-dev']],
  hackage: [...ITSELF, ['haskell-', ''], ['ghc-', ''], ['libghc-', '-dev']],
  hex: [
    ['erlang-', ''],
    ['elixir-', ''],
  ],
  maven: [...ITSELF, ['lib', '-java']],
  npm: [
    ['node-', ''],
    ['nodejs-', ''],
    ['libjs-', ''],
  ],
  pypi: [...ITSELF, ['python3-', ''], ['python-', ''], ['py3-', '']],
};

/**
 * What may be built from the same code as a package, by the customs of those who pack it again, each as [type, name]: the packages of
 * distributions that an ecosystem's package is in, or the packages of ecosystems that a distribution's one is made of. Equal names mean
 * that two things may be the same, never that they are.
 *
 * @example repackagedAs(parsePurl('pkg:npm/lodash')) has ['deb', 'node-lodash']
 */
export function repackagedAs(purl: ParsedPurl): (readonly [type: string, name: string])[] {
  if (isRepackaging(purl.type)) return madeOf(purl.name);
  const names = namesOf(purl);
  return REPACKAGING.flatMap((type) => names.map((name) => [type, name] as const));
}

/**
 * What the packages of ecosystems may be called that a distribution's package of this name is built from, each as [type, name without its
 * namespace]: among packages of these names are all that `repackagedAs` leads from to here, but for those whose names have capitals.
 *
 * @example packedFrom('node-babel-core') has ['npm', 'core'], for `pkg:npm/%40babel/core`
 */
export function packedFrom(packed: string): (readonly [type: string, name: string])[] {
  return madeOf(packed).flatMap(([type, base]) => {
    const parts = base.split('-');
    const isNamespaced = NAMESPACED.has(type);
    const ends = isNamespaced ? parts.map((_, at) => parts.slice(at).join('-')) : [base];
    const names = type === 'pypi' ? [base, `python-${base}`] : ends;
    return names.map((name) => [type, name] as const);
  });
}

const NAMESPACED: ReadonlySet<string> = new Set(['composer', 'golang', 'npm']);

/** So many separators of a name may each be another one. */
const FEW_SEPARATORS = 4;

/** A name with each of the separators that ecosystems have: `-` and `.` in every place, or `_` in all; of a name with many, one kind in all. */
export function spellings(name: string): string[] {
  const parts = name.split(/[-_.]/);
  const uniform = ['-', '_', '.'].map((mark) => parts.join(mark));
  if (parts.length < 3 || parts.length > FEW_SEPARATORS + 1)
    return [...new Set([name, ...uniform])];
  const [first = '', ...rest] = parts;
  const mixed = rest.reduce(
    (starts, part) => starts.flatMap((start) => [`${start}-${part}`, `${start}.${part}`]),
    [first],
  );
  return [...new Set([name, ...uniform, ...mixed])];
}

/** Types of package URLs whose packages are built from those of others. */
export function isRepackaging(type: string): boolean {
  return REPACKAGING.some((known) => known === type);
}

function namesOf(purl: ParsedPurl): string[] {
  const affixes = NAMES[purl.type] ?? ITSELF;
  const names = affixes.flatMap(([before, after]) =>
    basesOf(purl)
      .flatMap((base) => (purl.type === 'golang' ? [base] : spellings(base)))
      .map((base) => `${before}${base}${after}`),
  );
  return [...new Set(names)];
}

/**
 * `@babel/core` is `babel-core`, `github.com/o/n/v2` `github-o-n`, `python-dateutil` `dateutil`. Separators are written as the project or the
 * distribution likes (`python3-zope.interface`): see `spellings`.
 */
function basesOf({ type, namespace, name }: ParsedPurl): string[] {
  const path = [...(namespace?.split('/') ?? []), name].map((part) =>
    part.toLowerCase().replaceAll('_', '-'),
  );
  if (type === 'golang' && path.length > 1 && /^v\d+$/.test(path.at(-1) ?? '')) path.pop();
  const own = path.pop() ?? '';
  if (type === 'pypi') return [own, own.replace(/^python-/, '')];
  const [first, ...rest] = path;
  if (first === undefined || type === 'maven') return [own];
  return [own, [first.replace(/^@|\.[^.]+$/g, ''), ...rest, own].join('-')];
}

/**
 * What is left of a name without what was put around it. Bare names are left out: those of tools are names of libraries of other projects in
 * every ecosystem.
 */
function madeOf(packed: string): (readonly [type: string, name: string])[] {
  return Object.entries(NAMES).flatMap(([type, affixes]) =>
    affixes.flatMap(([before, after]) => {
      const isPacked = packed.startsWith(before) && packed.endsWith(after);
      const name = packed.slice(before.length, packed.length - after.length);
      return before === '' || !isPacked || name === ''
        ? []
        : spellings(name).map((spelling) => [type, spelling] as const);
    }),
  );
}
