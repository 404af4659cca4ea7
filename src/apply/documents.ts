import { assembleDocument } from '../documents/assembly.ts';
import { parseDocument } from '../documents/document.ts';
import { dataOf, storedParts } from '../documents/stored-text.ts';
import type { LogEntry } from '../graph/write/rows.ts';
import type { LoggedEvent, Writer } from '../graph/write/writer.ts';
import { partLists, type StoredDocument } from '../model/document-pieces.ts';
import { CATALOGUE } from '../model/events/catalogue.ts';
import { sha256 } from '../model/event.ts';
import { decodeEntry } from './decode.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Decides about a document that a batch submits and whose parts make no document; throws where that is the end of the batch. */
export type OnBroken = (digest: string, error: unknown) => void;

const refuse: OnBroken = (_digest, error) => {
  throw error;
};

/**
 * Applies the documents of which a batch brought a part, the submission or the withdrawal, and of which now everything is in the
 * log. Runs after the batch has committed, so that of two writers that bring the last two pieces at the same moment at least one
 * sees both.
 *
 * @returns what these documents say
 * @throws StemmaError DOCUMENT_MALFORMED where the parts do not make the document, unless `onBroken` has it otherwise
 */
export async function applyDocuments(
  writer: Pick<Writer, 'documents' | 'wholeSince' | 'writeChanges'>,
  events: readonly LoggedEvent[],
  onBroken: OnBroken = refuse,
): Promise<LogEntry[]> {
  const brought = new Set(
    events.flatMap(({ changes, inParts }) =>
      inParts && changes.subject !== null ? [changes.subject.key] : [],
    ),
  );
  // writing once more what a withdrawn document said ends it: the writer looks for withdrawals of what it writes
  const withdrawn = events.flatMap(({ changes }) =>
    changes.endsClaims.filter((claim) => SHA256.test(claim)),
  );
  const own = new Set(events.map(({ n }) => n));
  const documents = [
    ...(brought.size === 0 ? [] : await writer.wholeSince([...brought], (n) => own.has(n))),
    ...(withdrawn.length === 0 ? [] : await writer.documents([...new Set(withdrawn)])),
  ];
  const said: LogEntry[] = [];
  for (const document of documents) {
    let entries: LogEntry[] = [];
    try {
      entries = documentEntries(document);
    } catch (error) {
      // whoever submits it answers for its parts; a part, or a withdrawal, does not
      const isSubmitted = document.events.some(
        ({ type, n }) => type === 'document.submitted' && own.has(n),
      );
      if (isSubmitted) onBroken(document.digest, error);
    }
    if (entries.length > 0) await writer.writeChanges(entries);
    for (const entry of entries) said.push(entry);
  }
  return said;
}

/**
 * What the submissions of a document in parts say, or nothing while a part is missing. Pure, and the order in which the events
 * came does not matter.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where the parts do not make the document
 */
export function documentEntries({ digest, events }: StoredDocument): LogEntry[] {
  const submissions = events.filter(({ type }) => type === 'document.submitted');
  if (submissions.length === 0) return [];
  const whole = assembleDocument(digest, partLists(events), storedParts(events));
  if (whole === null) return [];
  return submissions.map(({ n, at, acceptedAt, source, key, body }) => {
    const { about } = CATALOGUE['document.submitted'].data.parse(dataOf(body));
    // what is known is known since the last piece came, and from whoever sent that
    const last = n > whole.last.n ? { n, source } : whole.last;
    return {
      identity: key,
      n: last.n,
      at,
      acceptedAt,
      source: last.source,
      tie: sha256(key).slice(0, 16),
      changes: parseDocument(whole.text, digest, about ?? null).changes,
    };
  });
}

/** What a document says, from each event that submitted it: those that hold it, and those whose document came in parts. */
export function entriesOfDocument(document: StoredDocument): LogEntry[] {
  const whole = document.events.flatMap(({ type, body, n, acceptedAt }) => {
    if (type !== 'document.submitted') return [];
    const event = decodeEntry({ text: body, n, acceptedAt, contentHash: null });
    return event.inParts ? [] : [event];
  });
  const isInParts = document.events.some(({ type }) => type === 'document.part');
  if (!isInParts) return whole;
  try {
    return [...whole, ...documentEntries(document)];
  } catch {
    return whole; // parts that make no document were refused when they came
  }
}
