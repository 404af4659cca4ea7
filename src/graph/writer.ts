import type { EdgeChange } from '../model/change.ts';
import type { Ending, Revision } from '../model/revisions.ts';
import type { Record as Row } from 'neo4j-driver';
import type { Graph, Parameters, Write } from './driver.ts';
import {
  mergeChanges,
  type EdgeEndingRow,
  type LogEntry,
  type Rows,
  type StoredValue,
} from './rows.ts';
import { createIdentities, settleEnded } from './identities.ts';
import type { Statement, Statements } from './statement.ts';
import { runAll, type Step } from './steps.ts';
import { addEnding, endingsOf, type EndedClaim } from './withdrawals.ts';

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

/** A document that has a serial number, without its contents. */
export type StoredRevision = Revision & {
  /** When it says that it was made, ms. */
  readonly issuedAt: number | null;
  /** What ends it so far. */
  readonly endings: readonly Ending[];
  /** Events that submitted it. */
  readonly submissions: readonly {
    readonly key: string;
    readonly n: number;
    readonly at: number;
  }[];
  /** Whether the log holds parts of it. */
  readonly inParts: boolean;
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
  /** The documents that have one of these serial numbers. */
  revisions(serials: readonly string[]): Promise<StoredRevision[]>;
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

  /** Everything that rows say, as statements in a fixed order: every writer takes its locks in the same one. */
  function plan(rows: Rows, documents: readonly string[]): Step[] {
    const steps: Step[] = [];
    const add = (statement: Statement, parameters: Parameters): void => {
      steps.push({ statement, parameters });
    };
    if (documents.length > 0) add(lockClaims, { claims: documents });
    for (const label of [...rows.nodes.keys()].sort()) {
      add(statements.get('write/node', label), { rows: rows.nodes.get(label) });
    }
    for (const name of [...rows.edges.keys()].sort()) {
      add(statements.get('write/edge', name), { rows: rows.edges.get(name) });
    }
    for (const step of planEndings(rows.edgeEndings)) steps.push(step);
    for (const [label, endings] of rows.nodeEndings) {
      add(statements.get('write/end-node', label), { rows: endings });
    }
    if (rows.withdrawals.length > 0) add(withdraw, { rows: rows.withdrawals });
    return steps;
  }

  function planEndings(endings: ReadonlyMap<string, EdgeEndingRow[]>): Step[] {
    return [...endings.keys()].sort().map((name) => ({
      statement: statements.get('write/end-edge', name),
      parameters: { rows: endings.get(name) },
    }));
  }

  /** Writes rows, after `first`, whose rows are the result; all statements are on their way before the first answer is awaited. */
  async function runPlan(
    run: Write,
    rows: Rows,
    entries: readonly LogEntry[],
    first: Step[] = [],
  ): Promise<Row[]> {
    const steps = [...first, ...plan(rows, documentClaims(entries))];
    const identities = createIdentities(rows, statements);
    const identitiesAt = steps.length;
    steps.push(...identities.steps);
    const withdrawnAt = steps.length;
    if (rows.claims.length > 0) {
      steps.push({ statement: findWithdrawn, parameters: { claims: rows.claims } });
    }
    const results = await runAll(run, steps);
    const withdrawn = (results[withdrawnAt] ?? []).map((row) => row.toObject() as EndedClaim); // shape of the statement
    const late = endingsOf(rows, withdrawn);
    await runAll(run, planEndings(late));
    const answers = results.slice(identitiesAt, withdrawnAt);
    await identities.settle(run, answers, [rows.edgeEndings, late]);
    return first.length > 0 ? (results[0] ?? []) : [];
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
        const rowsByName = new Map([...endings].map(([name, byId]) => [name, [...byId.values()]]));
        await runAll(run, planEndings(rowsByName));
        await settleEnded(run, statements, rowsByName);
      },
      { timeoutMs },
    );
  }

  const documentParts = statements.get('lookup/document-parts');
  const revisions = statements.get('lookup/revisions');

  return {
    async writeChanges(entries) {
      const rows = mergeChanges(entries);
      await graph.write('write/document', (run) => runPlan(run, rows, entries), { timeoutMs });
    },

    async documents(digests) {
      const refsOf = (digest: string) => [`Document:${digest}`, `Attestation:${digest}`];
      const rows = await graph.read(
        documentParts,
        { refs: digests.flatMap(refsOf) },
        { timeoutMs },
      );
      return digests.map((digest) => ({
        digest,
        events: rows
          .filter((row) => refsOf(digest).includes(String(row.get('ref'))))
          .map((row) => row.toObject() as StoredDocument['events'][number]), // shape of the statement
      }));
    },

    async revisions(serials) {
      const rows = await graph.read(revisions, { serials }, { timeoutMs });
      return rows.map((row) => ({
        ...(row.toObject() as Omit<StoredRevision, 'endings' | 'submissions'>), // shape of the statement
        version: (row.get('version') as number | null) ?? 1,
        endings: (row.get('endings') as [string, number, number][]).map(([by, v, k]) => ({
          by,
          v,
          k,
        })),
        submissions: (row.get('submissions') as [string, number, number][]).map(([key, n, at]) => ({
          ...{ key, n, at },
        })),
      }));
    },

    async write(events) {
      const { known, withdrawals } = await append(events, new Map());
      if (withdrawals.length > 0) await endWithdrawnEdges(withdrawals);
      return events.map((event): WriteResult => {
        const earlier = known.get(event.n);
        if (earlier === undefined) return APPLIED;
        return earlier.hash === event.contentHash
          ? { outcome: 'duplicate', first: earlier.first }
          : { outcome: 'conflict', first: earlier.first, firstHash: earlier.hash };
      });
    },
  };

  /**
   * Appends events that are expected to be new, with what they say. Where the log turns out to know some of them, nothing is
   * written, and the others are appended in a second transaction.
   */
  async function append(
    events: readonly LoggedEvent[],
    known: Map<number, KnownEvent>,
  ): Promise<Appended> {
    const fresh = events.filter(({ n }) => !known.has(n));
    const rows = mergeChanges(fresh);
    const log = fresh
      .map((event) => ({ key: event.identity, p: event.properties }))
      .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
    try {
      await graph.write(
        'write/batch',
        async (run) => {
          const found = await runPlan(run, rows, fresh, [
            { statement: appendEvents, parameters: { rows: log } },
          ]);
          if (found.length > 0) throw new KnownEventsError(found);
        },
        { timeoutMs },
      );
    } catch (error) {
      if (!(error instanceof KnownEventsError)) throw error;
      for (const row of error.rows) {
        known.set(Number(row.get('n')), {
          first: Number(row.get('first')),
          hash: String(row.get('contentHash')),
        });
      }
      return append(events, known);
    }
    return { known, withdrawals: rows.withdrawals };
  }
}

type KnownEvent = { readonly first: number; readonly hash: string };
type Appended = {
  readonly known: ReadonlyMap<number, KnownEvent>;
  readonly withdrawals: Rows['withdrawals'];
};

/** Rolls a transaction back because the log knows some of its events. */
class KnownEventsError extends Error {
  readonly rows: readonly Row[];
  constructor(rows: readonly Row[]) {
    super('some events are in the log already');
    this.rows = rows;
  }
}

/** Claims by document: their assertion and their withdrawal lock a node of their own. */
function documentClaims(events: readonly LogEntry[]): string[] {
  const found = new Set<string>();
  for (const { changes } of events) if (changes.claim !== null) found.add(changes.claim);
  return [...found].sort();
}
