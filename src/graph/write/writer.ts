import type { EdgeChange } from '../../model/change.ts';
import type { Ending, Revision } from '../../model/revisions.ts';
import type { Record as Row } from 'neo4j-driver';
import { mayBeWholeSince, type StoredDocument } from '../../model/document-pieces.ts';
import { isTaken, type Graph, type Write } from '../driver.ts';
import {
  mergeChanges,
  type EdgeEndingRow,
  type LogEntry,
  type Rows,
  type StoredValue,
} from './rows.ts';
import { createIdentities, settleEnded } from './identities.ts';
import type { Statements } from '../statement.ts';
import { createStoredDocuments } from '../read/stored-documents.ts';
import { planEndings, planRows, type IsKnown } from './plan.ts';
import { runAll, type Step } from './steps.ts';
import { createWritten, type Attempt, type Written } from './written.ts';
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
  /** Documents that came in parts, or in events that hold them. @param digests sha256 in hex */
  documents(digests: readonly string[]): Promise<StoredDocument[]>;
  /** Those of `digests` that the events with these log numbers may have made whole; they are read once, and not at each part. */
  wholeSince(digests: readonly string[], isOwn: (n: number) => boolean): Promise<StoredDocument[]>;
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
  const findKnown = statements.get('lookup/known-events');
  const findWithdrawn = statements.get('write/log/withdrawn');
  const lockClaims = statements.get('write/log/lock-claims');
  const lockEvents = statements.get('write/log/lock-events');
  const missingEvents = statements.get('lookup/missing-events');
  const written = createWritten();
  const eventsOfDocument = statements.get('write/log/events-of-document');

  /**
   * Writes rows, after the events that say so where they are new; all statements are on their way before the first answer is awaited.
   *
   * @throws KnownClaimsError where something is known of claims of which `isKnown` denies it, ForgottenError where the database is not
   *   the one that this writer has written to
   */
  async function runPlan(
    run: Write,
    rows: Rows,
    entries: readonly LogEntry[],
    { isKnown, attempt, first = [] }: Known & { readonly first?: readonly Step[] },
  ): Promise<void> {
    const claims = claimsOf(rows, entries);
    const locked = [...new Set([...claims.documents, ...claims.ended])].sort();
    const steps: Step[] = [];
    const { witnesses } = attempt;
    if (witnesses.length > 0) {
      steps.push({ statement: missingEvents, parameters: { keys: witnesses } });
    }
    steps.push(...first);
    const lockAt = steps.length;
    if (locked.length > 0) steps.push({ statement: lockClaims, parameters: { claims: locked } });
    const lockedEvents = claims.ended.length > 0 ? claims.ended.filter(isOfEvent) : null;
    steps.push(...planRows(attempt.unwritten(rows), { statements, isKnown, lockedEvents }));
    const identities = createIdentities(rows, statements);
    const identitiesAt = steps.length;
    steps.push(...identities.steps);
    const withdrawnAt = steps.length;
    if (rows.claims.length > 0) {
      steps.push({ statement: findWithdrawn, parameters: { claims: rows.claims } });
    }
    const results = await runAll(run, steps);
    if (witnesses.length > 0 && results[0]?.length !== 0) throw new ForgottenError();
    const found = (results[withdrawnAt] ?? []).map((row) => row.toObject() as FoundClaim); // shape of the statement
    const asserted = new Set(rows.claims);
    const known = [
      ...(locked.length > 0 ? (results[lockAt] ?? []).map((row) => String(row.get('key'))) : []),
      // of a document that says so is what was locked above
      ...found.flatMap((claim) => (claim.asserted && isOfEvent(claim.key) ? [claim.key] : [])),
    ].filter((claim) => asserted.has(claim) && !isKnown(claim));
    if (known.length > 0) throw new KnownClaimsError(known);
    const late = endingsOf(rows, found);
    await runAll(run, planEndings(late, statements));
    const answers = results.slice(identitiesAt, withdrawnAt);
    await identities.settle(run, answers, [rows.edgeEndings, late]);
  }

  /**
   * Ends the edges that the withdrawn claims had already made. Runs after the transaction that remembers the withdrawal, so that
   * of a claim and its withdrawal, written at the same moment, at least one sees the other. What the events say is read between two
   * transactions, without a lock: of a large document that takes a while, and it never changes.
   */
  async function endWithdrawnEdges(rows: Rows['withdrawals']): Promise<void> {
    const asserting = await assertingEvents(rows.map(({ key }) => key).sort());
    const endings = new Map<string, Map<string, EdgeEndingRow>>();
    for (const event of asserting) {
      const said = assertedBy(String(event.get('body')), Number(event.get('acceptedAt')));
      const claim = said.claim ?? String(event.get('key'));
      for (const row of rows) {
        if (row.key !== claim) continue;
        for (const edge of said.edges) addEnding(endings, edge, row);
      }
    }
    if (endings.size === 0) return;
    const rowsByName = new Map([...endings].map(([name, byId]) => [name, [...byId.values()]]));
    await graph.write(
      'write/end',
      async (run) => {
        await runAll(run, planEndings(rowsByName, statements));
        await settleEnded(run, statements, rowsByName);
      },
      { timeoutMs },
    );
  }

  /** The events of the log whose claims these may be, once nobody is just appending one of them. */
  async function assertingEvents(keys: readonly string[]): Promise<Row[]> {
    const refs = keys
      .filter((key) => /^[0-9a-f]{64}$/.test(key))
      .flatMap((key) => [`Attestation:${key}`, `Document:${key}`]);
    return graph.write(
      'write/asserting',
      async (run) => [
        ...(await run(lockEvents, { keys: keys.filter(isOfEvent) })),
        ...(refs.length === 0 ? [] : await run(eventsOfDocument, { refs })),
      ],
      { timeoutMs },
    );
  }

  const stored = createStoredDocuments(graph, statements, { timeoutMs });
  const revisions = statements.get('lookup/revisions');

  return {
    async writeChanges(entries) {
      const rows = mergeChanges(entries);
      const write = async (known: ReadonlySet<string>): Promise<void> => {
        const attempt = written.begin();
        // the events are in the log, and what they say by themselves is written
        const isKnown: IsKnown = (claim) => known.has(claim) || isOfEvent(claim);
        await graph.write(
          'write/document',
          (run) => runPlan(run, rows, entries, { isKnown, attempt }),
          {
            timeoutMs,
          },
        );
        attempt.committed(rows, null);
      };
      await unlessKnown(written, write);
    },

    documents: async (digests) => stored.load(await stored.pieces(digests)),

    async wholeSince(digests, isOwn) {
      const pieces = await stored.pieces(digests);
      return stored.load(pieces.filter((each) => mayBeWholeSince(each, isOwn)));
    },

    async revisions(serials) {
      const rows = await graph.read(revisions, { serials }, { timeoutMs });
      return rows.map((row) => ({
        ...(row.toObject() as Omit<StoredRevision, 'endings' | 'submissions'>), // shape of the statement
        version: (row.get('version') as number | null) ?? 1,
        endings: (row.get('endings') as [string, number, number][]).map(
          ([by, validFrom, knownFrom]) => ({
            by,
            validFrom,
            knownFrom,
          }),
        ),
        submissions: (row.get('submissions') as [string, number, number][]).map(([key, n, at]) => ({
          ...{ key, n, at },
        })),
      }));
    },

    async write(events) {
      const known = new Map<number, KnownEvent>();
      const withdrawals = await unlessKnown(written, (claims) => append(events, known, claims));
      if (withdrawals.length > 0) await endWithdrawnEdges(withdrawals);
      return events.map((event): WriteResult => {
        const earlier = known.get(event.n);
        if (earlier === undefined || earlier.first === event.n) return APPLIED;
        return earlier.hash === event.contentHash
          ? { outcome: 'duplicate', first: earlier.first }
          : { outcome: 'conflict', first: earlier.first, firstHash: earlier.hash };
      });
    },
  };

  /**
   * Appends events that are expected to be new, with what they say. Where the log turns out to know some of them nothing is written,
   * and the others are appended in a second transaction. What an event says that the log has under the same number is written again.
   */
  async function append(
    events: readonly LoggedEvent[],
    known: Map<number, KnownEvent>,
    claims: ReadonlySet<string>,
  ): Promise<Rows['withdrawals']> {
    const said = events.filter(({ n }) => known.get(n) === undefined || known.get(n)?.first === n);
    const attempt = written.begin();
    const rows = mergeChanges(said);
    const repeated = new Set(said.flatMap(({ n, identity }) => (known.has(n) ? [identity] : [])));
    const log = said
      .filter(({ n }) => !known.has(n))
      .map((event) => ({ ...event.properties, key: event.identity }))
      .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
    try {
      await graph.write(
        'write/batch',
        (run) =>
          runPlan(run, rows, said, {
            isKnown: (claim) => claims.has(claim) || repeated.has(claim),
            attempt,
            first: [{ statement: appendEvents, parameters: { rows: log } }],
          }),
        { timeoutMs },
      );
    } catch (error) {
      if (!isTaken(error)) throw error;
      const count = known.size;
      await findEvents(events, known);
      if (known.size === count) throw error; // another key was taken at the same moment
      return append(events, known, claims);
    }
    attempt.committed(rows, log.at(-1)?.key ?? null);
    return rows.withdrawals;
  }

  async function findEvents(
    events: readonly LoggedEvent[],
    known: Map<number, KnownEvent>,
  ): Promise<void> {
    const numbers = new Map(events.map(({ identity, n }) => [identity, n]));
    for (const row of await graph.read(findKnown, { keys: [...numbers.keys()] }, { timeoutMs })) {
      const n = numbers.get(String(row.get('key')));
      if (n === undefined) continue;
      known.set(n, { first: Number(row.get('n')), hash: String(row.get('contentHash')) });
    }
  }
}

