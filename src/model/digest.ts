/** Hex characters of the digests whose length is known. */
const HEX_LENGTH: Readonly<Record<string, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  'sha3-256': 64,
  'sha3-384': 96,
  'sha3-512': 128,
  'blake2b-256': 64,
  'blake2b-384': 96,
  'blake2b-512': 128,
  blake3: 64,
};

/** From the digest that names an artifact best to the one that names it worst. */
const PREFERENCE = ['sha256', 'sha512', 'sha384', 'sha3-256', 'sha3-512', 'blake3', 'sha1', 'md5'];

const ALGORITHM = /^[a-z0-9][a-z0-9+._:-]*$/;
const VALUE = /^[a-z0-9+/=_-]+$/;

/** Why a text is no canonical digest, as a sentence, or null. */
export function digestProblem(text: string): string | null {
  const at = text.lastIndexOf(':');
  const algorithm = text.slice(0, at);
  const value = text.slice(at + 1);
  if (at <= 0 || value === '') {
    return `'${clip(text)}' is no digest: write algorithm:hex, such as sha256:9f86d0….`;
  }
  if (text !== text.toLowerCase()) return `The digest '${clip(text)}' must be in lower case.`;
  if (text.length > 512) return `The digest '${clip(text)}' is too long.`;
  if (!ALGORITHM.test(algorithm)) return `'${clip(algorithm)}' is no digest algorithm.`;
  const length = HEX_LENGTH[algorithm];
  if (length !== undefined && (value.length !== length || !/^[0-9a-f]+$/.test(value))) {
    return `The digest '${clip(text)}' must have ${length} hex characters after '${algorithm}:'.`;
  }
  if (!VALUE.test(value)) return `The digest '${clip(text)}' has an invalid value.`;
  return null;
}

/**
 * The digests of a digest set (in-toto, SLSA, CycloneDX) as canonical keys, best first. Documents in the wild carry capitals
 * and made-up algorithms, so case is folded; entries that cannot be a digest are left out.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
 */
export function digestKeys(set: Readonly<Record<string, unknown>> | null | undefined): string[] {
  if (set === null || set === undefined) return [];
  const keys: string[] = [];
  for (const [algorithm, value] of Object.entries(set)) {
    if (typeof value !== 'string') continue;
    const key = `${canonicalAlgorithm(algorithm)}:${value.toLowerCase()}`;
    if (digestProblem(key) === null && !keys.includes(key)) keys.push(key);
  }
  return keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** `SHA-256` and `SHA256` are `sha256`. */
export function canonicalAlgorithm(algorithm: string): string {
  const lower = algorithm.toLowerCase();
  const folded = lower.replace(/^sha-(1|224|256|384|512)$/, 'sha$1').replace(/^sha3_/, 'sha3-');
  return folded;
}

function rank(key: string): number {
  const at = PREFERENCE.indexOf(key.slice(0, key.lastIndexOf(':')));
  return at === -1 ? PREFERENCE.length : at;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
