import { createHash } from 'node:crypto';

/**
 * Contents that so many things have that their digest tells nothing: two files without content are not one file, and whoever
 * made one of them did not make the other.
 *
 * - nothing, a line end, an empty JSON value: `__init__.py`, `py.typed`, `.keep`, configuration that was left empty; `{}` is the
 *   empty descriptor of OCI (https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor)
 * - zeros of the sizes of empty tar archives: a layer without files (512-byte records: two of them, or tar's blocking factor)
 * - the end record alone: a ZIP archive (jar, wheel) without entries
 */
const STUB_CONTENTS: readonly Uint8Array[] = [
  ...['', '\n', '\r\n', ' ', '{}', '{}\n', '[]', '[]\n', 'null', 'null\n'].map((text) =>
    new TextEncoder().encode(text),
  ),
  ...[512, 1024, 10_240].map((size) => new Uint8Array(size)),
  Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18)),
];

/** Our name of an algorithm, and OpenSSL's. */
const HASHES: readonly (readonly [string, string])[] = [
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => [name, name] as const),
  ...['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'].map((name) => [name, name] as const),
  ['sha512_224', 'sha512-224'],
  ['sha512_256', 'sha512-256'],
  ['ripemd160', 'ripemd160'],
  ['sm3', 'sm3'],
  ['blake2b-512', 'blake2b512'],
  ['blake2s-256', 'blake2s256'],
];

/** Digests that OpenSSL cannot compute, or of contents whose bytes depend on the tool that made them. */
const STUB_DIGESTS: readonly string[] = [
  // BLAKE3 and BLAKE2b-256 of nothing (test vectors of their authors)
  'blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
  'blake2b-256:0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
  // the gzipped layer without files: Docker before 1.10 (github.com/distribution/distribution, DigestSha256EmptyTar), and BuildKit
  // (github.com/moby/buildkit, util/contentutil and exporter: emptyGZLayer)
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
  'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
  // Go's hash of a module without files (golang.org/x/mod/sumdb/dirhash)
  'h1:47deqpj8hbsa+/timw+5jceuqerkm5nmpjwzg3hsufu=',
];

/**
 * True for a canonical digest (`algorithm:hex`) that identifies nothing: of contents that countless things share, of git's empty
 * blob or tree, or a value that was filled in (zeros, `f`s).
 *
 * Other repeated characters stay digests: they stand in examples and tests, and no producer was found to write them for "none".
 */
export function isStubDigest(key: string): boolean {
  const value = key.slice(key.lastIndexOf(':') + 1);
  return /^(?:0+|f+)$/.test(value) || stubs().has(key);
}

let known: ReadonlySet<string> | null = null;

/** Computed at the first use: the commands that never see a digest do not pay. */
function stubs(): ReadonlySet<string> {
  known ??= new Set([...STUB_DIGESTS, ...contentDigests(), ...gitDigests()]);
  return known;
}

function contentDigests(): string[] {
  return STUB_CONTENTS.flatMap((content) =>
    HASHES.flatMap(([name, openSsl]) => {
      const value = digest(openSsl, content);
      return value === null ? [] : [`${name}:${value}`];
    }),
  );
}

/** Git hashes a header before the bytes: `blob <size>\0`. @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function gitDigests(): string[] {
  const objects = [
    ...STUB_CONTENTS.map((content) => ['blob', content] as const),
    ['tree', new Uint8Array()] as const,
  ];
  return objects.flatMap(([type, content]) => {
    const header = new TextEncoder().encode(`${type} ${content.length}\0`);
    return ['sha1', 'sha256'].flatMap((algorithm) => {
      const value = digest(algorithm, header, content);
      // also under the plain name of the hash: go-witness and others file git's ids there
      return [
        `gitoid:${type}:${algorithm}:${value}`,
        `git${type}:${value}`,
        `${algorithm}:${value}`,
      ];
    });
  });
}

/** Null where this build of OpenSSL has no such algorithm. */
function digest(algorithm: string, ...parts: readonly Uint8Array[]): string | null {
  try {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
