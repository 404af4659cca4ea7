import { partLists, type StoredDocument } from '../model/document-pieces.ts';
import { CATALOGUE } from '../model/events/catalogue.ts';
import { assembleDocument, type StoredPart } from './assembly.ts';

/** What is read of the events of a document, in order of log numbers. */
type Readable = {
  readonly digest: string;
  readonly events: readonly Pick<
    StoredDocument['events'][number],
    'type' | 'n' | 'source' | 'body'
  >[];
};

/** The bytes of a document that the log holds, in one event or in parts; null where a part is missing, or they are not the document. */
export function storedText({ digest, events }: Readable): string | null {
  for (const { type, body } of events) {
    if (type !== 'document.submitted') continue;
    const { content } = CATALOGUE['document.submitted'].data.parse(dataOf(body));
    if (content !== undefined) return content;
  }
  try {
    return assembleDocument(digest, partLists(events), storedParts(events))?.text ?? null;
  } catch {
    return null;
  }
}

/** The parts among the events of a document. */
export function storedParts(events: Readable['events']): StoredPart[] {
  return events
    .filter(({ type }) => type === 'document.part')
    .map(({ n, source, body }) => {
      return { ...CATALOGUE['document.part'].data.parse(dataOf(body)), n, source };
    });
}

export function dataOf(body: string): unknown {
  return (JSON.parse(body) as { data?: unknown }).data; // validated before it was logged
}
