import type { PartList } from '../model/document-pieces.ts';
import { joinParts, type Part } from './parts.ts';

/** A part with the log number of the event that brought it. */
export type StoredPart = Part & { readonly n: number; readonly source: string };

export type WholeDocument = {
  readonly text: string;
  /** The part that completed it. */
  readonly last: { readonly n: number; readonly source: string };
};

/** Choices that are tried where no digests are listed and senders disagree about the parts of one document. */
const MAX_CHOICES = 64;

/**
 * The document that the parts make, at the earliest log number at which they did; null while one is missing. Where a submission lists
 * the digests of the parts, these parts are taken and no others, so that nothing that anyone else sends can spoil it. Where none is
 * listed, whatever combination has the digest is the document, so that neither the order of the parts nor a later wrong one decides.
 *
 * @param digest sha256 in hex
 * @param parts in order of log numbers
 * @throws StemmaError DOCUMENT_MALFORMED where every part is there and they do not make the document
 */
export function assembleDocument(
  digest: string,
  lists: readonly PartList[],
  parts: readonly StoredPart[],
): WholeDocument | null {
  let found: WholeDocument | null = null;
  let problem: unknown = null;
  for (const choice of choicesOf(lists, parts)) {
    const last = choice.reduce((latest, part) => (part.n > latest.n ? part : latest));
    if (found !== null && last.n >= found.last.n) continue;
    try {
      found = { text: joinParts(choice, digest), last: { n: last.n, source: last.source } };
    } catch (error) {
      problem ??= error;
    }
  }
  if (found === null && problem !== null) throw problem as Error; // of joinParts
  return found;
}

/** Complete sets of parts, each in order. */
function* choicesOf(
  lists: readonly PartList[],
  parts: readonly StoredPart[],
): Generator<StoredPart[], void, undefined> {
  const byDigest = new Map<string, StoredPart>();
  for (const part of parts) {
    if (part.partDigest !== undefined && !byDigest.has(part.partDigest)) {
      byDigest.set(part.partDigest, part);
    }
  }
  for (const list of lists) {
    const listed = list?.flatMap((each) => byDigest.get(each) ?? []) ?? [];
    if (list !== null && listed.length === list.length) yield listed;
  }
  if (lists.includes(null)) yield* unlistedChoices(parts);
}

/** One, unless there are several versions of a part; then also those of each sender alone. */
function* unlistedChoices(parts: readonly StoredPart[]): Generator<StoredPart[], void, undefined> {
  for (const [count, together] of Map.groupBy(parts, (part) => part.count)) {
    const versions = versionsOf(together, count);
    yield* combinationsOf(versions);
    if (versions.every(({ length }) => length <= 1)) continue;
    for (const own of Map.groupBy(together, ({ source }) => source).values()) {
      yield* combinationsOf(versionsOf(own, count));
    }
  }
}

/** For each index the different parts that claim it, the earliest first. */
function versionsOf(parts: readonly StoredPart[], count: number): StoredPart[][] {
  return Array.from({ length: count }, (_, index) => {
    const byData = new Map<string, StoredPart>();
    for (const part of parts) {
      if (part.index === index && !byData.has(part.data)) byData.set(part.data, part);
    }
    return [...byData.values()];
  });
}

function* combinationsOf(
  versions: readonly (readonly StoredPart[])[],
): Generator<StoredPart[], void, undefined> {
  const total = versions.reduce((product, { length }) => product * length, 1);
  for (let choice = 0; choice < Math.min(total, MAX_CHOICES); choice += 1) {
    let rest = choice;
    yield versions.flatMap((ones) => {
      const one = ones[rest % ones.length];
      rest = Math.floor(rest / ones.length);
      return one === undefined ? [] : [one];
    });
  }
}
