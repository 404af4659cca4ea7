/** An event that could not be applied, with everything that is needed to understand and to replay it. */
export type DeadLetter = {
  /** Id in the dead-letter stream. */
  readonly id: string;
  readonly stream: string;
  readonly entryId: string;
  readonly n: number;
  readonly acceptedAt: number;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** ms since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The event as received. */
  readonly text: string;
  readonly contentHash: string | null;
  readonly group: string;
  /** From the event, where it can be read. */
  readonly type: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  /** What was decided about it; null = open. */
  readonly mark: DeadLetterMark | null;
};

export type DeadLetterMark =
  /** Published again under log number `n`. */
  | { readonly state: 'replayed'; readonly n: number; readonly at: number }
  | { readonly state: 'discarded'; readonly reason: string; readonly at: number };

/** As operators see it. */
export type DeadLetterView = Omit<DeadLetter, 'stream' | 'entryId' | 'contentHash' | 'group'>;

/** Null = any. Times in ms since the epoch, of the moment when the event became a dead letter. */
export type DeadLetterQuery = {
  readonly state: 'open' | 'replayed' | 'discarded' | null;
  readonly code: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly since: number | null;
  readonly until: number | null;
};

export type DeadLetterReplay = {
  readonly id: string;
  readonly outcome: 'replayed' | 'already' | 'conflict' | 'missing';
  readonly position?: number;
};

/** The dead letters of the bus, for those who may not know the bus. */
export interface DeadLetterStore {
  /** Newest first, or backwards. */
  list(
    query: DeadLetterQuery,
    page: DeadLetterPageRequest,
  ): Promise<DeadLetterPage<DeadLetterView>>;
  show(id: string): Promise<DeadLetterView | null>;
  /** @throws StemmaError BACKPRESSURE, STREAM_REWOUND */
  replay(ids: readonly string[]): Promise<readonly DeadLetterReplay[]>;
  /** @returns the ids that were marked */
  discard(ids: readonly string[], reason: string): Promise<readonly string[]>;
}

export type DeadLetterPageRequest = {
  readonly limit: number;
  /** Id; only what lies behind it. */
  readonly position: string | null;
  /** Oldest first. */
  readonly backward: boolean;
};

/** May hold fewer items than there are, or none: only so many are looked at for a page. */
export type DeadLetterPage<T> = {
  readonly items: readonly T[];
  /** The id behind which the next page begins; null where the end was reached. */
  readonly next: string | null;
};

/** Log numbers behind `after` up to `until`, and how many are wanted at the most. */
export type LogStretch = { readonly after: number; readonly until: number; readonly limit: number };

/** The id of a dead letter, and the log number of its event. */
export type DeadLetterPlace = { readonly n: number; readonly id: string };

/** Where dead letters go that the bus has no room for; the bus holds the newest. */
export interface DeadLetterArchive {
  /** Safe to repeat; a decision that is there already stays. */
  put(letters: readonly DeadLetter[]): Promise<void>;
  list(query: DeadLetterQuery, page: DeadLetterPageRequest): Promise<DeadLetterPage<DeadLetter>>;
  get(id: string): Promise<DeadLetter | null>;
  /** @returns log number → id, of those that became dead letters of a group */
  byPositions(group: string, positions: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /** Of a group, by ascending log number. */
  between(group: string, stretch: LogStretch): Promise<readonly DeadLetterPlace[]>;
  /** @returns false where there is no such letter, or one that was decided before (a discarded one may still be replayed) */
  mark(id: string, mark: DeadLetterMark): Promise<boolean>;
  /** `open`: letters that nothing was decided about; `through`: the greatest log number of any, 0 where there is none. */
  summary(): Promise<{ readonly open: number; readonly through: number }>;
}
