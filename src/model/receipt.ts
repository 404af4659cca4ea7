import type { ErrorCode, StemmaError } from '../errors.ts';
import type { StemmaEvent } from './event.ts';

/** What became of one event (design section 7). */
export type ReceiptStatus = 'ACCEPTED' | 'APPLIED' | 'DUPLICATE' | 'REJECTED' | 'DEAD_LETTERED';

/**
 * What is known of an event that Redis has taken, from worst to best:
 * `MEMORY` – it is in memory, nothing is known of the disk;
 * `EVERYSEC` – it is in the append-only file, which reaches the disk within about a second;
 * `FSYNCED` – it is on the disk of Redis (`appendfsync always`, or confirmed by WAITAOF).
 */
export const DURABILITIES = ['MEMORY', 'EVERYSEC', 'FSYNCED'] as const;
export type Durability = (typeof DURABILITIES)[number];

export type Receipt = {
  readonly eventId: string | null;
  readonly source: string | null;
  /** Log number; of the first copy where the event is a duplicate; null where it was rejected. */
  readonly position: number | null;
  readonly status: ReceiptStatus;
  /** Where this is a DUPLICATE: what became of the first copy. */
  readonly first: 'ACCEPTED' | 'APPLIED' | null;
  readonly error: ReceiptError | null;
  /** What the bus has of it, or of the first copy; left out where it has nothing of it, or where Redis does not tell. */
  readonly durability?: Durability;
  /** What the event says that changes no answer, a sentence each; left out where there is nothing to tell. */
  readonly warnings?: readonly string[];
};

export type ReceiptError = {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where in the input, such as `events.3.data.commit`; empty for the whole. */
  readonly path: string;
  readonly retryable: boolean;
};

export type WaitFor = 'ACCEPTED' | 'APPLIED';

/** A valid event on its way to the bus. */
export type AcceptedEvent = {
  readonly event: StemmaEvent;
  /** The original text, as received. */
  readonly raw: string;
  readonly contentHash: string;
  /** What of it has no effect, as far as it alone tells. */
  readonly warnings?: readonly string[];
};

/** What the bus made of one accepted event. */
export type Published =
  | { readonly outcome: 'appended'; readonly position: number; readonly durability?: Durability }
  /** `first`: what is known of the first copy; null while it is on its way. */
  | {
      readonly outcome: 'duplicate';
      readonly position: number;
      readonly first: Applied | null;
      readonly durability?: Durability;
    }
  | { readonly outcome: 'conflict'; readonly position: number; readonly firstHash: string }
  /** Not appended, while others of the same call were. */
  | { readonly outcome: 'failed'; readonly error: StemmaError };

/** What the writer reported about one log number. */
export type Applied = {
  readonly status: 'APPLIED' | 'DUPLICATE' | 'DEAD_LETTERED';
  readonly error: ReceiptError | null;
};

/** The bus as seen by the edge. */
export interface Publisher {
  /**
   * Appends events, in order. Where only the first of them could be appended, the others are `failed`.
   *
   * @throws StemmaError BACKPRESSURE (details.retryAfterMs), STREAM_REWOUND, DEPENDENCY_UNAVAILABLE; then none of them is appended
   */
  publish(events: readonly AcceptedEvent[]): Promise<Published[]>;
  /** Resolves when the writer reports on `position`, or with null after `timeoutMs`. */
  whenApplied(position: number, timeoutMs: number): Promise<Applied | null>;
}

/** One event as a client sent it: text as received, or a parsed value (GraphQL). */
export type Submission =
  { readonly raw: string; readonly value: unknown } | { readonly problem: ReceiptError };

export type AcceptOptions = { readonly wait: WaitFor; readonly waitMs: number };

/** The one way in for mutations, `POST /events` and ingestion. */
export interface Intake {
  /** Validates, maps foreign forms, publishes; receipts in the order of the input, one bad event never refuses its neighbours. */
  accept(submissions: readonly Submission[], options: AcceptOptions): Promise<Receipt[]>;
}
