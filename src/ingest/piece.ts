import type { Envelope } from '../model/event.ts';

/** A part of an input: an event to send, or something that cannot become one. */
export type Piece =
  | {
      readonly kind: 'event';
      readonly format: string;
      /** The event as JSON. */
      readonly raw: string;
      /** Line of a JSON lines text; null elsewhere. */
      readonly line: number | null;
      /** True for an event whose id is the digest of the document that it carries. */
      readonly isDocument: boolean;
      /** What of the document was left out, or read in spite of how it is written. */
      readonly warnings: readonly string[];
    }
  | {
      /** `skipped`: a part that is in order and none of our business, beside others. `problem`: what should have been read. */
      readonly kind: 'problem' | 'skipped';
      readonly format: string | null;
      readonly line: number | null;
      readonly reason: string;
    };

/** @param document what to say of the document that the event carries; null where it carries none, or a part of one */
export function eventPiece(
  format: string,
  envelope: Envelope,
  line: number | null,
  document: { readonly warnings: readonly string[] } | null = null,
): Extract<Piece, { kind: 'event' }> {
  return {
    kind: 'event',
    format,
    raw: JSON.stringify(envelope),
    line,
    isDocument: document !== null,
    warnings: document?.warnings ?? [],
  };
}

/** What recognition may be told about the inputs. */
export type RecogniseOptions = {
  /** URL of the repository that exported histories belong to; without it the name of the file says it. */
  readonly repository: string | null;
  /** Name of the GitHub event (`X-GitHub-Event`) that every input is. */
  readonly githubEvent: string | null;
  /** Source of the events that carry documents. */
  readonly source: string;
  readonly maxDocumentBytes: number;
};
