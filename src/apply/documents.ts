import { parseDocument } from '../documents/document.ts';
import { joinParts, type Part } from '../documents/parts.ts';
import type { LogEntry } from '../graph/rows.ts';
import type { LoggedEvent, StoredDocument, Writer } from '../graph/writer.ts';
import { CATALOGUE } from '../model/events/catalogue.ts';
import { sha256 } from '../model/event.ts';

/**
 * Applies the documents of which a batch brought a part, or the submission, and of which now everything is in the log. Runs after
 * the batch has committed, so that of two writers that bring the last two parts at the same moment at least one sees both.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where the parts do not make the document
 */
export async function applyDocuments(
  writer: Pick<Writer, 'documents' | 'writeChanges'>,
  events: readonly LoggedEvent[],
): Promise<void> {
  const refs = new Set(
    events.flatMap(({ changes, inParts }) =>
      inParts && changes.subject !== null ? [changes.subject.key] : [],
    ),
  );
  if (refs.size === 0) return;
  for (const document of await writer.documents([...refs])) {
    const entries = entriesOf(document);
    if (entries.length > 0) await writer.writeChanges(entries);
  }
}

/** What the submissions of a document say, or nothing while a part is missing. */
function entriesOf({ digest, events }: StoredDocument): LogEntry[] {
  const parts = new Map<number, Part>();
  let lastN = 0;
  const submissions = events.filter(({ type }) => type === 'document.submitted');
  for (const { type, n, body } of events) {
    if (type !== 'document.part') continue;
    const part = CATALOGUE['document.part'].data.parse(dataOf(body));
    if (!parts.has(part.index)) lastN = Math.max(lastN, n);
    parts.set(part.index, part);
  }
  const [first] = parts.values();
  if (first === undefined || parts.size < first.count || submissions.length === 0) return [];
  const text = joinParts([...parts.values()], digest);
  return submissions.map(({ n, at, acceptedAt, source, key, body }) => {
    const { about } = CATALOGUE['document.submitted'].data.parse(dataOf(body));
    return {
      identity: key,
      // what is known is known since the last piece came
      n: Math.max(n, lastN),
      at,
      acceptedAt,
      source,
      tie: sha256(key).slice(0, 16),
      changes: parseDocument(text, digest, about ?? null).changes,
    };
  });
}

function dataOf(body: string): unknown {
  return (JSON.parse(body) as { data?: unknown }).data; // validated before it was logged
}
