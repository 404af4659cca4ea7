import { StemmaError } from '../errors.ts';
import { digestProblem } from './digest.ts';
import { identityOf, respelt, ruleProblem } from './purl-rules.ts';
import { readPurl, writePurl, type PurlParts } from './purl-text.ts';
import { identifierProblem } from './text.ts';

/** A package URL in canonical form, and what it names in the graph (design section 3). */
export type ParsedPurl = PurlParts & {
  /** The canonical purl. */
  readonly purl: string;
  /**
   * The canonical purl without version, qualifiers and subpath: the key of the Package. Qualifiers without which the name says nothing stay
   * (`uuid` of Julia).
   */
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
 * @see ECMA-427, https://github.com/package-url/purl-spec; docs/decisions/0004-package-urls.md
 */
export function parsePurl(text: string): ParsedPurl {
  const read = canonicalPurl(text);
  if ('problem' in read) throw invalid(text, read.problem);
  const { parts, purl } = read;
  const { type, version } = parts;
  const digest = version !== null && isDigest(version, type) ? version : null;
  return {
    ...parts,
    purl,
    packageKey: keyOf(parts),
    digest,
    mutable: version !== null && digest === null && IMAGE_TYPES.has(type),
  };
}

/** Why a text is not a package URL that can be a key, to follow its name in a sentence; null where it is one. */
export function purlProblem(text: string): string | null {
  const read = canonicalPurl(text);
  return 'problem' in read ? `is not a package URL: ${read.problem}` : null;
}

type Canonical = { readonly parts: PurlParts; readonly purl: string };

function canonicalPurl(text: string): Canonical | { readonly problem: string } {
  const given = identifierProblem(text);
  if (given !== null) return { problem: `it ${given}` };
  const read = readPurl(text.trim());
  if ('problem' in read) return read;
  const parts = respelt(read);
  const problem = ruleProblem(parts);
  if (problem !== null) return { problem };
  const purl = writePurl(parts);
  const written = identifierProblem(purl);
  return written === null ? { parts, purl } : { problem: `in canonical form it ${written}` };
}

/** A version with an epoch (`1:20240101`, of Debian and RPM) has the form of a digest by an algorithm that nobody knows. */
function isDigest(version: string, type: string): boolean {
  if (digestProblem(version) !== null) return false;
  return IMAGE_TYPES.has(type) || !/^\d+:/.test(version);
}

function keyOf(parts: PurlParts): string {
  const identity = identityOf(parts.type);
  const value = identity === null ? undefined : parts.qualifiers[identity];
  const qualifiers: Record<string, string> =
    identity === null || value === undefined ? {} : { [identity]: value };
  return writePurl({ ...parts, version: null, qualifiers, subpath: null });
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

function invalid(text: string, why: string): StemmaError {
  return new StemmaError(
    'BAD_USER_INPUT',
    `'${text.slice(0, 120)}' is not a package URL: ${why}. Write pkg:type/namespace/name@version.`,
    { details: { reason: 'PURL_INVALID' } },
  );
}
