import type { Record as Row } from 'neo4j-driver';
import {
  identityStates,
  isCut,
  type IdentityLink,
  type IdentityState,
} from '../../model/identity-conflict.ts';
import { refId, type NodeLabel, type NodeRef } from '../../model/node.ts';
import { int, type Write } from '../driver.ts';
import type { Statements } from '../statement.ts';
import { runAll } from './steps.ts';

/** How many artifacts, and package versions, are read beyond each thing that a batch speaks of, and how many claims of each. */
export const CLASS_BOUNDS = { things: 50, claims: 10_000 } as const;

/** Things that claims say are one, as far as they were read. */
export type IdentityClasses = {
  /** By id: those of which every claim is in `links`, with what was kept of them. */
  readonly read: ReadonlyMap<string, Known>;
  readonly links: readonly IdentityLink[];
  /** Ids of further things that are in conflict by their own claims. */
  readonly cut: ReadonlySet<string>;
  /** False where CLASS_BOUNDS left something out. */
  readonly isWhole: boolean;
};
export type Known = {
  readonly ref: NodeRef;
  readonly state: IdentityState;
  readonly isAsked: boolean;
};

/** A row of the statements `write/identity/claims-…`. */
type Claimed = {
  readonly of: NodeLabel;
  readonly key: string;
  readonly label: NodeLabel;
  readonly other: string;
  readonly ended: boolean;
  readonly n: number | null;
  readonly claims: number;
  readonly known: Partial<IdentityState>;
  readonly states: Partial<IdentityState>;
  readonly digests: readonly string[];
};

/**
 * Reads the claims of things, and of everything that they lead to. A thing that is in conflict by its own claims leads nowhere, and
 * neither does a package version whose digests are joined to each other without it.
 */
export async function readClasses(
  run: Write,
  statements: Statements,
  things: ReadonlyMap<NodeLabel, ReadonlySet<string>>,
): Promise<IdentityClasses> {
  const read = new Map<string, Known>();
  const links: IdentityLink[] = [];
  const cut = new Set<string>();
  /** Ids of things of which every claim was read: these say whether they are in conflict, not what was kept before. */
  const whole = new Set<string>();
  /** Digests that are joined to each other, as pairs. */
  const joined = new Set<string>();
  const versions = new Map<string, Version>();
  let isWhole = true;

  const asked = [...things].flatMap(([label, keys]) =>
    [...keys].map((key): NodeRef => ({ label, key })),
  );
  let next = await take(asked, null);
  // all of one label, artifacts first: many versions of one file must not keep its other digests from being read
  const bound = CLASS_BOUNDS.things * asked.length; // a batch finds what its events would find one by one
  const left = { Artifact: bound, PackageVersion: bound };
  while (next.length > 0) {
    const label = next[0]?.label === 'Artifact' ? 'Artifact' : 'PackageVersion';
    if (next.length > left[label]) isWhole = false;
    const refs = next.slice(0, left[label]);
    if (refs.length === 0) break;
    left[label] -= refs.length;
    next = await take(refs, CLASS_BOUNDS.claims);
  }
  for (const id of whole) cut.delete(id);
  return { read, links, cut, isWhole };

  /** Reads the claims of some things, and says where they lead that was not read yet. */
  async function take(refs: readonly NodeRef[], most: number | null): Promise<NodeRef[]> {
    const artifacts = new Map<string, NodeRef>();
    const found = await claimsOf(run, statements, refs, most);
    for (const ref of refs) {
      const rows = found.get(refId(ref)) ?? [];
      const old = stateOf(rows[0]?.known);
      read.set(refId(ref), { ref, state: old, isAsked: most === null });
      const claims = rows.reduce((sum, row) => sum + row.claims, 0);
      if (most !== null && claims >= most) isWhole = false;
      else whole.add(refId(ref));

      const own = rows.map((row) => linkOf(ref, row));
      for (const link of own) links.push(link);
      const state = identityStates(own).get(refId(ref));
      const leadsOn = state === undefined || !isCut(state);
      for (const row of rows) {
        const to: NodeRef = { label: row.label, key: row.other };
        if (!row.ended && ref.label === to.label) joined.add(pairOf(ref.key, to.key));
        const other = stateOf(row.states);
        if (isCut(other)) cut.add(refId(to));
        const isMarked = other.conflictEver !== null;
        // what went through a thing that is in conflict now is in question no more
        if (isCut(other) || !(leadsOn || (isMarked && !isCut(old)))) continue;
        if (to.label === 'Artifact') artifacts.set(refId(to), to);
        else versions.set(refId(to), { ref: to, digests: row.digests, isMarked });
      }
    }
    const unread = [...artifacts].filter(([id]) => !read.has(id)).map(([, ref]) => ref);
    if (unread.length > 0) return unread;
    return [...versions]
      .filter(([id, version]) => !read.has(id) && leads(version))
      .map(([, { ref }]) => ref);
  }

  function leads({ digests, isMarked }: Version): boolean {
    const areJoined = digests.every((a, at) =>
      digests.slice(at + 1).every((b) => joined.has(pairOf(a, b))),
    );
    return isMarked || !areJoined;
  }
}

/** A package version that something is said to be. */
type Version = {
  readonly ref: NodeRef;
  readonly digests: readonly string[];
  readonly isMarked: boolean;
};

async function claimsOf(
  run: Write,
  statements: Statements,
  refs: readonly NodeRef[],
  most: number | null,
): Promise<Map<string, Claimed[]>> {
  const byLabel = Map.groupBy(refs, ({ label }) => label);
  const labels = [...byLabel.keys()].sort();
  const found = await runAll(
    run,
    labels.map((label) => ({
      statement: statements.get('write/identity/claims', label),
      parameters: {
        keys: (byLabel.get(label) ?? []).map(({ key }) => key).sort(),
        most: int(most ?? Number.MAX_SAFE_INTEGER),
      },
    })),
  );
  return Map.groupBy(
    found.flatMap((rows) => rows.map((row: Row) => row.toObject() as Claimed)), // shape of the statements
    ({ of, key }) => refId({ label: of, key }),
  );
}

function linkOf(ref: NodeRef, { label, other, n, ended }: Claimed): IdentityLink {
  return { between: [ref, { label, key: other }], n, ended };
}

function stateOf(kept: Partial<IdentityState> | undefined): IdentityState {
  const { sameDigests = null, conflictSince = null, conflictEver = null } = kept ?? {};
  return { sameDigests, conflictSince, conflictEver };
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
