import type { Record as Row } from 'neo4j-driver';
import {
  CONFLICT_AT,
  digestBy,
  FILE_IDENTITIES,
  FILE_LABELS,
  identityStates,
  isCut,
  NEVER_VALID,
  type IdentityLink,
  type IdentityState,
} from '../../model/identity-conflict.ts';
import { refId, type NodeLabel, type NodeRef } from '../../model/node.ts';
import type { Write } from '../driver.ts';
import { readClasses } from './identity-classes.ts';
import { edgeName, type EdgeEndingRow, type EdgeRow, type Rows } from './rows.ts';
import { runAll, type Step } from './steps.ts';
import type { Statements } from '../statement.ts';

/** An edge of a batch that makes a thing and another one the same, from the thing's side. */
type Hop = {
  readonly statement: string;
  readonly row: EdgeRow;
  readonly by: string;
  readonly between: readonly [NodeRef, NodeRef];
  readonly digest: string | null;
};
type Hops = ReadonlyMap<NodeLabel, ReadonlyMap<string, Hop[]>>;
type Keys = ReadonlyMap<NodeLabel, ReadonlySet<string>>;
/** An edge that ends by a conflict at one of its ends, as the statements take it. */
type EndingAtConflict = Pick<EdgeRow, 'a' | 'b' | 'c'> & {
  readonly by: string;
  readonly since: bigint | null;
  readonly ever: bigint | null;
};
type Remembered = IdentityState & { readonly key: string };

/** The conflicts of digests in what a batch says: see model/identity-conflict.ts. */
export interface Identities {
  /** After the edges of the batch; the answers are for `settle`. */
  readonly steps: readonly Step[];
  /**
   * Does what the answers to the steps show to be left: nothing for a thing whose digests are as they were.
   *
   * @param ended edges that were ended in this transaction
   */
  settle(
    run: Write,
    answers: readonly (readonly Row[])[],
    ended: readonly ReadonlyMap<string, readonly EdgeEndingRow[]>[],
  ): Promise<void>;
}

const EDGES = FILE_IDENTITIES.map(({ type, from, to }) => ({
  ...{ from, to },
  name: edgeName(type, from, to),
}));

export function createIdentities(rows: Pick<Rows, 'edges'>, statements: Statements): Identities {
  const hops = hopsOf(rows.edges);
  const labels = FILE_LABELS.filter((label) => hops.has(label));
  const remembered = rememberRows(hops);
  return {
    steps: labels.map((label) => ({
      statement: statements.get('write/identity/remember', label),
      parameters: { rows: remembered.get(label) },
    })),

    async settle(run, answers, ended) {
      const again = endsOf(ended);
      const endings = new Map<string, EndingAtConflict[]>();
      for (const [at, label] of labels.entries()) {
        for (const answer of answers[at] ?? []) {
          const state = answer.toObject() as Remembered; // shape of the statement
          const own = hops.get(label)?.get(state.key) ?? [];
          if (again.get(label)?.has(state.key) === true) continue;
          if (goesOn(state, own)) addEndings(endings, state, own);
          else add(again, label, state.key);
        }
      }
      await runAll(
        run,
        [...endings.keys()].sort().flatMap((name) =>
          // one end of the edges after the other, for the same reason as in settleAll
          Object.values(CONFLICT_AT).flatMap((by) => {
            const rows = (endings.get(name) ?? []).filter((row) => row.by === by);
            if (rows.length === 0) return [];
            const statement = statements.get('write/identity/end', name);
            return [{ statement, parameters: { rows, valid: BigInt(NEVER_VALID) } }];
          }),
        ),
      );
      await settleAll(run, statements, again);
    },
  };
}

/** Looks at all claims of the things at both ends of edges that were ended. */
export async function settleEnded(
  run: Write,
  statements: Statements,
  ended: ReadonlyMap<string, readonly EdgeEndingRow[]>,
): Promise<void> {
  await settleAll(run, statements, endsOf([ended]));
}

/**
 * Reads every claim of the things, and of what they are one with: after the first contradiction, a withdrawal, a new digest, or a claim
 * that came out of order.
 */
async function settleAll(run: Write, statements: Statements, things: Keys): Promise<void> {
  const known = await readClasses(run, statements, things);
  const states = identityStates(known.links, known.cut);
  const rows = new Map<NodeLabel, object[]>();
  for (const [id, { ref, state, isAsked }] of known.read) {
    const found = states.get(id);
    if (found === undefined) continue;
    const next = known.isWhole || isCut(found) ? found : withOld(found, state);
    if (!isAsked && isSame(next, state)) continue;
    const list = rows.get(ref.label) ?? [];
    rows.set(ref.label, list);
    list.push({
      ...{ key: ref.key, sameDigests: next.sameDigests },
      ...{ conflictSince: intOf(next.conflictSince), conflictEver: intOf(next.conflictEver) },
    });
  }
  await runAll(
    run,
    FILE_LABELS.flatMap((label) =>
      // each thing by itself: two that share an edge would both add to the list of endings that one of them has read
      (rows.get(label) ?? []).map((row) => ({
        statement: statements.get('write/identity/settle', label),
        parameters: { rows: [row], valid: BigInt(NEVER_VALID) },
      })),
    ),
  );
}

