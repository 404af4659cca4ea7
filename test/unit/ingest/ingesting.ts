import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createDryRun } from '../../../src/ingest/dry-run.ts';
import type { Piece, RecogniseOptions } from '../../../src/ingest/piece.ts';
import { recogniseText } from '../../../src/ingest/recognise.ts';
import type { IngestReport } from '../../../src/ingest/report.ts';
import { ingest, type IngestOptions } from '../../../src/ingest/run.ts';
import type { Envelope } from '../../../src/model/event.ts';

export const FIXTURES = join(import.meta.dirname, '../../fixtures');

export const OPTIONS: RecogniseOptions = {
  repository: null,
  githubEvent: null,
  source: 'urn:stemma:ingest',
  maxDocumentBytes: 32 * 1024 * 1024,
};

export const fixtureText = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8');

/** What a text is recognised as. */
export async function recognise(
  text: string,
  options: Partial<RecogniseOptions> = {},
  name: string | null = 'file',
): Promise<{
  formats: string[];
  events: Envelope[];
  problems: string[];
  skipped: string[];
  pieces: Piece[];
}> {
  const pieces = await Array.fromAsync(recogniseText(text, name, { ...OPTIONS, ...options }));
  return {
    pieces,
    formats: [...new Set(pieces.flatMap(({ format }) => format ?? []))],
    events: pieces.flatMap((piece) =>
      piece.kind === 'event' ? [JSON.parse(piece.raw) as Envelope] : [],
    ),
    skipped: pieces.flatMap((piece) => (piece.kind === 'skipped' ? [piece.reason] : [])),
    problems: pieces.flatMap((piece) => (piece.kind === 'problem' ? [piece.reason] : [])),
  };
}

/** Runs an ingestion; without a sender nothing is sent and every event is checked. */
export async function run(
  paths: readonly string[],
  options: Partial<IngestOptions> = {},
): Promise<IngestReport> {
  return ingest({
    paths,
    git: false,
    stdin: Readable.from([]),
    recognise: OPTIONS,
    sender: createDryRun(),
    signal: new AbortController().signal,
    onFile: () => undefined,
    ...options,
  });
}
