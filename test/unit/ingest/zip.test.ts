import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messageOf } from '../../../src/errors.ts';
import { zipEntries } from '../../../src/ingest/zip.ts';
import { zip, type Zipped } from '../../support/zip.ts';
import { run } from './ingesting.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'stemma-zip-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const LIMIT = 1_000_000;

/** Name and text of each entry, or why it cannot be read. */
async function read(bytes: Buffer, limit = LIMIT): Promise<string[][]> {
  const path = join(dir, 'some.zip');
  writeFileSync(path, bytes);
  const found: string[][] = [];
  for await (const entry of zipEntries(path)) {
    const text = await entry.read(limit).then(String, (error: unknown) => `! ${messageOf(error)}`);
    found.push([entry.name, text]);
  }
  return found;
}

const one = (rest: Partial<Zipped>): Zipped => ({ name: 'a.json', text: '{"a":1}', ...rest });

describe('zipEntries', () => {
  const files = [
    { name: 'a.json', text: '{"a":1}' },
    { name: 'dir/', text: '', stored: true },
    { name: 'dir/b.json', text: 'b'.repeat(100_000) },
    { name: 'é.json', text: 'kept', stored: true },
  ];
  const texts = files.filter(({ name }) => name !== 'dir/').map(({ name, text }) => [name, text]);

  it('reads packed and stored files, and no directories', async () => {
    expect(await read(zip(files))).toEqual(texts);
  });

  it('reads archives of more files than the old format can count', async () => {
    expect(await read(zip(files, { wide: true }))).toEqual(texts);
  });

  it('reads a directory that is longer than one read', async () => {
    const many = Array.from({ length: 8_000 }, (_, at) => ({
      name: `dir/${at}.json`,
      text: `${at}`,
    }));
    const found = await read(zip(many, { wide: true }));
    expect(found).toEqual(many.map(({ name, text }) => [name, text]));
  });

  it('says what is wrong with one file, and reads the others', async () => {
    const found = await read(
      zip([
        ...[one({ flags: 1 }), one({ method: 12 }), one({ size: 5 }), one({ size: 9 })],
        ...[one({ size: LIMIT + 1 }), one({ stored: true, size: 3 }), one({})],
      ]),
    );
    expect(found.map(([, text]) => text)).toEqual([
      '! is encrypted',
      '! is packed in a way (12) that is not read: use deflate',
      '! is damaged',
      '! is damaged',
      `! has ${LIMIT + 1} bytes; at most ${LIMIT} are taken`,
      '! is damaged',
      '{"a":1}',
    ]);
  });

  it.each([
    ['something else', Buffer.from('this is text, not an archive of any kind')],
    ['nothing', Buffer.alloc(0)],
    ['the first half of one', zip(files).subarray(0, 300)],
    ['one without its directory', zip(files).subarray(-22)],
  ])('refuses %s', async (_, bytes) => {
    await expect(read(bytes)).rejects.toThrow(/is not a (?:whole )?zip archive/);
  });

  it('refuses a directory that is damaged', async () => {
    const bytes = zip(files);
    bytes.fill(0, bytes.length - 60, bytes.length - 22);
    bytes.writeUInt32LE(0, bytes.readUInt32LE(bytes.length - 6));
    await expect(read(bytes)).rejects.toThrow('is a zip archive whose directory is damaged');
  });

  it('is what ingest reads: each file of an archive is reported by its path there', async () => {
    const path = join(dir, 'export.zip');
    const advisory = { id: 'ZIP-1', modified: '2026-11-21T10:00:00Z', affected: [] };
    writeFileSync(
      path,
      zip([{ name: 'npm/ZIP-1.json', text: JSON.stringify(advisory) }, one({ flags: 1 })]),
    );
    const { files: reports } = await run([path]);
    expect(reports.map(({ file, outcome, reason }) => [file, outcome, reason])).toEqual([
      [`${path}/npm/ZIP-1.json`, 'accepted', null],
      [`${path}/a.json`, 'refused', 'is encrypted'],
    ]);
  });

  it('names an archive that is none', async () => {
    const path = join(dir, 'broken.zip');
    writeFileSync(path, 'no archive');
    const { files: reports } = await run([path]);
    expect(reports).toMatchObject([
      { file: path, outcome: 'refused', reason: 'is not a zip archive, or not a whole one' },
    ]);
  });
});
