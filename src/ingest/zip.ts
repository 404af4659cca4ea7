import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { StemmaError } from '../errors.ts';

const inflate = promisify(inflateRaw);

export type ZipEntry = {
  /** Path within the archive, as it stands there. */
  readonly name: string;
  /**
   * Its bytes. Call it before the next entry is asked for.
   *
   * @throws StemmaError DOCUMENT_MALFORMED where they are packed in another way than deflate, encrypted, damaged or longer than `limit`
   */
  readonly read: (limit: number) => Promise<Buffer>;
};

const [LOCAL, CENTRAL, END, END_64, LOCATOR_64] = [
  0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50,
];
/** The end record and the longest comment after it. */
const LONGEST_END = 22 + 0xffff;
const CENTRAL_BYTES = 46;
const WINDOW_BYTES = 256 * 1024;
/** Where the true number does not fit its field: it stands in the ZIP64 record. */
const [MAX_16, MAX_32] = [0xffff, 0xffffffff];

/**
 * The files of a zip archive, ZIP64 included, in the order of its directory. One entry is in memory at a time, however many there are.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where it is not a whole zip archive; what the system says where it cannot be read
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function* zipEntries(path: string): AsyncGenerator<ZipEntry> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read: Read = async (position, length) => {
      if (position < 0 || position + length > size) throw broken('is not a whole zip archive');
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, position);
      if (bytesRead < length) throw broken('is not a whole zip archive');
      return buffer;
    };
    const { offset, count } = await directoryOf(read, size);
    const directory = windowed(read, size);
    let at = offset;
    for (let index = 0; index < count; index += 1) {
      const head = await directory(at, CENTRAL_BYTES);
      if (head.readUInt32LE(0) !== CENTRAL) throw damaged();
      const nameSize = head.readUInt16LE(28);
      const rest = await directory(at + CENTRAL_BYTES, nameSize + head.readUInt16LE(30));
      at += CENTRAL_BYTES + rest.length + head.readUInt16LE(32);
      const name = rest.toString('utf8', 0, nameSize);
      if (name.endsWith('/')) continue;
      const sizes = sizesOf(head, rest.subarray(nameSize));
      const method = head.readUInt16LE(10);
      const isEncrypted = (head.readUInt16LE(8) & 1) === 1;
      yield {
        name,
        async read(limit) {
          if (isEncrypted) throw broken('is encrypted');
          if (method !== 0 && method !== 8) {
            throw broken(`is packed in a way (${method}) that is not read: use deflate`);
          }
          const { unpacked } = sizes;
          if (unpacked > limit) throw broken(`has ${unpacked} bytes; at most ${limit} are taken`);
          return unpack(await packedBytes(read, sizes), method === 8, unpacked);
        },
      };
    }
  } finally {
    await file.close();
  }
}

/** Bytes at a position; throws where the file has fewer. */
type Read = (position: number, length: number) => Promise<Buffer>;

/** For reading on and on: what is asked for next was mostly read before. */
function windowed(read: Read, size: number): Read {
  let from = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return async (position, length) => {
    if (position < from || position + length > from + bytes.length) {
      bytes = await read(position, Math.max(length, Math.min(WINDOW_BYTES, size - position)));
      from = position;
    }
    return bytes.subarray(position - from, position - from + length);
  };
}

type Sizes = { readonly packed: number; readonly unpacked: number; readonly offset: number };

/** Numbers that do not fit follow in an extra field (ZIP64), in this order, only those that do not fit. */
function sizesOf(head: Buffer, extra: Buffer): Sizes {
  const wide = wideNumbers(extra);
  const of = (from: number): number => {
    const value = head.readUInt32LE(from);
    if (value !== MAX_32) return value;
    const next = wide.shift();
    if (next === undefined) throw damaged();
    return next;
  };
  const unpacked = of(24);
  const packed = of(20);
  return { unpacked, packed, offset: of(42) };
}

function wideNumbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    return Array.from({ length: Math.floor(field.length / 8) }, (_, index) =>
      Number(field.readBigUInt64LE(index * 8)),
    );
  }
  return [];
}

async function packedBytes(read: Read, { packed, offset }: Sizes): Promise<Buffer> {
  const head = await read(offset, 30);
  if (head.readUInt32LE(0) !== LOCAL)
    throw broken('is not where the directory of its archive says');
  return read(offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28), packed);
}

async function unpack(packed: Buffer, isDeflated: boolean, size: number): Promise<Buffer> {
  try {
    // one byte more than it may have, so that a size that is not the true one is found
    const bytes = isDeflated ? await inflate(packed, { maxOutputLength: size + 1 }) : packed;
    if (bytes.length === size) return bytes;
  } catch {
    // damaged, or longer than it says
  }
  throw broken('is damaged');
}

async function directoryOf(read: Read, size: number): Promise<{ offset: number; count: number }> {
  const from = Math.max(0, size - LONGEST_END);
  const tail = await read(from, size - from);
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END) continue;
    const [count, offset] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 16)];
    return count === MAX_16 || offset === MAX_32
      ? wideDirectoryOf(read, from + at - 20)
      : { offset, count };
  }
  throw broken('is not a zip archive, or not a whole one');
}

async function wideDirectoryOf(read: Read, at: number) {
  const locator = await read(at, 20);
  if (locator.readUInt32LE(0) !== LOCATOR_64) throw damaged();
  const end = await read(Number(locator.readBigUInt64LE(8)), 56);
  if (end.readUInt32LE(0) !== END_64) throw damaged();
  return { count: Number(end.readBigUInt64LE(32)), offset: Number(end.readBigUInt64LE(48)) };
}

/** @param reason the end of a sentence that begins with the name of the archive, or of the file in it */
function broken(reason: string): StemmaError {
  return new StemmaError('DOCUMENT_MALFORMED', reason);
}

function damaged(): StemmaError {
  return broken('is a zip archive whose directory is damaged');
}
