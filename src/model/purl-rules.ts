import type { PurlParts } from './purl-text.ts';
import { entryOf } from './table.ts';

type Part = 'namespace' | 'name' | 'version' | 'subpath';

type Rule = {
  /** Components that are not case sensitive: their canonical form is in lower case. */
  readonly lower?: readonly Part[];
  readonly namespace?: RegExp | 'prohibited';
  readonly name?: RegExp;
  readonly version?: RegExp;
  /** A qualifier that a package has beside its name, as the name alone may be of several packages. */
  readonly identity?: string;
};

const BOTH: readonly Part[] = ['namespace', 'name'];

/**
 * Rules of the types of package URLs, as far as they decide what is the same and what no document can have meant otherwise. That a
 * namespace is required of packages of distributions is not here: many documents leave it out.
 *
 * @see https://github.com/package-url/purl-spec/tree/main/types (one `<type>-definition.json` for each type)
 */
const RULES: Readonly<Record<string, Rule>> = {
  alpm: { lower: BOTH },
  apk: { lower: BOTH },
  bitbucket: { lower: BOTH },
  bitnami: { lower: ['name'] },
  brew: { lower: BOTH },
  'chrome-extension': {
    ...{ lower: ['name'], name: /^[a-p]{32}$/, version: /^\d+(?:\.\d+){0,3}$/ },
  },
  composer: { lower: BOTH },
  // a distribution, not a module
  cpan: { name: /^(?!.*::)/ },
  deb: { lower: BOTH },
  git: { lower: BOTH },
  github: { lower: BOTH },
  // repositories of GitHub
  githubactions: { lower: BOTH },
  gitlab: { lower: BOTH },
  // modules have case, but no two of them differ in nothing else
  golang: { lower: BOTH },
  hex: { lower: BOTH },
  huggingface: { lower: ['version'] },
  julia: { identity: 'uuid' },
  luarocks: { lower: BOTH },
  maven: { namespace: /./ },
  mlflow: { namespace: 'prohibited' },
  // NuGet's definition is case sensitive, its registry is not
  nuget: { lower: ['name'] },
  oci: { namespace: 'prohibited', lower: ['name', 'version'] },
  otp: { namespace: 'prohibited', lower: ['name', 'subpath'] },
  pub: { lower: ['name'] },
  pypi: { lower: ['name'] },
  qpkg: { lower: ['namespace'] },
  rpm: { lower: ['namespace'] },
  swid: { identity: 'tag_id' },
  // a host and an owner
  swift: { namespace: /.\/./ },
  vcpkg: { namespace: 'prohibited' },
  'vscode-extension': { namespace: /./, lower: ['namespace', 'name', 'version'] },
  yocto: { lower: ['namespace'] },
};

function ruleOf(type: string): Rule {
  return entryOf(RULES, type) ?? {};
}

/** The qualifier without which a package of this type has no name of its own; null for most types. */
export function identityOf(type: string): string | null {
  return ruleOf(type).identity ?? null;
}

/** The components in the one spelling that its type has for them. */
export function respelt(parts: PurlParts): PurlParts {
  const { lower = [] } = ruleOf(parts.type);
  const placed = entryOf(PLACES, parts.type)?.(parts) ?? parts;
  const folded = { ...placed };
  for (const part of lower) Object.assign(folded, { [part]: placed[part]?.toLowerCase() ?? null });
  return { ...folded, ...entryOf(SPELLINGS, parts.type)?.(folded) };
}

/** Why components are not a package URL of their type; null where they are. */
export function ruleProblem(parts: PurlParts): string | null {
  const { type, namespace, name, version, qualifiers } = parts;
  const rule = ruleOf(type);
  if (rule.namespace === 'prohibited') {
    if (namespace !== null) return `a package URL of the type '${type}' has no namespace`;
  } else if (rule.namespace?.test(namespace ?? '') === false) {
    return `'${namespace ?? ''}' is not a namespace of the type '${type}'`;
  }
  if (rule.name?.test(name) === false) return `'${name}' is not a name of the type '${type}'`;
  if (version !== null && rule.version?.test(version) === false) {
    return `'${version}' is not a version of the type '${type}'`;
  }
  if (rule.identity !== undefined && qualifiers[rule.identity] === undefined) {
    return `a package URL of the type '${type}' has the qualifier '${rule.identity}'`;
  }
  return null;
}

type Respell = (parts: PurlParts) => Partial<PurlParts>;

/** Where the namespace ends, where `/` is part of names: `%40scope%2Fname`, `codeberg.org/owner/repository`. */
const PLACES: Readonly<Record<string, (parts: PurlParts) => PurlParts>> = {
  golang: atLastSlash,
  npm: (parts) => (parts.name.startsWith('@') ? atLastSlash(parts) : parts),
  git: (parts) => {
    const [host = '', ...path] = [parts.namespace, parts.name]
      .flatMap((part) => part?.split('/') ?? [])
      .filter((segment) => segment !== '');
    return path.length === 0 ? parts : { ...parts, namespace: host, name: path.join('/') };
  },
};

function atLastSlash(parts: PurlParts): PurlParts {
  const at = parts.name.lastIndexOf('/');
  if (at <= 0 || at === parts.name.length - 1) return parts;
  const inner = parts.name.slice(0, at);
  const namespace = parts.namespace === null ? inner : `${parts.namespace}/${inner}`;
  return { ...parts, namespace, name: parts.name.slice(at + 1) };
}

const SPELLINGS: Readonly<Record<string, Respell>> = {
  // what Docker Hub calls the images that have no owner
  docker: ({ namespace }) => (namespace === 'library' ? { namespace: null } : {}),
  julia: ({ qualifiers: { uuid, ...others } }) =>
    uuid === undefined ? {} : { qualifiers: { ...others, uuid: uuid.toLowerCase() } },
  // the standard library: `std` in go.mod and cyclonedx-gomod, `stdlib` in Go's vulnerability database, Syft and Trivy
  golang: ({ namespace, name }) => (namespace === null && name === 'std' ? { name: 'stdlib' } : {}),
  cpan: ({ namespace }) => ({ namespace: namespace?.toUpperCase() ?? null }),
  // a server of Databricks does not look at case, others do
  mlflow: ({ name, qualifiers }) =>
    /databricks/i.test(qualifiers['repository_url'] ?? '') ? { name: name.toLowerCase() } : {},
  // `Base64` and `base64` are two packages of the registry, and scopes never had capitals
  // https://github.com/package-url/purl-spec/issues/136
  // a namespace without `@` can be nothing but a scope
  npm: ({ namespace, name }) =>
    namespace === null
      ? {}
      : { namespace: namespace.toLowerCase().replace(/^(?!@)/, '@'), name: name.toLowerCase() },
  pub: ({ name }) => ({ name: name.replace(/[^a-z0-9_]/g, '_') }),
  // https://peps.python.org/pep-0503/#normalized-names
  pypi: ({ name }) => ({ name: name.replace(/[-_.]+/g, '-') }),
};
