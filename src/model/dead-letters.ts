/** An event that could not be applied, as operators see it. */
export type DeadLetterView = {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** ms since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Log number. */
  readonly n: number;
  readonly acceptedAt: number;
  readonly type: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  /** The event as received. */
  readonly text: string;
  /** What was decided about it; null = open. */
  readonly mark:
    | { readonly state: 'replayed'; readonly n: number; readonly at: number }
    | { readonly state: 'discarded'; readonly reason: string; readonly at: number }
    | null;
};

/** Null = any. */
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
  /** Newest first, or backwards; `next` = the id of the last item, from where the next page goes on, null where there is none. */
  list(
    query: DeadLetterQuery,
    page: {
      readonly limit: number;
      /** Id; only what lies behind it. */
      readonly position: string | null;
      readonly backward: boolean;
    },
  ): Promise<{ readonly items: readonly DeadLetterView[]; readonly next: string | null }>;
  show(id: string): Promise<DeadLetterView | null>;
  /** @throws StemmaError BACKPRESSURE, STREAM_REWOUND */
  replay(ids: readonly string[]): Promise<readonly DeadLetterReplay[]>;
  /** @returns the ids that were marked */
  discard(ids: readonly string[], reason: string): Promise<readonly string[]>;
}
