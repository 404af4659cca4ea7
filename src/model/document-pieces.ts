import { CATALOGUE } from './events/catalogue.ts';

/** What the log holds of a document, in order of log numbers. */
export type StoredDocument = {
  readonly digest: string;
  readonly events: readonly StoredPiece<string>[];
};

/** The same without the bytes of the parts. */
export type StoredPieces = {
  readonly digest: string;
  readonly events: readonly AnyPiece[];
};

/** An event that submits a document, or that brings a part of it. */
export type StoredPiece<Body> = {
  readonly type: string;
  readonly n: number;
  readonly at: number;
  readonly acceptedAt: number;
  readonly source: string;
  readonly key: string;
  /** Of a part: the digest of its own bytes; null where it came without one. */
  readonly partDigest: string | null;
  readonly body: Body;
};

type AnyPiece = StoredPiece<string | null>;

/** Digests of the parts of a document in order, as one submission lists them; null where it lists none. */
export type PartList = readonly string[] | null;

/** Parts that are read for a submission that lists none, the earliest first: twice what the largest document needs. */
const MAX_UNLISTED = 400;

/** What each submission of the document in parts lists, in the order of the events. */
export function partLists(events: readonly Pick<AnyPiece, 'type' | 'body'>[]): PartList[] {
  return submissionsOf(events).map(({ partDigests }) => partDigests ?? null);
}

/** The parts that can make the document, whatever else was sent as its parts. */
export function neededParts(events: readonly AnyPiece[]): readonly AnyPiece[] {
  const lists = partLists(events);
  const byDigest = firstByDigest(events);
  const needed = new Set(lists.flatMap((list) => completeParts(list, byDigest) ?? []));
  if (lists.includes(null)) {
    const parts = events.filter(({ type }) => type === 'document.part');
    for (const part of parts.slice(0, MAX_UNLISTED)) needed.add(part);
  }
  return [...needed];
}

/**
 * Whether a batch may have made a document whole, because its last piece is among what it brought: only then is it worth reading.
 *
 * @param isOwn whether the event of a log number is of the batch
 */
export function mayBeWholeSince({ events }: StoredPieces, isOwn: (n: number) => boolean): boolean {
  const byDigest = firstByDigest(events);
  const parts = events.filter(({ type }) => type === 'document.part');
  const isSubmitted = events.some(({ type, n }) => type === 'document.submitted' && isOwn(n));
  return submissionsOf(events).some(({ partDigests, parts: count = 1 }) => {
    const all = parts.length >= count ? parts : null;
    const found = partDigests === undefined ? all : completeParts(partDigests, byDigest);
    return found !== null && (isSubmitted || found.some(({ n }) => isOwn(n)));
  });
}

/** The parts of a list, or null while one is missing. */
function completeParts(list: PartList, byDigest: ReadonlyMap<string, AnyPiece>): AnyPiece[] | null {
  const found = (list ?? []).flatMap((each) => byDigest.get(each) ?? []);
  return found.length === list?.length ? found : null;
}

/** The first part with each digest. */
function firstByDigest(events: readonly AnyPiece[]): Map<string, AnyPiece> {
  const found = new Map<string, AnyPiece>();
  for (const event of events) {
    const { partDigest } = event;
    if (partDigest !== null && !found.has(partDigest)) found.set(partDigest, event);
  }
  return found;
}

function submissionsOf(events: readonly Pick<AnyPiece, 'type' | 'body'>[]) {
  return events.flatMap(({ type, body }) => {
    if (type !== 'document.submitted') return [];
    const { data } = JSON.parse(body ?? '{}') as { data?: unknown };
    const submission = CATALOGUE['document.submitted'].data.parse(data); // validated before it was logged
    return submission.content === undefined ? [submission] : [];
  });
}
