/** One entry of a stream as a consumer sees it. */
export type Entry = {
  readonly stream: string;
  /** Redis' id of the entry, `ms-seq`. */
  readonly id: string;
  /** Log number. */
  readonly n: number;
  /** When the edge accepted it, ms since the epoch. */
  readonly acceptedAt: number;
  /** Hash of the event's content, as computed at the edge; null where the entry has none. */
  readonly contentHash: string | null;
  /** The event, as received. */
  readonly text: string;
  /** The only group that it is meant for, where it is a dead letter of that group that was replayed; null for every other entry. */
  readonly onlyFor: string | null;
  /**
   * How often it has been delivered again, with this time; 0 for a first delivery. The first redelivery has been counted durably,
   * a later one is counted by whoever processes it, just before.
   */
  readonly redeliveries: number;
};

/** An entry whose fields are gone: it was trimmed while it was pending. */
export type LostEntry = { readonly stream: string; readonly id: string; readonly lost: true };

export type RawEntry = [id: string, fields: string[] | null];

export function parseEntry(
  stream: string,
  [id, fields]: RawEntry,
  redeliveries = 0,
): Entry | LostEntry {
  if (fields === null) return { stream, id, lost: true };
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) map.set(fields[at] ?? '', fields[at + 1] ?? '');
  return {
    stream,
    id,
    n: Number(map.get('n') ?? Number.NaN),
    acceptedAt: Number(map.get('acceptedAt') ?? Number.NaN),
    contentHash: map.get('h') ?? null,
    text: map.get('e') ?? '',
    onlyFor: map.get('for') ?? null,
    redeliveries,
  };
}

export function isLost(entry: Entry | LostEntry): entry is LostEntry {
  return 'lost' in entry;
}

/** What became of an entry; every one of them is acknowledged. */
export type Settled =
  | { readonly kind: 'applied' }
  | { readonly kind: 'duplicate'; readonly first: number }
  | {
      readonly kind: 'dead';
      readonly code: string;
      readonly message: string;
      /** How often it was tried. */
      readonly attempts: number;
    };

/** Field of the attempts hash. */
export function attemptField(entry: { stream: string; id: string }): string {
  return `${entry.stream} ${entry.id}`;
}
