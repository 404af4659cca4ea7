import { timeOf, timeOfSeconds } from '../envelope.ts';
import { cutText } from '../../model/text.ts';
import type { GitCommit, GitPerson } from './commit.ts';
import type { GitObject } from './objects.ts';

type Signature = GitPerson & {
  readonly time: string | undefined;
  /** The time as written, where `time` does not say all of it. */
  readonly text: string | undefined;
};

/**
 * What a commit object says. Objects that git itself would not write are read as git reads them: of two authors the first counts, a
 * header that nobody knows is passed over.
 *
 * @see https://git-scm.com/docs/git-commit-tree and https://git-scm.com/docs/signature-format
 */
export function parseCommit({ id, bytes }: GitObject): GitCommit {
  const { headers, message, text } = parseObject(bytes);
  const author = parseSignature(text(headers.get('author')?.[0]));
  const committer = parseSignature(text(headers.get('committer')?.[0]));
  return {
    sha: id,
    parents: (headers.get('parent') ?? []).map((parent) => parent.toString('latin1')),
    message: text(message).replace(/\n+$/, ''),
    author: { name: author.name, email: author.email },
    authoredAt: author.time,
    authoredAtText: author.text,
    committer: { name: committer.name, email: committer.email },
    committedAt: committer.time,
    committedAtText: committer.text,
  };
}

/** What an annotated tag is of, and when it was made. */
export function parseTag({ bytes }: GitObject): {
  readonly object: string;
  readonly type: string;
  readonly time: string | undefined;
} {
  const { headers, text } = parseObject(bytes);
  return {
    object: text(headers.get('object')?.[0]),
    type: text(headers.get('type')?.[0]),
    time: parseSignature(text(headers.get('tagger')?.[0])).time,
  };
}

type Parsed = {
  readonly headers: ReadonlyMap<string, readonly Buffer[]>;
  readonly message: Buffer;
  readonly text: (part: Buffer | undefined) => string;
};

/** Header lines up to the first empty line; a line that begins with a space goes on with the one before (signatures, mergetag). */
function parseObject(bytes: Buffer): Parsed {
  const headers = new Map<string, Buffer[]>();
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0x0a) {
    let end = bytes.indexOf(0x0a, at);
    if (end === -1) end = bytes.length; // an object may end within its headers
    const space = bytes.indexOf(0x20, at);
    if (space > at && space < end) {
      const name = bytes.toString('latin1', at, space);
      const value = bytes.subarray(space + 1, end);
      const known = headers.get(name);
      if (known === undefined) headers.set(name, [value]);
      else known.push(value);
    }
    at = end + 1;
  }
  const encoding = headers.get('encoding')?.[0]?.toString('latin1').trim() ?? 'utf-8';
  return {
    headers,
    message: bytes.subarray(Math.min(at + 1, bytes.length)),
    text: (part) => (part === undefined ? '' : decode(part, encoding)),
  };
}

/** Text in its encoding; what is not in it, or in one that nobody knows, is taken for Latin-1, as git takes it. */
function decode(bytes: Buffer, encoding: string): string {
  return (
    tryDecode(bytes, encoding) ??
    tryDecode(bytes, 'utf-8') ??
    bytes.toString('latin1')
  ).replaceAll('\0', '\u{FFFD}');
}

function tryDecode(bytes: Buffer, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * `Name <email> seconds offset`; a line that is broken is a name as far as it goes. Where no clock has the offset, the seconds count, in
 * UTC; where no calendar has the year, no time does, and none is put in its place.
 */
function parseSignature(line: string): Signature {
  const open = line.indexOf('<');
  const close = line.indexOf('>', open);
  if (open === -1 || close === -1) {
    return { name: line.trim(), email: '', time: undefined, text: undefined };
  }
  const written = line.slice(line.lastIndexOf('>') + 1).trim();
  const [, seconds, offset] = /^(-?\d+)(?:\s+(\S+))?$/.exec(written) ?? [];
  const time = seconds === undefined ? undefined : zonedTime(Number(seconds), offset ?? '');
  return {
    name: line.slice(0, open).trim(),
    email: line.slice(open + 1, close).trim(),
    time: time ?? (seconds === undefined ? undefined : timeOfSeconds(Number(seconds))),
    text: time !== undefined || written === '' ? undefined : cutText(written),
  };
}

/** The moment as written, in RFC 3339; undefined where no clock has the offset (-3407), or no calendar the year. */
function zonedTime(seconds: number, offset: string): string | undefined {
  const [, sign, hours = '', minutes = ''] = /^([+-])(\d\d)(\d\d)$/.exec(offset) ?? [];
  if (sign === undefined) return undefined;
  const ahead = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60);
  const local = new Date((seconds + ahead) * 1000);
  if (Number.isNaN(local.getTime())) return undefined;
  const zone = ahead === 0 ? '+00:00' : `${sign}${hours}:${minutes}`;
  return timeOf(local.toISOString().replace('.000Z', zone));
}
