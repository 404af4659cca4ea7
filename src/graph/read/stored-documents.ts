import {
  neededParts,
  type StoredDocument,
  type StoredPiece,
  type StoredPieces,
} from '../../model/document-pieces.ts';
import type { Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

/** Reads documents that travel in parts from the log. */
export interface StoredDocuments {
  /** @param digests sha256 in hex */
  pieces(digests: readonly string[]): Promise<StoredPieces[]>;
  /** Of the parts, only those that can make the document, whatever else was sent as its parts. */
  load(pieces: readonly StoredPieces[]): Promise<StoredDocument[]>;
}

export function createStoredDocuments(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  limits: { readonly timeoutMs?: number } = {},
): StoredDocuments {
  const documentPieces = statements.get('lookup/document-pieces');
  const eventBodies = statements.get('lookup/event-bodies');
  return {
    async pieces(digests) {
      const refsOf = (digest: string) => [`Document:${digest}`, `Attestation:${digest}`];
      const rows = await graph.read(documentPieces, { refs: digests.flatMap(refsOf) }, limits);
      return digests.map((digest) => ({
        digest,
        events: rows
          .filter((row) => refsOf(digest).includes(String(row.get('ref'))))
          .map((row) => row.toObject() as StoredPiece<string | null>), // shape of the statement
      }));
    },

    async load(all) {
      const documents: StoredDocument[] = [];
      for (const { digest, events } of all) {
        const keys = neededParts(events).map(({ key }) => key);
        const rows = keys.length === 0 ? [] : await graph.read(eventBodies, { keys }, limits);
        const bodies = new Map(
          rows.map((row) => [String(row.get('key')), String(row.get('body'))]),
        );
        documents.push({
          digest,
          events: events.flatMap((event) => {
            const body = event.body ?? bodies.get(event.key);
            return body === undefined ? [] : [{ ...event, body }];
          }),
        });
      }
      return documents;
    },
  };
}
