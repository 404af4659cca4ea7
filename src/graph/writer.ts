import type { EdgeChange } from '../model/change.ts';
import type { Graph, Write } from './driver.ts';
import {
  edgeStatement,
  mergeChanges,
  type EdgeEndingRow,
  type LogEntry,
  type Rows,
  type StoredValue,
} from './rows.ts';
import type { Statements } from './statement.ts';

/** An event as the log keeps it, with what it says. */
export type LoggedEvent = LogEntry & {
  readonly contentHash: string;
  /** True for a document that travels in parts, and for each of its parts. */
  readonly inParts: boolean;
  /** Properties of the Event node, without its key. */
  readonly properties: Readonly<Record<string, StoredValue>>;
};

/** What became of one event of a batch. */
export type WriteResult =
  | { readonly outcome: 'applied' }
  /** The same event was applied before, under log number `first`. */
  | { readonly outcome: 'duplicate'; readonly first: number }
  /** Another event of the same identity was applied before; nothing of this one was. */
  | { readonly outcome: 'conflict'; readonly first: number; readonly firstHash: string };

/** What the log holds of a document that travels in parts, in order of log numbers. */
export type StoredDocument = {
  readonly digest: string;
  readonly events: readonly {
    readonly type: string;
    readonly n: number;
    readonly at: number;
    readonly acceptedAt: number;
    readonly source: string;
    readonly key: string;
    readonly body: string;
  }[];
};

export type WriterOptions = {
  readonly graph: Graph;
  readonly statements: Statements;
  /** The edges that an event of the log claims (what its handler says), and for which document if any. */
  readonly assertedBy: (
    body: string,
    acceptedAt: number,
  ) => { readonly claim: string | null; readonly edges: readonly EdgeChange[] };
  /** A transaction is ended by the database after this. */
  readonly timeoutMs?: number;
};

/** Writes batches of events with all that they say: a batch is one transaction. */
export interface Writer {
  /**
   * Results in the order of `events`. Identities are unique within a batch: see uniqueEvents.
   *
   * @throws driver errors, see classify.ts; nothing of the batch is written then
   */
  write(events: readonly LoggedEvent[]): Promise<WriteResult[]>;
  /** Writes what events that are in the log already say. */
  writeChanges(entries: readonly LogEntry[]): Promise<void>;
  /** @param digests sha256 in hex */
  documents(digests: readonly string[]): Promise<StoredDocument[]>;
}

const APPLIED: WriteResult = { outcome: 'applied' };

