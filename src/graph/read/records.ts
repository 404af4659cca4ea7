import type { Record as Row } from 'neo4j-driver';
import { TRUST_LEVELS, type EdgeType, type Trust } from '../../model/edge.ts';
import type { NodeLabel } from '../../model/node.ts';

/**
 * What reads return: rows of the driver become these here and nowhere else. The writer has validated what is stored, so that a
 * property is trusted to be of its type.
 */

/** A node with its properties by name (facets of model/node.ts; times in ms). Only `label`, `key`, `internal` are always there. */
export type EntityRecord = {
  readonly label: NodeLabel;
  readonly key: string;
  /** Neo4j's own number of the node, for further reads; it means nothing outside of this process. */
  readonly internal: number;
  readonly [property: string]: unknown;
};

/** One entry of the log. */
export type EventRecord = {
  /** `source id`. */
  readonly key: string;
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly subjectRef: string | null;
  readonly time: number | null;
  readonly at: number;
  readonly acceptedAt: number;
  readonly n: number;
  /** Null where it was not asked for. */
  readonly body: string | null;
  readonly sha256: string;
  readonly contentHash: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly workflowId: string | null;
  readonly outcome: string | null;
  readonly clockSkew: unknown;
};

/** One source's word for one edge. */
export type ClaimRecord = {
  readonly claim: string;
  readonly claimant: string | null;
  readonly validFrom: number;
  readonly knownFrom: number | null;
  readonly trust: Trust;
  /** Of CONCERNS: what is said, see model/concern.ts. */
  readonly concerns?: readonly string[];
};

export type Neighbor = {
  readonly entity: EntityRecord;
  readonly trust: Trust;
  /** Best first; empty where they were not asked for. */
  readonly claims: readonly ClaimRecord[];
};

export type LineageEdgeRecord = {
  readonly from: EntityRecord;
  readonly to: EntityRecord;
  readonly type: EdgeType;
  readonly trust: Trust;
  readonly claims: readonly ClaimRecord[];
};

/** Part of a list. */
export type Slice<T> = { readonly items: readonly T[]; readonly more: boolean };

/** Behind every key: the greatest code point there is. */
export const LAST_KEY = '\u{10FFFF}';

/** `limit` items behind `position` (null: from the start), in the order of the list or against it. */
export type PageRequest<P> = {
  readonly limit: number;
  readonly position: P | null;
  readonly backward: boolean;
};

type Claimed = Omit<ClaimRecord, 'trust'> & { readonly trust?: number | null };

/** Of a row with `id`, `label`, `properties`. */
export function toEntity(row: Row): EntityRecord {
  const properties = row.get('properties') as Record<string, unknown>; // the driver's own object, nobody else holds it
  properties['label'] = row.get('label');
  properties['internal'] = row.get('id');
  return properties as EntityRecord;
}

export function toEvent(row: Row): EventRecord {
  return row.get('event') as EventRecord;
}

/** Of a row with the columns of toEntity and `trust`, `claims`. */
export function toNeighbor(row: Row): Neighbor {
  return {
    entity: toEntity(row),
    trust: trustOf(row.get('trust') as number),
    claims: (row.get('claims') as Claimed[]).map(toClaim).sort(bestFirst),
  };
}

/** A row of `lineage/*`: internal id, label, key, depth, properties. */
export type NodeTuple = readonly [
  number,
  NodeLabel,
  string,
  number,
  Record<string, unknown> | null,
];

export function entityOfTuple(tuple: NodeTuple): EntityRecord {
  const [internal, label, key, , properties] = tuple;
  return properties === null ? { label, key, internal } : { ...properties, label, key, internal };
}

/** A row of `lineage/edges`: internal ids of both ends, type, rank of trust, claim. */
export type EdgeTuple = readonly [number, number, EdgeType, number, Claimed | null];

export function claimOfTuple(tuple: EdgeTuple): ClaimRecord | null {
  const [, , , rank, claim] = tuple;
  return claim === null ? null : toClaim({ ...claim, trust: rank });
}

export function trustOf(rank: number): Trust {
  return TRUST_LEVELS[rank] ?? 'UNVERIFIED';
}

export function bestFirst(a: ClaimRecord, b: ClaimRecord): number {
  return (
    TRUST_LEVELS.indexOf(b.trust) - TRUST_LEVELS.indexOf(a.trust) ||
    a.validFrom - b.validFrom ||
    (a.claim < b.claim ? -1 : 1)
  );
}

function toClaim(claim: Claimed): ClaimRecord {
  return {
    claim: claim.claim,
    claimant: claim.claimant ?? null,
    validFrom: claim.validFrom,
    knownFrom: claim.knownFrom ?? null,
    trust: trustOf(claim.trust ?? 1),
    ...(claim.concerns == null ? {} : { concerns: claim.concerns }),
  };
}

/** Rows of statements that return lists of tuple, in chunks because a record for each row would double the time. */
export function* tuplesOf<T>(rows: readonly Row[]): Generator<T, void, undefined> {
  for (const row of rows) yield* row.get('rows') as T[]; // as the header of the statement says
}
