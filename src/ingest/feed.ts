import type { Readable } from 'node:stream';
import type { Stats } from 'node:fs';
import { asObject, asText } from '../documents/json.ts';
import { readText } from '../documents/text.ts';
import { createWarnings } from '../documents/warnings.ts';
import { sha256 } from '../model/event.ts';
import type { NodeRef } from '../model/node.ts';
import type { Receipt } from '../model/receipt.ts';
import { findFiles, systemCode, systemReason, type Found } from './files.ts';
import { readInput } from './input.ts';
import type { Piece, RecogniseOptions } from './piece.ts';
import { reasonOf, recogniseText } from './recognise.ts';
import type { Sender } from './sender.ts';
import { unpackText } from './unpack.ts';

export type FeedOptions = {
  /** Directories, zip archives and files. */
  readonly paths: readonly string[];
  readonly stdin: Readable;
  readonly recognise: RecogniseOptions;
  readonly sender: Sender;
  /** Which of these things the service has been told of, in the order of the list: at most 500 at once. */
  readonly areKnown: (things: readonly NodeRef[]) => Promise<readonly boolean[]>;
  readonly isWanted?: (path: string, stats: Stats) => boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (report: FeedReport) => void;
};

export type FeedRefusal = { readonly file: string; readonly reason: string };

/** What became of the advisories. */
export type FeedReport = {
  /** Advisories that the service knew nothing of. */
  readonly new: number;
  /** Those that it knew in another form. */
  readonly changed: number;
  /** Those that it has as they are: they were not sent. */
  readonly unchanged: number;
  readonly refused: number;
  /** Files with other names than those of advisories (`*.json`, `*.jsonl`, `*.yaml`, `*.yml`, with or without `.gz`). */
  readonly notRead: number;
  /** Advisories of which something was left out. */
  readonly withWarnings: number;
  /** The first 100. */
  readonly refusals: readonly FeedRefusal[];
};

const MAX_REFUSALS = 100;
/** Files of one look whether they are known, and their bytes together. */
const BATCH = { files: 250, bytes: 8 * 1024 * 1024 };
/** With the version of its schema, where it states one. */
const FORMAT = /^(?:osv(?!-scanner)|github-advisory)(?:-|$)/;

type Text = { readonly file: string; readonly name: string | null; readonly text: string };
type EventPiece = Extract<Piece, { kind: 'event' }>;
type Advisory = {
  readonly file: string;
  readonly piece: EventPiece;
  readonly digest: string;
  readonly id: string | null;
  /** What goes before it: the parts of a document that is longer than an event. */
  readonly parts: readonly EventPiece[];
};

/**
 * Sends the advisories that the service does not have. It is asked which documents it has, by digest, before any is read, so that a
 * feed that was sent before costs the reading of its bytes; there is no state beside the service that could be wrong, and after a kill
 * the same again sends the rest.
 *
 * @throws what made a request fail; what was sent by then stays
 */
export async function feedAdvisories(options: FeedOptions): Promise<FeedReport> {
  const { sender, signal, onProgress } = options;
  const tally = createTally();
  for await (const texts of batchesOf(options, tally)) {
    signal.throwIfAborted();
    for (const record of await unknownIn(texts, options, tally)) {
      const { file, piece, state } = record;
      for (const { raw } of record.parts) {
        const settle = (receipt: Receipt): void => {
          tally.part(file, receipt);
        };
        await sender.send({ raw, settle });
      }
      await sender.send({
        raw: piece.raw,
        settle: (receipt) => {
          tally.settled(file, piece, state, receipt);
        },
      });
    }
    onProgress(tally.report());
  }
  await sender.flush();
  return tally.report();
}

