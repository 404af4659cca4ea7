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
  /** How often it was delivered again, counted durably; 0 for a first delivery. */
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
  let n = Number.NaN;
  let acceptedAt = Number.NaN;
  let contentHash: string | null = null;
  let text = '';
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const value = fields[at + 1] ?? '';
    switch (fields[at]) {
      case 'n':
        n = Number(value);
        break;
      case 'acceptedAt':
        acceptedAt = Number(value);
        break;
      case 'h':
        contentHash = value;
        break;
      case 'e':
        text = value;
        break;
    }
  }
  return { stream, id, n, acceptedAt, contentHash, text, redeliveries };
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
