import { algorithmOf, identifiesContent } from './digest.ts';
import type { EdgeType } from './edge.ts';
import { contradicted, type Equality } from './equalities.ts';
import { refId, type NodeLabel, type NodeRef } from './node.ts';

/**
 * What ended an edge because a thing at one of its ends has two different digests of one strong algorithm: one of the two is not
 * its digest, and nobody knows which. No event has such an identity, which is made of a source, a space and an id.
 */
export const CONFLICT_AT = { from: 'conflict:start', to: 'conflict:end' } as const;

/** Before every time that can be stated (ms, the least that a Date holds): such an edge never joined anything. */
export const NEVER_VALID = -8_640_000_000_000_000;

/** Edges that make a file and its other names one thing, by the ends of which conflicts are found. */
export const FILE_IDENTITIES = [
  { type: 'SAME_AS', from: 'Artifact', to: 'Artifact' },
  { type: 'PACKAGED_AS', from: 'Artifact', to: 'PackageVersion' },
  { type: 'PACKAGED_AS', from: 'PackageVersion', to: 'Artifact' },
] as const satisfies readonly { type: EdgeType; from: NodeLabel; to: NodeLabel }[];

/** What these edges make one thing. */
export const FILE_LABELS = ['Artifact', 'PackageVersion'] as const satisfies readonly NodeLabel[];

export function isFileIdentity(type: EdgeType, from: NodeLabel, to: NodeLabel): boolean {
  return FILE_IDENTITIES.some((one) => one.type === type && one.from === from && one.to === to);
}

/** Which digest a thing has by being one with `other`; null where that is none that identifies. */
export function digestBy(other: NodeRef): string | null {
  return other.label === 'Artifact' && identifiesContent(other.key) ? other.key : null;
}

/** What claims say that a thing is one with. */
export type IdentityClaim = {
  readonly digest: string | null;
  /** Log number at which it was learnt; null where only its end is known yet. */
  readonly n: number | null;
  /** Whether the claim was withdrawn, or this edge of it. */
  readonly ended: boolean;
};

/** What is kept of the claims at a thing, so that a further one is judged without reading the others. */
export type IdentityState = {
  /**
   * Strong digests that standing claims give it, one of each algorithm; null where they give it two of one, and where no claim was
   * ever heard of.
   */
  readonly sameDigests: readonly string[] | null;
  /** Log number since which standing claims contradict each other, at the thing or across it; null where they do not. */
  readonly conflictSince: number | null;
  /** The same, of all claims: those that were withdrawn end by it, so that they join nothing before their withdrawal either. */
  readonly conflictEver: number | null;
};

/** What claims say of two things: that they are one. */
export type IdentityLink = {
  readonly between: readonly [NodeRef, NodeRef];
  readonly n: IdentityClaim['n'];
  readonly ended: boolean;
};

/**
 * What each thing is one with, by its id: a pure function of the set of claims. A thing is in conflict where its own claims give it two
 * digests of one algorithm, and where it lies between two such digests on a way that has no other contradiction (equalities.ts).
 *
 * @param cut ids of things that are known to be in conflict by their own claims, of which `links` need not have all
 */
export function identityStates(
  links: readonly IdentityLink[],
  cut: ReadonlySet<string> = new Set(),
): Map<string, IdentityState> {
  const claims = new Map<string, IdentityClaim[]>();
  for (const { between, n, ended } of links) {
    for (const [thing, other] of [between, between.toReversed()] as [NodeRef, NodeRef][]) {
      const own = claims.get(refId(thing)) ?? [];
      claims.set(refId(thing), own);
      own.push({ digest: digestBy(other), n, ended });
    }
  }
  const own = new Map([...claims].map(([id, list]) => [id, identityState(list)]));
  const standing = contradictedWays(
    links.filter(({ ended }) => !ended),
    (id) => cut.has(id) || isNumber(own.get(id)?.conflictSince),
  );
  const ever = links.some(({ ended }) => ended)
    ? contradictedWays(links, (id) => cut.has(id) || isNumber(own.get(id)?.conflictEver))
    : standing;
  for (const id of new Set([...standing.keys(), ...ever.keys()])) {
    const state = own.get(id);
    if (state === undefined) continue;
    own.set(id, {
      ...state,
      conflictSince: least(state.conflictSince, standing.get(id)),
      conflictEver: least(state.conflictEver, standing.get(id), ever.get(id)),
    });
  }
  return own;
}

/** Whether the claims at the thing itself contradict each other, so that nothing is looked for beyond it. */
export function isCut({
  sameDigests,
  conflictSince,
}: Pick<IdentityState, 'sameDigests' | 'conflictSince'>): boolean {
  return sameDigests === null && conflictSince !== null;
}

function contradictedWays(
  links: readonly IdentityLink[],
  isApart: (id: string) => boolean,
): Map<string, number> {
  const equalities: Equality[] = [];
  for (const { between, n } of links) {
    const [a, b] = between.map(refId) as [string, string];
    if (n !== null && !isApart(a) && !isApart(b)) equalities.push({ a, b, n });
  }
  return contradicted(equalities, (id) => {
    const digest = id.startsWith('Artifact:') ? id.slice('Artifact:'.length) : null;
    return digest !== null && identifiesContent(digest) ? algorithmOf(digest) : null;
  });
}

/** What the claims at one thing come to by themselves. */
export function identityState(claims: readonly IdentityClaim[]): IdentityState {
  const conflictSince = conflictOf(claims.filter(({ ended }) => !ended));
  const conflictEver = conflictOf(claims);
  const digests = claims.flatMap(({ digest, ended }) => (digest === null || ended ? [] : [digest]));
  return {
    sameDigests: conflictSince === null && claims.length > 0 ? [...new Set(digests)].sort() : null,
    conflictSince,
    conflictEver,
  };
}

/** Log number at which the second digest of one algorithm became known; of several algorithms the earliest. */
function conflictOf(claims: readonly IdentityClaim[]): number | null {
  const firstKnown = new Map<string, Map<string, number>>();
  for (const { digest, n } of claims) {
    if (digest === null || n === null) continue;
    const algorithm = algorithmOf(digest);
    const values = firstKnown.get(algorithm) ?? new Map<string, number>();
    firstKnown.set(algorithm, values);
    values.set(digest, Math.min(n, values.get(digest) ?? n));
  }
  const seconds = [...firstKnown.values()].flatMap(
    (values) => [...values.values()].sort((x, y) => x - y)[1] ?? [],
  );
  return seconds.length === 0 ? null : Math.min(...seconds);
}

function least(...numbers: readonly (number | null | undefined)[]): number | null {
  const known = numbers.filter(isNumber);
  return known.length === 0 ? null : Math.min(...known);
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number';
}
