import type { Changes } from './change.ts';
import { EDGE_TYPES, type EdgeType } from './edge.ts';
import { refId, type NodeRef } from './node.ts';

/**
 * Revisions of one document (docs/decisions/0011): a CycloneDX or CSAF document with the serial number of another one, about the same
 * thing, and with a greater version replaces all that the other one says, from its own time on. Nobody withdraws anything: it
 * follows from the two documents, in whatever order they come.
 *
 * @see https://cyclonedx.org/docs/1.6/json/#version
 */
export type Revision = {
  /** sha256 of the document (or of the attestation that holds it), which is its claim. */
  readonly digest: string;
  readonly serial: string;
  readonly version: number;
  /** `Label:key` of the things that it describes, under each name that it gives them; none where only the document knows it. */
  readonly names: readonly string[];
};

/** One submission of a revision: since when it holds, since which log number that is known, and the identity of its event. */
export type Saying = {
  readonly validFrom: number;
  readonly knownFrom: number;
  readonly identity: string;
};

/** The end of a claim: from `validFrom` on, known since log number `knownFrom`, made by `by`. */
export type Ending = {
  readonly by: string;
  readonly validFrom: number;
  readonly knownFrom: number;
};

const PREFIX = 'revision@';
/** That a document was signed, and what a package URL means, stays so whatever it says next. */
const STAYS: ReadonlySet<EdgeType> = new Set<EdgeType>(['ATTESTS', 'SIGNED_BY', 'VERSION_OF']);
const NAMINGS: ReadonlySet<EdgeType> = new Set<EdgeType>([
  'PACKAGED_AS',
  'SAME_AS',
  'DISTRIBUTION_OF',
]);

/** Edges of a document that end when the document is replaced. */
export const REPLACED_TYPES: ReadonlySet<EdgeType> = new Set(
  EDGE_TYPES.filter((type) => !STAYS.has(type)),
);

/** The revision that a document is, from all that it says; null for what has no serial number. */
export function revisionOf({ claim, nodes, edges }: Changes): Revision | null {
  const facet = nodes.find(({ label, key }) => label === 'Document' && key === claim)?.facets;
  const { serialNumber, bomVersion } = serialOf(facet);
  if (claim === null || typeof serialNumber !== 'string') return null;
  const described = new Set(
    edges.flatMap(({ type, to }) => (type === 'DESCRIBES' ? [refId(to)] : [])),
  );
  const names = new Map<string, NodeRef>();
  for (const { type, from, to } of edges) {
    if (type === 'DESCRIBES') names.set(refId(to), to);
    if (!NAMINGS.has(type)) continue;
    if (described.has(refId(from))) names.set(refId(to), to);
    if (described.has(refId(to))) names.set(refId(from), from);
  }
  const isOwn = ({ key }: NodeRef): boolean => key.startsWith(`${claim}#`);
  return {
    digest: claim,
    serial: serialNumber,
    version: typeof bomVersion === 'number' ? bomVersion : 1,
    names: [...names].flatMap(([id, ref]) => (isOwn(ref) ? [] : [id])),
  };
}

function serialOf(facets: object | undefined): Readonly<Record<string, unknown>> {
  return (facets as { serial?: Readonly<Record<string, unknown>> } | undefined)?.serial ?? {};
}

/**
 * Whether a document replaces another one. Producers that put one serial number into the documents of all their products, or
 * count the builds of one with it, describe another thing each time: none of those replaces any other.
 */
export function replaces(later: Revision, earlier: Revision): boolean {
  if (later.serial !== earlier.serial || later.version <= earlier.version) return false;
  if (later.names.length === 0 || earlier.names.length === 0) return true;
  return later.names.some((name) => earlier.names.includes(name));
}

/**
 * How the submissions of documents that replace it end a document: those of which no other one ends it earlier and was known
 * before. What is known already ends it likewise.
 */
export function revisionEndings(
  sayings: readonly Saying[],
  known: readonly Pick<Ending, 'validFrom' | 'knownFrom'>[] = [],
): Ending[] {
  const found: Ending[] = [];
  const sorted = sayings.toSorted((x, y) => x.knownFrom - y.knownFrom || x.validFrom - y.validFrom);
  let least = Infinity;
  for (const { validFrom, knownFrom, identity } of sorted) {
    // of those known no later, the least time; equal ones all count, or the order of arrival would choose
    if (validFrom > least || known.some((other) => isMoot({ validFrom, knownFrom }, other)))
      continue;
    least = validFrom;
    found.push({ by: `${PREFIX}${knownFrom} ${identity}`, validFrom, knownFrom });
  }
  return found.filter((one) => !found.some((other) => isMoot(one, other)));
}

/** Whether an ending says nothing that another one does not say better. */
function isMoot(
  one: Pick<Ending, 'validFrom' | 'knownFrom'>,
  other: Pick<Ending, 'validFrom' | 'knownFrom'>,
): boolean {
  return (
    other.validFrom <= one.validFrom &&
    other.knownFrom <= one.knownFrom &&
    (other.validFrom < one.validFrom || other.knownFrom < one.knownFrom)
  );
}

/**
 * The endings of a claim without those of revisions that another revision makes moot: these are there or not, depending on
 * which document was read first, and no question can tell.
 */
export function standingEndings(endings: readonly Ending[]): Ending[] {
  const revised = endings.filter(isRevision);
  if (revised.length < 2) return [...endings];
  return endings.filter((one) => !isRevision(one) || !revised.some((other) => isMoot(one, other)));
}

/** Whether a document that replaces this one made the end. */
export function isRevision({ by }: Pick<Ending, 'by'>): boolean {
  return by.startsWith(PREFIX);
}

/** The endings that a node or an edge of the graph has, of its properties `endBy`, `endValid` and `endKnown`. */
export function endingsIn(properties: Readonly<Record<string, unknown>>): Ending[] {
  const { endBy, endValid, endKnown } = properties;
  if (!Array.isArray(endBy)) return [];
  const [valid, known] = [endValid, endKnown] as [unknown[], unknown[]]; // written together
  return endBy.map((by, at) => ({
    by: String(by),
    validFrom: Number(valid[at]),
    knownFrom: Number(known[at]),
  }));
}
