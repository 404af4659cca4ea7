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
    }
  | {
      readonly kind: 'problem';
      readonly format: string | null;
      readonly line: number | null;
      readonly reason: string;
    };

export function eventPiece(
  format: string,
  envelope: Envelope,
  line: number | null,
  isDocument = false,
): Piece {
  return { kind: 'event', format, raw: JSON.stringify(envelope), line, isDocument };
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
