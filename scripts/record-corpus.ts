/**
 * Records a corpus of log entries with the digests of the graph that they make, which every later version must reach as well.
 *
 *   node scripts/record-corpus.ts v2           writes test/fixtures/corpus/v2; refuses to change a corpus that exists
 *   node scripts/record-corpus.ts v2 --force   for a corpus that no release has carried yet
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeEntry } from '../src/apply/decode.ts';
import { digestOf, foldEvents } from '../test/support/in-memory.ts';
import { CORPUS } from './corpus-events.ts';

const FIRST_ACCEPTED = Date.UTC(2026, 2, 9);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { force: { type: 'boolean', default: false } },
});
const [version = ''] = positionals;
const folder = fileURLToPath(new URL(`../test/fixtures/corpus/${version}`, import.meta.url));
if (!/^v\d+$/.test(version)) {
  console.error('usage: node scripts/record-corpus.ts v<number> [--force]');
  process.exitCode = 2;
} else if (existsSync(folder) && !values.force) {
  console.error(`${folder} exists: a recorded corpus never changes. Record the next version.`);
  process.exitCode = 1;
} else {
  record();
}

function record(): void {
  const entries = CORPUS.map((envelope, at) => ({
    n: (at + 1) * 2, // with gaps, as dead letters leave them
    acceptedAt: FIRST_ACCEPTED + at * 1_000,
    body: JSON.stringify(envelope),
  }));
  const events = entries.map(({ n, acceptedAt, body }) =>
    decodeEntry({ n, acceptedAt, text: body, contentHash: null }),
  );
  const folded = foldEvents(events);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'log.ndjson'),
    entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
  const expected = {
    events: events.length,
    content: digestOf(folded, events, 'content'),
    full: digestOf(folded, events, 'full'),
  };
  writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
  console.error(`recorded ${events.length} events in ${folder}`);
}
