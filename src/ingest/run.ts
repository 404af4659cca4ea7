import type { Readable } from 'node:stream';
import { readGitRepository } from '../foreign/git/repository.ts';
import { messageOf } from '../errors.ts';
import { tooLarge } from './documents.ts';
import { findFiles, systemCode, systemReason, type Found } from './files.ts';
import { binaryReason, linesOf, readInput, type Input } from './input.ts';
import { eventPiece, type Piece, type RecogniseOptions } from './piece.ts';
import { reasonOf, recognisePart, recogniseText } from './recognise.ts';
import { createTracker, toReport, type FileReport, type IngestReport } from './report.ts';
import type { Sender } from './sender.ts';
import { unpackText } from './unpack.ts';

export type IngestOptions = {
  readonly paths: readonly string[];
  /** The paths are git repositories. */
  readonly git: boolean;
  readonly stdin: Readable;
  readonly recognise: RecogniseOptions;
  readonly sender: Sender;
  readonly signal: AbortSignal;
  /** Called when everything of a file is settled; files may overtake each other. */
  readonly onFile: (report: FileReport) => void;
  /** Called for each event on its way. */
  readonly onEvent?: () => void;
};

/**
 * Reads files, directories and git repositories and sends what they hold. One input is read at a time; a few batches are on their
 * way meanwhile.
 *
 * @throws what made a request fail; what was sent by then stays, and the same again adds only the rest
 */
export async function ingest(options: IngestOptions): Promise<IngestReport> {
  const { sender, signal, onFile, onEvent } = options;
  const reports: FileReport[] = [];
  let count = 0;
  for await (const found of foundIn(options)) {
    signal.throwIfAborted();
    const at = count;
    count += 1;
    const tracker = createTracker(found.file, (report) => {
      reports[at] = report;
      onFile(report);
    });
    for await (const piece of piecesOf(found, options)) {
      signal.throwIfAborted();
      if (piece.kind !== 'event') tracker.unread(piece);
      else {
        tracker.sent(piece.format);
        onEvent?.();
        await sender.send({
          raw: piece.raw,
          settle: (receipt) => {
            tracker.settled(piece, receipt);
          },
        });
      }
    }
    tracker.close(found.kind === 'git' ? 'the repository has no commit yet' : null);
  }
  await sender.flush();
  return toReport(reports);
}

async function* foundIn({ git, paths, stdin, recognise }: IngestOptions): AsyncGenerator<Found> {
  if (!git) yield* findFiles(paths, { stdin, limit: recognise.maxDocumentBytes });
  else for (const file of paths) yield { kind: 'git', file };
}

async function* piecesOf(found: Found, options: IngestOptions): AsyncGenerator<Piece> {
  try {
    switch (found.kind) {
      case 'problem':
        yield problem(null, found.reason);
        return;
      case 'git':
        yield* gitPieces(found.file, options.signal);
        return;
      case 'file':
        yield* filePieces(found, options.recognise);
    }
  } catch (error) {
    options.signal.throwIfAborted();
    yield problem(null, systemCode(error) === null ? reasonOf(error) : systemReason(error));
  }
}

async function* gitPieces(dir: string, signal: AbortSignal): AsyncGenerator<Piece> {
  const warnings: string[] = [];
  const onWarning = (text: string): void => void warnings.push(text);
  for await (const envelope of readGitRepository({ dir, signal, onWarning })) {
    yield { ...eventPiece('git', envelope, null), warnings: warnings.splice(0) };
  }
}

async function* filePieces(
  { name, open }: Extract<Found, { kind: 'file' }>,
  options: RecogniseOptions,
): AsyncGenerator<Piece> {
  const input = await readInput(open(), options.maxDocumentBytes);
  if (input.kind === 'long') {
    yield* longPieces(input, name, options);
    return;
  }
  const { text, reason } = unpackText(input.bytes, options.maxDocumentBytes);
  if (text === null) yield problem(null, reason);
  else yield* recogniseText(text, name, options);
}

/** Too long for a document: only JSON lines are read, one by one. */
async function* longPieces(
  input: Extract<Input, { kind: 'long' }>,
  name: string | null,
  options: RecogniseOptions,
): AsyncGenerator<Piece> {
  for await (const { line, text } of linesOf(input)) {
    if (line === 1 && (text === null || !isJsonObject(text))) {
      yield problem(
        null,
        binaryReason(input.head) ?? messageOf(tooLarge(null, options.maxDocumentBytes)),
      );
      return;
    }
    if (text === null) yield problem(line, 'is too long, or not UTF-8 text');
    else if (text.trim() !== '') yield* recognisePart(text, { name, line }, options);
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function problem(line: number | null, reason: string): Piece {
  return { kind: 'problem', format: null, line, reason };
}