export function createWriter({
  graph,
  statements,
  assertedBy,
  timeoutMs = 60_000,
}: WriterOptions): Writer {
  const appendEvents = statements.get('write/log/events');
  const findWithdrawn = statements.get('write/log/withdrawn');
  const withdraw = statements.get('write/log/withdraw');
  const lockClaims = statements.get('write/log/lock-claims');
  const lockEvents = statements.get('write/log/lock-events');
  const eventsOfDocument = statements.get('write/log/events-of-document');

  async function writeRows(run: Write, rows: Rows, documents: readonly string[]): Promise<void> {
    if (documents.length > 0) await run(lockClaims, { claims: documents });
    for (const label of [...rows.nodes.keys()].sort()) {
      await run(statements.get(`write/node/${label.toLowerCase()}`), {
        rows: rows.nodes.get(label),
      });
    }
    for (const name of [...rows.edges.keys()].sort()) {
      await run(statements.get(`write/edge/${name}`), { rows: rows.edges.get(name) });
    }
    await writeEndings(run, rows.edgeEndings);
    for (const [label, endings] of rows.nodeEndings) {
      await run(statements.get(`write/end/node-${label.toLowerCase()}`), { rows: endings });
    }
    if (rows.claims.length > 0) {
      const withdrawn = await run(findWithdrawn, { claims: rows.claims });
      if (withdrawn.length > 0) {
        await writeEndings(
          run,
          endingsOf(
            rows,
            withdrawn.map((row) => row.toObject() as EndedClaim),
          ),
        ); // shape of the statement
      }
    }
    if (rows.withdrawals.length > 0) await run(withdraw, { rows: rows.withdrawals });
  }

  async function writeEndings(
    run: Write,
    endings: ReadonlyMap<string, EdgeEndingRow[]>,
  ): Promise<void> {
    for (const name of [...endings.keys()].sort()) {
      await run(statements.get(`write/end/${name}`), { rows: endings.get(name) });
    }
  }

  /**
   * Ends the edges that the withdrawn claims had already made. Runs after the transaction that remembers the withdrawal, so that
   * of a claim and its withdrawal, written at the same moment, at least one sees the other.
   */
  async function endWithdrawnEdges(rows: Rows['withdrawals']): Promise<void> {
    await graph.write(
      'write/end',
      async (run) => {
        const keys = rows.map((row) => row.key).sort();
        const refs = keys
          .filter((key) => /^[0-9a-f]{64}$/.test(key))
          .flatMap((key) => [`Attestation:${key}`, `Document:${key}`]);
        const events = await run(lockEvents, { keys: keys.filter((key) => key.includes(' ')) });
        const documents = refs.length === 0 ? [] : await run(eventsOfDocument, { refs });
        const endings = new Map<string, Map<string, EdgeEndingRow>>();
        for (const event of [...events, ...documents]) {
          const said = assertedBy(String(event.get('body')), Number(event.get('acceptedAt')));
          const claim = said.claim ?? String(event.get('key'));
          for (const row of rows) {
            if (row.key !== claim) continue;
            for (const edge of said.edges) addEnding(endings, edge, row);
          }
        }
        await writeEndings(
          run,
          new Map([...endings].map(([name, byId]) => [name, [...byId.values()]])),
        );
      },
      { timeoutMs },
    );
  }

  const documentParts = statements.get('lookup/document-parts');

  return {
    async writeChanges(entries) {
      const rows = mergeChanges(entries);
      await graph.write('write/document', (run) => writeRows(run, rows, documentClaims(entries)), {
        timeoutMs,
      });
    },

    async documents(digests) {
      const byRef = new Map(digests.map((digest) => [`Document:${digest}`, digest]));
      const rows = await graph.read(documentParts, { refs: [...byRef.keys()] }, { timeoutMs });
      return [...byRef].map(([ref, digest]) => ({
        digest,
        events: rows
          .filter((row) => row.get('ref') === ref)
          .map((row) => row.toObject() as StoredDocument['events'][number]), // shape of the statement
      }));
    },

    async write(events) {
      const rows = mergeChanges(events);
      const log = events
        .map((event) => ({ key: event.identity, p: event.properties }))
        .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
      let withdrawals = rows.withdrawals;
      const results = await graph.write(
        'write/batch',
        async (run) => {
          const known = await run(appendEvents, { rows: log });
          if (known.length === 0) {
            await writeRows(run, rows, documentClaims(events));
            return events.map(() => APPLIED);
          }
          const before = new Map(
            known.map((row) => [
              Number(row.get('n')),
              { first: Number(row.get('first')), hash: String(row.get('contentHash')) },
            ]),
          );
          const fresh = events.filter((event) => !before.has(event.n));
          const freshRows = mergeChanges(fresh);
          withdrawals = freshRows.withdrawals;
          await writeRows(run, freshRows, documentClaims(fresh));
          return events.map((event): WriteResult => {
            const earlier = before.get(event.n);
            if (earlier === undefined) return APPLIED;
            return earlier.hash === event.contentHash
              ? { outcome: 'duplicate', first: earlier.first }
              : { outcome: 'conflict', first: earlier.first, firstHash: earlier.hash };
          });
        },
        { timeoutMs },
      );
      if (withdrawals.length > 0) await endWithdrawnEdges(withdrawals);
      return results;
    },
  };
}

type EndedClaim = {
  readonly key: string;
  readonly endValid: readonly number[];
  readonly endKnown: readonly number[];
  readonly endBy: readonly string[];
};

/** Claims by document: their assertion and their withdrawal lock a node of their own. */
function documentClaims(events: readonly LogEntry[]): string[] {
  const found = new Set<string>();
  for (const { changes } of events) if (changes.claim !== null) found.add(changes.claim);
  return [...found].sort();
}

/** The rows' edges whose claims had been withdrawn before they arrived. */
function endingsOf(rows: Rows, withdrawn: readonly EndedClaim[]): Map<string, EdgeEndingRow[]> {
  const byClaim = new Map(withdrawn.map((claim) => [claim.key, claim]));
  const endings = new Map<string, EdgeEndingRow[]>();
  for (const [name, edges] of rows.edges) {
    const ended = edges.flatMap(({ a, b, c }) => {
      const claim = byClaim.get(c);
      if (claim === undefined) return [];
      return claim.endBy.map((by, at) => ({
        a,
        b,
        c,
        v: BigInt(claim.endValid[at] ?? 0),
        k: BigInt(claim.endKnown[at] ?? 0),
        by,
      }));
    });
    if (ended.length > 0) endings.set(name, ended);
  }
  return endings;
}

function addEnding(
  endings: Map<string, Map<string, EdgeEndingRow>>,
  edge: EdgeChange,
  row: Rows['withdrawals'][number],
): void {
  const name = edgeStatement(edge.type, edge.from.label, edge.to.label);
  let byId = endings.get(name);
  if (byId === undefined) endings.set(name, (byId = new Map<string, EdgeEndingRow>()));
  const id = [edge.from.key, edge.to.key, row.key, row.by].join('\n');
  byId.set(id, { a: edge.from.key, b: edge.to.key, c: row.key, v: row.v, k: row.k, by: row.by });
}
