import { PackageURL } from 'packageurl-js';
import { StemmaError } from '../errors.ts';
import { digestProblem } from './digest.ts';
import { identifierProblem } from './text.ts';

/** A package URL in canonical form, and what it names in the graph (design section 3). */
export type ParsedPurl = {
  /** The canonical purl. */
  readonly purl: string;
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  /** By key, in lower case; a key that is not there is not stated. */
  readonly qualifiers: Readonly<Record<string, string>>;
  readonly subpath: string | null;
  /** The canonical purl without version, qualifiers and subpath: the key of the Package. */
  readonly packageKey: string;
  /** `pkg:oci/app@sha256%3A…` names the artifact of that digest; null otherwise. */
  readonly digest: string | null;
  /** True where the version is an image's tag, which moves from artifact to artifact: it names no version. */
  readonly mutable: boolean;
};

/** Types whose version is a digest, or else a tag. */
const IMAGE_TYPES = new Set(['docker', 'oci']);

/**
 * Parses a package URL and writes it in canonical form.
 *
 * @throws StemmaError BAD_USER_INPUT with `details.reason = 'PURL_INVALID'`
 * @see ECMA-427, https://github.com/package-url/purl-spec
 */
export function parsePurl(text: string): ParsedPurl {
  const problem = identifierProblem(text);
  if (problem !== null) throw invalid(text, `it ${problem}`);
  let url: PackageURL;
  let spelt: (canonical: string) => string;
  try {
    url = respelt(PackageURL.fromString(text.trim()));
    spelt = spelling(url, text.trim());
  } catch (cause) {
    throw invalid(text, cause instanceof Error ? cause.message : 'it cannot be parsed', cause);
  }
  const { type } = url;
  const namespace = url.namespace ?? null;
  const version = url.version ?? null;
  const digest = version !== null && digestProblem(version) === null ? version : null;
  const purl = spelt(url.toString());
  return {
    purl,
    type,
    namespace,
    name: spelt(url.name),
    version,
    qualifiers: { ...url.qualifiers },
    subpath: url.subpath ?? null,
    packageKey: purl.split(/[@?#]/, 1)[0] ?? purl,
    digest,
    mutable: version !== null && digest === null && IMAGE_TYPES.has(type),
  };
}

/**
 * Names that one registry serves as one package, in one spelling, where the library keeps them apart: PyPI's `.`, `-` and `_`, and
 * NuGet's ids, which have no case.
 *
 * @see https://peps.python.org/pep-0503/#normalized-names, https://learn.microsoft.com/nuget/reference/nuspec#id
 */
function respelt(url: PackageURL): PackageURL {
  const name =
    url.type === 'pypi'
      ? url.name.toLowerCase().replace(/[-_.]+/g, '-')
      : url.type === 'nuget'
        ? url.name.toLowerCase()
        : url.name;
  if (name === url.name) return url;
  const { type, namespace, version, qualifiers, subpath } = url;
  return new PackageURL(type, namespace, name, version, qualifiers, subpath);
}

/**
 * Writes an npm name as it was given: `Base64` and `base64` are two packages of the registry. Scoped names never had capitals.
 *
 * @see https://github.com/package-url/purl-spec/issues/136
 */
function spelling({ type, namespace, name }: PackageURL, text: string): (part: string) => string {
  const same = (part: string): string => part;
  if (type !== 'npm' || (namespace ?? '') !== '') return same;
  const [, path = ''] = /^pkg:\/*npm\/+([^@?#]+)/i.exec(text) ?? [];
  const given = decodeURIComponent(path).replace(/\/+$/, '');
  if (given === name || given.toLowerCase() !== name) return same;
  const start = 'pkg:npm/';
  return (part) =>
    part.startsWith(start)
      ? `${start}${given}${part.slice(start.length + name.length)}`
      : part === name
        ? given
        : part;
}

/** Like parsePurl, for documents that nobody may refuse because of one odd component: null where it cannot be parsed. */
export function tryParsePurl(text: unknown): ParsedPurl | null {
  if (typeof text !== 'string') return null;
  try {
    return parsePurl(text);
  } catch {
    return null;
  }
}

function invalid(text: string, why: string, cause?: unknown): StemmaError {
  return new StemmaError(
    'BAD_USER_INPUT',
    `'${text.slice(0, 120)}' is no package URL: ${why}. Write pkg:type/namespace/name@version.`,
    { cause, details: { reason: 'PURL_INVALID' } },
  );
}
