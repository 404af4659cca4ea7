import { isStubDigest } from './stub-digest.ts';
import { entryOf } from './table.ts';

/**
 * What the value of an algorithm identifies. `content`: these bytes and no others. `weak`: the bytes, but others with the same
 * value can be made (or the value is too short to exclude it), so that it never joins what stronger values tell apart.
 * `other`: something else than the bytes of a file, such as a commit, a tree, or git's header in front of the bytes.
 */
export type DigestKind = 'content' | 'weak' | 'other';

type Algorithm = { readonly kind: DigestKind; readonly hex: number | null };

/**
 * One row for each algorithm that the formats name; from the one that names an artifact best to the one that names it worst.
 * What is not listed is `other`: nobody knows what it is the digest of.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md (dirHash, gitCommit, gitTree, gitBlob, gitTag)
 * @see https://cyclonedx.org/docs/1.7/json/#components_items_hashes_items_alg (SHA3, BLAKE2b, BLAKE3, Streebog)
 * @see https://csrc.nist.gov/projects/hash-functions (SHA-1 is broken; SHA-224 and shorter are below 128 bits of collision
 * resistance), https://www.rfc-editor.org/rfc/rfc6151 (MD5)
 */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  sha256: { kind: 'content', hex: 64 },
  sha512: { kind: 'content', hex: 128 },
  sha384: { kind: 'content', hex: 96 },
  'sha3-256': { kind: 'content', hex: 64 },
  'sha3-512': { kind: 'content', hex: 128 },
  'sha3-384': { kind: 'content', hex: 96 },
  sha512_256: { kind: 'content', hex: 64 },
  blake3: { kind: 'content', hex: 64 },
  'blake2b-256': { kind: 'content', hex: 64 },
  'blake2b-384': { kind: 'content', hex: 96 },
  'blake2b-512': { kind: 'content', hex: 128 },
  'blake2s-256': { kind: 'content', hex: 64 },
  'streebog-256': { kind: 'content', hex: 64 },
  'streebog-512': { kind: 'content', hex: 128 },
  sm3: { kind: 'content', hex: 64 },
  sha224: { kind: 'weak', hex: 56 },
  sha512_224: { kind: 'weak', hex: 56 },
  'sha3-224': { kind: 'weak', hex: 56 },
  sha1: { kind: 'weak', hex: 40 },
  ripemd160: { kind: 'weak', hex: 40 },
  md5: { kind: 'weak', hex: 32 },
};

const PREFERENCE = Object.keys(ALGORITHMS);

/** What the value of a canonical digest identifies; a digest of nothing in particular (isStubDigest) identifies nothing at all. */
export function digestKind(key: string): DigestKind | 'nothing' {
  if (isStubDigest(key)) return 'nothing';
  const algorithm = entryOf(ALGORITHMS, algorithmOf(key));
  return algorithm?.kind ?? 'other';
}

/** True where two things with this digest are one thing. */
export function identifiesContent(key: string): boolean {
  return digestKind(key) === 'content';
}

/** The algorithm of a canonical digest; `gitoid:blob:sha1` of a gitoid. */
export function algorithmOf(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}

const ALGORITHM = /^[a-z0-9][a-z0-9+._:-]*$/;
const VALUE = /^[a-z0-9+/=_-]+$/;

/** Why a text is not a canonical digest, as a sentence, or null. */
export function digestProblem(text: string): string | null {
  const at = text.lastIndexOf(':');
  const algorithm = text.slice(0, at);
  const value = text.slice(at + 1);
  if (at <= 0 || value === '') {
    return `'${clip(text)}' is not a digest: write algorithm:hex, such as sha256:9f86d0….`;
  }
  if (text !== text.toLowerCase()) return `The digest '${clip(text)}' must be in lower case.`;
  if (text.length > 512) return `The digest '${clip(text)}' is too long.`;
  if (!ALGORITHM.test(algorithm)) return `'${clip(algorithm)}' is not a digest algorithm.`;
  const length = entryOf(ALGORITHMS, algorithm)?.hex ?? undefined;
  if (length !== undefined && (value.length !== length || !/^[0-9a-f]+$/.test(value))) {
    return `The digest '${clip(text)}' must have ${length} hex characters after '${algorithm}:'.`;
  }
  if (!VALUE.test(value)) return `The digest '${clip(text)}' has an invalid value.`;
  return null;
}

/**
 * The digests of a digest set (in-toto, SLSA, CycloneDX) as canonical keys, best first. Documents in the wild carry capitals
 * and made-up algorithms, so case is folded; entries that cannot be a digest are left out, and so are those that identify
 * nothing.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
 */
export function digestKeys(set: Readonly<Record<string, unknown>> | null | undefined): string[] {
  if (set === null || set === undefined) return [];
  const keys: string[] = [];
  for (const [algorithm, value] of Object.entries(set)) {
    if (typeof value !== 'string') continue;
    const key = digestKey(algorithm, value);
    if (digestProblem(key) === null && !isStubDigest(key) && !keys.includes(key)) keys.push(key);
  }
  return sortDigests(keys);
}

/** Digests of one thing: the one that names it, the others that name it too, and those that only accompany it. */
export type DigestSet = {
  readonly best: string;
  readonly same: readonly string[];
  readonly beside: readonly string[];
};

/**
 * Sorts the canonical digests of one thing by what they identify: only strong digests of the content are other names of it. Null
 * where none identifies anything.
 */
export function digestSet(keys: readonly string[]): DigestSet | null {
  const [best, ...others] = sortDigests(keys.filter((key) => !isStubDigest(key)));
  if (best === undefined) return null;
  const same = identifiesContent(best) ? others.filter(identifiesContent) : [];
  return { best, same, beside: others.filter((key) => !same.includes(key)) };
}

/** `SHA-256` and `SHA256` are `sha256`, `BLAKE2b-256` is `blake2b-256`. */
export function canonicalAlgorithm(algorithm: string): string {
  const folded = algorithm
    .toLowerCase()
    .replace(/^sha-(1|224|256|384|512)$/, 'sha$1')
    .replace(/^sha512[-/](224|256)$/, 'sha512_$1')
    .replace(/^sha3_/, 'sha3-');
  return entryOf(SPELLINGS, folded) ?? folded;
}

/** @see https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md: blake2b is of 512 bits, blake2s of 256 */
const SPELLINGS: Readonly<Record<string, string>> = {
  blake2b: 'blake2b-512',
  blake2s: 'blake2s-256',
};

/** A gitoid names its own algorithm: `gitoid:sha1` of go-witness has the value `gitoid:blob:sha1:<hex>`. */
function digestKey(algorithm: string, value: string): string {
  const lower = value.toLowerCase();
  return /^gitoid:\w+:\w+:[0-9a-f]+$/.test(lower)
    ? lower
    : `${canonicalAlgorithm(algorithm)}:${lower}`;
}

function sortDigests(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function rank(key: string): number {
  const at = PREFERENCE.indexOf(algorithmOf(key));
  return at === -1 ? PREFERENCE.length : at;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