/** Writes as if nothing was known of the claims, and once more with those of which something is; anew where the database is another. */
async function unlessKnown<T>(
  written: Written,
  write: (known: ReadonlySet<string>) => Promise<T>,
): Promise<T> {
  const known = new Set<string>();
  for (;;) {
    try {
      return await write(known);
    } catch (error) {
      if (error instanceof ForgottenError) written.forget();
      else if (error instanceof KnownClaimsError)
        for (const claim of error.claims) known.add(claim);
      else throw error;
    }
  }
}

/** What is known before a transaction. */
type Known = { readonly isKnown: IsKnown; readonly attempt: Attempt };
type KnownEvent = { readonly first: number; readonly hash: string };
type FoundClaim = EndedClaim & { readonly asserted: boolean };
type Claims = {
  /** Of documents, which several events may submit. */
  readonly documents: readonly string[];
  /** Of which single edges end. */
  readonly ended: readonly string[];
};

/** Rolls a transaction back because edges of some claims may be in the graph. */
class KnownClaimsError extends Error {
  readonly claims: readonly string[];
  constructor(claims: readonly string[]) {
    super('something is known of some claims already');
    this.claims = claims;
  }
}

/** Rolls a transaction back because what this writer remembers to have written is not in the database: it was replaced. */
class ForgottenError extends Error {}

/** Claims by document: their assertion and their withdrawal lock a node of their own. */
function claimsOf(rows: Rows, entries: readonly LogEntry[]): Claims {
  const documents = entries.flatMap(({ changes: { claim } }) => (claim === null ? [] : [claim]));
  const ended = [...rows.edgeEndings.values()].flatMap((endings) => endings.map(({ c }) => c));
  return { documents: [...new Set(documents)].sort(), ended: [...new Set(ended)].sort() };
}

/** Otherwise it is the digest of a document. */
function isOfEvent(claim: string): boolean {
  return claim.includes(' ');
}