/** Beyond what was read there may be more: a contradiction that was found before is not taken back. */
function withOld(found: IdentityState, old: IdentityState): IdentityState {
  if (isCut(old)) return found;
  return {
    ...found,
    conflictSince: found.conflictSince ?? old.conflictSince,
    conflictEver: found.conflictEver ?? old.conflictEver,
  };
}

function isSame(x: IdentityState, y: IdentityState): boolean {
  return (
    x.conflictSince === y.conflictSince &&
    x.conflictEver === y.conflictEver &&
    x.sameDigests?.join() === y.sameDigests?.join()
  );
}

/** Whether the further claims change nothing of the state, so that at most they end by it themselves. */
function goesOn(state: IdentityState, hops: readonly Hop[]): boolean {
  const { sameDigests, conflictSince, conflictEver } = state;
  if (!isCut(state)) {
    // across a thing that is in conflict only by others, each further claim may lead to more of them
    if (conflictSince !== null) return false;
    const isNew = ({ digest }: Hop) => digest !== null && sameDigests?.includes(digest) !== true;
    if (hops.some(isNew)) return false;
  }
  const last = Math.max(conflictSince ?? 0, conflictEver ?? 0);
  return hops.every(({ row }) => Number(row.p['knownFrom']) >= last);
}

function addEndings(
  endings: Map<string, EndingAtConflict[]>,
  { conflictSince, conflictEver }: IdentityState,
  hops: readonly Hop[],
): void {
  if (conflictSince === null && conflictEver === null) return;
  for (const { statement, row, by } of hops) {
    const list = endings.get(statement) ?? [];
    endings.set(statement, list);
    const { a, b, c } = row;
    list.push({ a, b, c, by, since: intOf(conflictSince), ever: intOf(conflictEver) });
  }
}

function hopsOf(edges: Rows['edges']): Hops {
  const hops = new Map<NodeLabel, Map<string, Hop[]>>();
  const addHop = (thing: NodeRef, hop: Hop): void => {
    const byKey = hops.get(thing.label) ?? new Map<string, Hop[]>();
    hops.set(thing.label, byKey);
    const list = byKey.get(thing.key);
    if (list === undefined) byKey.set(thing.key, [hop]);
    else list.push(hop);
  };
  for (const { name: statement, from, to } of EDGES) {
    for (const row of edges.get(statement) ?? []) {
      const start: NodeRef = { label: from, key: row.a };
      const end: NodeRef = { label: to, key: row.b };
      const hop = { statement, row, between: [start, end] as const };
      addHop(start, { ...hop, by: CONFLICT_AT.from, digest: digestBy(end) });
      addHop(end, { ...hop, by: CONFLICT_AT.to, digest: digestBy(start) });
    }
  }
  return hops;
}

/** What is kept of things that nobody has spoken of before, and whether they need no look at what is known of them. */
function rememberRows(hops: Hops): Map<NodeLabel, object[]> {
  const links = [...hops.values()].flatMap((byKey) =>
    [...byKey.values()].flatMap((own) =>
      own.map(({ row, between }): IdentityLink => ({
        ...{ between, n: Number(row.p['knownFrom']), ended: false },
      })),
    ),
  );
  const states = identityStates(links);
  const digestsOf = (label: NodeLabel, key: string): readonly string[] =>
    (hops.get(label)?.get(key) ?? []).flatMap(({ digest }) => (digest === null ? [] : [digest]));
  /** Whether one of the digests is joined to all of the others without the package version. */
  const areJoined = (digests: readonly string[]): boolean =>
    digests.some((one) => {
      const own = new Set(digestsOf('Artifact', one)).add(one);
      return digests.every((digest) => own.has(digest));
    });
  return new Map(
    [...hops].map(([label, byKey]) => [
      label,
      [...byKey.keys()].sort().map((key) => {
        const digests = [...new Set(digestsOf(label, key))].sort();
        const isJoined = label === 'Artifact' || digests.length < 2 || areJoined(digests);
        const agree = states.get(refId({ label, key }))?.conflictEver === null && isJoined;
        return { key, digests, agree };
      }),
    ]),
  );
}

function endsOf(
  ended: readonly ReadonlyMap<string, readonly EdgeEndingRow[]>[],
): Map<NodeLabel, Set<string>> {
  const things = new Map<NodeLabel, Set<string>>();
  for (const { name, from, to } of EDGES) {
    for (const { a, b } of ended.flatMap((rows) => rows.get(name) ?? [])) {
      add(things, from, a);
      add(things, to, b);
    }
  }
  return things;
}

function add(things: Map<NodeLabel, Set<string>>, label: NodeLabel, key: string): void {
  const keys = things.get(label);
  if (keys === undefined) things.set(label, new Set([key]));
  else keys.add(key);
}

function intOf(n: number | null): bigint | null {
  return n === null ? null : BigInt(n);
}
