import { deflateRawSync } from 'node:zlib';

export type Zipped = {
  readonly name: string;
  readonly text: string;
  /** Kept as it is instead of deflated. */
  readonly stored?: boolean;
  /** What the directory says of its size instead of the truth. */
  readonly size?: number;
  readonly flags?: number;
  readonly method?: number;
};

/** A zip archive; with `wide` its counts and offsets are those of ZIP64, as archives of more than 65,535 files have them. */
export function zip(files: readonly Zipped[], { wide = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, text, stored = false, size, flags = 0, method } of files) {
    const content = Buffer.from(text);
    const packed = stored ? content : deflateRawSync(content);
    const path = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(path.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method ?? (stored ? 0 : 8), 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size ?? content.length, 24);
    entry.writeUInt16LE(path.length, 28);
    entry.writeUInt32LE(wide ? 0xffffffff : at, 42);
    const extra = Buffer.alloc(wide ? 12 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(8, 2);
      extra.writeBigUInt64LE(BigInt(at), 4);
    }
    entry.writeUInt16LE(extra.length, 30);
    directory.push(entry, path, extra);
    parts.push(local, path, packed);
    at += local.length + path.length + packed.length;
  }
  const size = directory.reduce((total, { length }) => total + length, 0);
  return Buffer.concat([...parts, ...directory, ...endOf(files.length, at, size, wide)]);
}

function endOf(count: number, offset: number, size: number, wide: boolean): Buffer[] {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : count, 8);
  end.writeUInt16LE(wide ? 0xffff : count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  if (!wide) return [end];
  const wideEnd = Buffer.alloc(56);
  wideEnd.writeUInt32LE(0x06064b50, 0);
  wideEnd.writeBigUInt64LE(BigInt(count), 24);
  wideEnd.writeBigUInt64LE(BigInt(count), 32);
  wideEnd.writeBigUInt64LE(BigInt(size), 40);
  wideEnd.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  return [wideEnd, locator, end];
}
