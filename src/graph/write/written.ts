import { LRUCache } from 'lru-cache';
import { IMPLIED } from '../../model/implied.ts';
import { IMPLIED_LABELS, type NodeLabel } from '../../model/node.ts';
import type { EdgeRow, NodeRow, Rows } from './rows.ts';

/** Packages, and versions of them, that a writer remembers: about 60 MB. */
const MOST = 200_000;

/** What one writer knows to be in the database, because it wrote it: of what keys imply, which is never changed or deleted. */
export interface Written {
  /** Before a transaction begins. */
  begin(): Attempt;
  forget(): void;
}

/** What is remembered while one transaction is written. */
export interface Attempt {
  /** Events that are in the database if what is remembered is: where one is not, the database was replaced by another, or an older one. */
  readonly witnesses: readonly string[];
  /** The rows without those that would change nothing. */
  unwritten(rows: Rows): Rows;
  /**
   * @param rows that were committed
   * @param event one that was appended with them; where there was none, they are remembered once a later transaction appends one
   */
  committed(rows: Rows, event: string | null): void;
}

/** More transactions than one writer has under way: in which order these are committed is not known. */
const WITNESSES = 8;

export function createWritten(max = MOST): Written {
  /** Node or edge → the first log number at which an edge was known; 0 for nodes. */
  const written = new LRUCache<string, number>({ max });
  let witnesses: readonly string[] = [];
  /** What was committed without an event. */
  let waiting: readonly Implied[] = [];

  const isWrittenNode = (label: NodeLabel, { key, f }: NodeRow): boolean =>
    IMPLIED_LABELS.has(label) &&
    f.every(({ s }) => s === 'resolved' || s === FACET) &&
    written.has(nodeId(label, key));
  const isWrittenEdge = (name: string, row: EdgeRow): boolean =>
    row.c === IMPLIED && (written.get(edgeId(name, row)) ?? Infinity) <= knownFrom(row);
  const remember = (found: Iterable<Implied>): void => {
    for (const { id, since } of found) {
      written.set(id, Math.min(since, written.peek(id) ?? Infinity));
    }
  };

  return {
    begin() {
      const before = waiting;
      return {
        witnesses: written.size === 0 ? [] : witnesses,
        unwritten: (rows) => ({
          ...rows,
          nodes: without(rows.nodes, isWrittenNode),
          edges: without(rows.edges, isWrittenEdge),
        }),
        committed(rows, event) {
          if (event === null) {
            waiting = [...waiting, ...impliedIn(rows)].slice(-max);
            return;
          }
          witnesses = [...witnesses, event].slice(-WITNESSES);
          remember(before);
          if (waiting === before) waiting = [];
          remember(impliedIn(rows));
        },
      };
    },
    forget() {
      written.clear();
      witnesses = [];
      waiting = [];
    },
  };
}

/** The facet of a node whose properties its key implies. */
const FACET = 's_name';

type Implied = { readonly id: string; readonly since: number };

function* impliedIn(rows: Rows): Generator<Implied> {
  for (const [label, stated] of rows.nodes) {
    if (!IMPLIED_LABELS.has(label)) continue;
    for (const { key, f } of stated) {
      if (f.some(({ s }) => s === FACET)) yield { id: nodeId(label, key), since: 0 };
    }
  }
  for (const [name, claimed] of rows.edges) {
    for (const row of claimed) {
      if (row.c === IMPLIED) yield { id: edgeId(name, row), since: knownFrom(row) };
    }
  }
}

function nodeId(label: NodeLabel, key: string): string {
  return `${label}\n${key}`;
}

function edgeId(name: string, { a, b }: EdgeRow): string {
  return `${name}\n${a}\n${b}`;
}

function knownFrom({ p }: EdgeRow): number {
  return Number(p['knownFrom']);
}

/** Groups of rows without some rows; a group that none is left of goes. */
function without<K, V>(
  groups: ReadonlyMap<K, V[]>,
  isLeftOut: (name: K, row: V) => boolean,
): Map<K, V[]> {
  const left = new Map<K, V[]>();
  for (const [name, rows] of groups) {
    const kept = rows.filter((row) => !isLeftOut(name, row));
    if (kept.length > 0) left.set(name, kept);
  }
  return left;
}
