import type { Record as Row } from 'neo4j-driver';
import {
  agree,
  CONFLICT_AT,
  digestBy,
  FILE_IDENTITIES,
  FILE_LABELS,
  identityState,
  NEVER_VALID,
  type IdentityClaim,
  type IdentityState,
} from '../model/identity-conflict.ts';
import type { NodeLabel, NodeRef } from '../model/node.ts';
import type { Write } from './driver.ts';
import { edgeName, type EdgeEndingRow, type EdgeRow, type Rows } from './rows.ts';
import { runAll, type Step } from './steps.ts';
import type { Statements } from './statement.ts';

/** An edge of a batch that makes a thing and another one the same, from the thing's side. */
type Hop = {
  readonly statement: string;
  readonly row: EdgeRow;
  readonly by: string;
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
  return {
    steps: labels.map((label) => ({
      statement: statements.get('write/identity/remember', label),
      parameters: { rows: rememberRows(hops.get(label) ?? new Map<string, Hop[]>()) },
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

/** Reads every claim of the things: after the first contradiction, a withdrawal, or a claim that came out of order. */
async function settleAll(run: Write, statements: Statements, things: Keys): Promise<void> {
  const labels = FILE_LABELS.filter((label) => things.has(label));
  if (labels.length === 0) return;
  const found = await runAll(
    run,
    labels.map((label) => ({
      statement: statements.get('write/identity/claims', label),
      parameters: { keys: [...(things.get(label) ?? [])].sort() },
    })),
  );
  await runAll(
    run,
    labels.flatMap((label, at) =>
      // each thing by itself: two that share an edge would both add to the list of endings that one of them has read
      settleRows([...(things.get(label) ?? [])].sort(), found[at] ?? []).map((row) => ({
        statement: statements.get('write/identity/settle', label),
        parameters: { rows: [row], valid: BigInt(NEVER_VALID) },
      })),
    ),
  );
}

function settleRows(keys: readonly string[], rows: readonly Row[]): object[] {
  const byKey = Map.groupBy(rows, (row) => String(row.get('key')));
  return keys.map((key) => {
    const claims = (byKey.get(key) ?? []).map((row): IdentityClaim => {
      const other: NodeRef = {
        label: row.get('label') as NodeLabel,
        key: String(row.get('other')),
      }; // shape of the statement
      return {
        digest: digestBy(other),
        n: row.get('n') as number | null,
        ended: row.get('ended') === true,
      };
    });
    const { sameDigests, conflictSince, conflictEver } = identityState(claims);
    return {
      ...{
        key,
        sameDigests,
        conflictSince: intOf(conflictSince),
        conflictEver: intOf(conflictEver),
      },
    };
  });
}

/** Whether the further claims change nothing of the state, so that at most they end by it themselves. */
function goesOn({ sameDigests, conflictSince, conflictEver }: IdentityState, hops: readonly Hop[]) {
  if (conflictSince === null) {
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
      addHop(start, { statement, row, by: CONFLICT_AT.from, digest: digestBy(end) });
      addHop(end, { statement, row, by: CONFLICT_AT.to, digest: digestBy(start) });
    }
  }
  return hops;
}

function rememberRows(byKey: ReadonlyMap<string, readonly Hop[]>): object[] {
  return [...byKey.keys()].sort().map((key) => {
    const found = (byKey.get(key) ?? []).flatMap(({ digest }) => (digest === null ? [] : [digest]));
    const digests = [...new Set(found)].sort();
    return { key, digests, agree: agree(digests) };
  });
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
