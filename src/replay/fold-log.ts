import { assertedBy, decodeEntry } from '../apply/decode.ts';
import { documentEntries, entriesOfDocument } from '../apply/documents.ts';
import { createRevisionLog, replacedEntries } from '../apply/revisions.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { createWriter, type LoggedEvent } from '../graph/write/writer.ts';
import { createFold, type Folded } from './fold.ts';
import { readLog, type LogRange, type LogRecord } from './log.ts';

export type FoldLogOptions = {
  readonly graph: Graph;
  readonly statements: Statements;
  readonly range: LogRange;
  /** Which nodes and edges to fold; see createFold. */
  readonly owns?: (id: string) => boolean;
  /** Told of every event; null where it cannot be read, and then it has no effect either. */
  readonly onEvent?: (record: LogRecord, event: LoggedEvent | null) => void;
  readonly onBatch?: (events: number) => void;
  readonly signal?: AbortSignal;
};

/** Folds the log of a graph: what the graph should hold besides its log. Memory is that of the nodes and edges folded. */
export async function foldLog(options: FoldLogOptions): Promise<Folded> {
  const { graph, statements, range, signal } = options;
  const fold = createFold(options.owns);
  const revisions = createRevisionLog();
  const inParts = new Set<string>();
  for await (const records of readLog({ graph, statements }, range, {
    ...(signal === undefined ? {} : { signal }),
  })) {
    for (const record of records) {
      const event = tryDecode(record);
      options.onEvent?.(record, event);
      if (event === null) continue;
      fold.add(event);
      revisions.add(event);
      if (event.inParts && event.changes.subject !== null) inParts.add(event.changes.subject.key);
    }
    options.onBatch?.(records.length);
  }
  const reader = createWriter({ graph, statements, assertedBy });
  for (const digest of inParts) {
    signal?.throwIfAborted();
    for (const document of await reader.documents([digest])) {
      for (const entry of tryEntries(document)) {
        fold.add(entry);
        revisions.add(entry);
      }
    }
  }
  for (const [digest, endings] of revisions.replaced()) {
    signal?.throwIfAborted();
    const said = (await reader.documents([digest])).flatMap(entriesOfDocument);
    for (const entry of replacedEntries(digest, said, endings)) fold.add(entry);
  }
  return fold.finish();
}

/** Null for an event that somebody has edited; one that was refused is not in the log. */
function tryDecode({ body, n, acceptedAt }: LogRecord): LoggedEvent | null {
  try {
    return decodeEntry({ text: body, n, acceptedAt, contentHash: null });
  } catch {
    return null;
  }
}

/** A document whose parts do not make it was refused; the parts are in the log, and say nothing. */
function tryEntries(document: Parameters<typeof documentEntries>[0]) {
  try {
    return documentEntries(document);
  } catch {
    return [];
  }
}
