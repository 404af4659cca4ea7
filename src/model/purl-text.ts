/** The components of a package URL, decoded. */
export type PurlParts = {
  readonly type: string;
  /** Segments joined by `/`. */
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  /** By key, in lower case; a key that is not there is not stated. */
  readonly qualifiers: Readonly<Record<string, string>>;
  /** Segments joined by `/`. */
  readonly subpath: string | null;
};

type Problem = { readonly problem: string };

const TYPE = /^[a-z][a-z0-9.-]*$/;
const KEY = /^[a-z][a-z0-9._-]*$/;

/**
 * Takes a package URL apart, whatever its type; a problem completes the sentence "it is not a package URL: …".
 *
 * More is read than is canonical: `pkg://`, capitals of the type, `@` before a scope, and slashes that are encoded or doubled.
 *
 * @see ECMA-427, clause 5.6
 */
export function readPurl(text: string): PurlParts | Problem {
  const [, rest] = /^pkg:\/*(.*)$/is.exec(text) ?? [];
  if (rest === undefined) return { problem: "it does not begin with 'pkg:'" };
  const [before, fragment] = splitFirst(rest, '#');
  const [path, query] = splitFirst(before, '?');
  const [stated, place] = splitFirst(path, '/');
  const type = stated.toLowerCase();
  if (!TYPE.test(type)) return { problem: `'${stated}' is not a type of packages` };
  try {
    const { names, version } = splitVersion(place ?? '');
    const segments = segmentsOf(names);
    const name = segments.pop();
    if (name === undefined) return { problem: 'it has no name' };
    const qualifiers = readQualifiers(query ?? '');
    if ('problem' in qualifiers) return qualifiers;
    const subpath = segmentsOf(fragment ?? '')
      .flatMap((segment) => decode(segment).split('/'))
      .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
    return {
      type,
      namespace: emptyToNull(segments.map(decode).flatMap(segmentsOf).join('/')),
      name: decode(name),
      version: version === null ? null : emptyToNull(decode(version)),
      qualifiers: qualifiers.found,
      subpath: emptyToNull(subpath.join('/')),
    };
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    return { problem: 'it is not percent-encoded as it should be' };
  }
}

/** A canonical package URL with another version, or none. */
export function withVersion(purl: string, version: string | null): string {
  const [, path = '', rest = ''] = /^([^@?#]*)(?:@[^?#]*)?(.*)$/s.exec(purl) ?? [];
  return `${path}${version === null ? '' : `@${encodeURIComponent(version)}`}${rest}`;
}

/** Writes a package URL in canonical form. */
export function writePurl(parts: PurlParts): string {
  const { type, namespace, name, version, qualifiers, subpath } = parts;
  const before = namespace === null ? '' : `${encodePath(namespace)}/`;
  // the repositories of git hosts have names of several segments
  const last = type === 'git' ? encodePath(name) : encode(name);
  const keys = Object.keys(qualifiers).sort();
  const query = keys.map((key) => `${key}=${encode(qualifiers[key] ?? '')}`).join('&');
  return [
    `pkg:${type}/${before}${last}`,
    version === null ? '' : `@${encode(version)}`,
    query === '' ? '' : `?${query}`,
    subpath === null ? '' : `#${encodePath(subpath)}`,
  ].join('');
}

function splitFirst(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** The last `@` begins the version, unless a scope begins with it: `@scope/name`. */
function splitVersion(path: string): { names: string; version: string | null } {
  const at = path.lastIndexOf('@');
  const isScope = (at === 0 || path[at - 1] === '/') && path.includes('/', at);
  if (at === -1 || isScope) return { names: path, version: null };
  return { names: path.slice(0, at), version: path.slice(at + 1) };
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function readQualifiers(query: string): { readonly found: Record<string, string> } | Problem {
  const found = Object.create(null) as Record<string, string>;
  for (const pair of query.split('&')) {
    const [left, right = ''] = splitFirst(pair, '=');
    const key = left.toLowerCase();
    const value = decode(right);
    if (value === '') continue;
    if (!KEY.test(key)) return { problem: `'${left}' is not a key of a qualifier` };
    if (found[key] !== undefined && found[key] !== value) {
      return { problem: `the qualifier '${key}' stands there twice` };
    }
    found[key] = value;
  }
  return { found };
}

/** @throws URIError */
function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}

const PLAIN = /^[A-Za-z0-9._~:-]*$/;

/** Letters, digits and `.-_~:` stay as they are; of all others, the bytes of UTF-8 are written in hexadecimal. */
function encode(text: string): string {
  if (PLAIN.test(text)) return text;
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodePath(path: string): string {
  return path.split('/').map(encode).join('/');
}

function emptyToNull(text: string): string | null {
  return text === '' ? null : text;
}