/** The texts of files, so many together as are asked of at once. */
async function* batchesOf(
  { paths, stdin, recognise, isWanted, signal }: FeedOptions,
  tally: Tally,
): AsyncGenerator<Text[]> {
  const limit = recognise.maxDocumentBytes;
  const walk = { stdin, limit, worktrees: true, ...(isWanted === undefined ? {} : { isWanted }) };
  let batch: Text[] = [];
  let size = 0;
  for await (const found of findFiles(paths, walk)) {
    signal.throwIfAborted();
    const text = await textOf(found, limit, tally);
    if (text === null) continue;
    batch.push(text);
    size += text.text.length;
    if (batch.length < BATCH.files && size < BATCH.bytes) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

async function textOf(found: Found, limit: number, tally: Tally): Promise<Text | null> {
  const { file } = found;
  if (found.kind === 'git') return null; // worktrees are walked
  if (found.kind === 'problem') {
    tally.refused(file, found.reason);
    return null;
  }
  const { name } = found;
  if (name !== null && !/\.(?:json|jsonl|ndjson|ya?ml)(?:\.gz)?$/i.test(name)) {
    tally.notRead();
    return null;
  }
  try {
    const input = await readInput(found.open(), limit);
    if (input.kind === 'long') {
      await input.rest.return?.();
      tally.refused(file, `has more than ${limit} bytes (STEMMA_MAX_DOCUMENT_BYTES)`);
      return null;
    }
    const { text, reason } = unpackText(input.bytes, limit);
    if (text !== null) return { file, name, text };
    tally.refused(file, reason);
  } catch (error) {
    tally.refused(file, systemCode(error) === null ? reasonOf(error) : systemReason(error));
  }
  return null;
}

type Unknown = Advisory & { readonly state: 'new' | 'changed' };

/** The advisories among the texts that the service does not have. */
async function unknownIn(
  texts: readonly Text[],
  { areKnown, recognise }: FeedOptions,
  tally: Tally,
): Promise<Unknown[]> {
  const haveFiles = await areKnown(texts.map(({ text }) => documentOf(sha256(text))));
  const records: Advisory[] = [];
  for (const [index, { file, name, text }] of texts.entries()) {
    if (haveFiles[index] === true) {
      tally.unchanged();
      continue;
    }
    let parts: EventPiece[] = [];
    for await (const piece of recogniseText(text, name, recognise)) {
      if (piece.kind !== 'event') tally.refused(file, placed(piece.reason, piece.line));
      else if (!FORMAT.test(piece.format)) {
        tally.refused(
          file,
          placed(`is ${piece.format}, not an advisory in the OSV format`, piece.line),
        );
      } else if (!piece.isDocument) parts.push(piece);
      else {
        records.push({ file, piece, ...identityOf(piece, text), parts });
        parts = [];
      }
    }
  }
  const unknown: Unknown[] = [];
  for (let at = 0; at < records.length; at += BATCH.files) {
    const some = records.slice(at, at + BATCH.files);
    const known = await areKnown(
      some.flatMap(({ digest, id }) => [
        documentOf(digest),
        { label: 'Vulnerability', key: id ?? digest },
      ]),
    );
    for (const [index, record] of some.entries()) {
      if (known[2 * index] === true) tally.unchanged();
      else unknown.push({ ...record, state: known[2 * index + 1] === true ? 'changed' : 'new' });
    }
  }
  return unknown;
}

/** The digest of the document that an event carries, and the id of the advisory in it. */
function identityOf({ raw }: EventPiece, whole: string): { digest: string; id: string | null } {
  const { subject, data } = JSON.parse(raw) as { subject: string; data: { content?: string } };
  const advisory = asObject(readText(data.content ?? whole, createWarnings()));
  return {
    digest: subject.replace(/^sha256:/, ''),
    id: asText(advisory['id']) ?? asText(advisory['ghsa_id']),
  };
}

function documentOf(digest: string): NodeRef {
  return { label: 'Document', key: digest };
}

function placed(reason: string, line: number | null): string {
  return line === null ? reason : `line ${line}: ${reason}`;
}

type Tally = ReturnType<typeof createTally>;

function createTally() {
  const counts = { new: 0, changed: 0, unchanged: 0, refused: 0, notRead: 0, withWarnings: 0 };
  const refusals: FeedRefusal[] = [];
  const refused = (file: string, reason: string): void => {
    counts.refused += 1;
    if (refusals.length < MAX_REFUSALS) refusals.push({ file, reason });
  };
  return {
    refused,
    unchanged: () => void (counts.unchanged += 1),
    notRead: () => void (counts.notRead += 1),
    /** Of a document that came in several events: the last one counts. */
    part(file: string, { error }: Receipt): void {
      if (error !== null && error.code !== 'IDEMPOTENCY_CONFLICT') refused(file, error.message);
    },
    settled(
      file: string,
      { warnings }: EventPiece,
      state: 'new' | 'changed',
      { status, error, warnings: told = [] }: Receipt,
    ): void {
      // the id is the digest of its bytes: what differs can only be its name
      if (status === 'DUPLICATE' || error?.code === 'IDEMPOTENCY_CONFLICT') counts.unchanged += 1;
      else if (status === 'ACCEPTED' || status === 'APPLIED') counts[state] += 1;
      else refused(file, error?.message ?? `was ${status.toLowerCase()}`);
      if (warnings.length + told.length > 0) counts.withWarnings += 1;
    },
    report: (): FeedReport => ({ ...counts, refusals: [...refusals] }),
  };
}
