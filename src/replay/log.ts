import { int, type Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { StemmaError } from '../errors.ts';

/** One event of the log, as it is stored. */
export type LogRecord = {
  readonly key: string;
  readonly n: number;
  readonly acceptedAt: number;
  readonly contentHash: string;
  /** As received. */
  readonly body: string;
  /** All that the log keeps of it, with the above. */
  readonly properties: Readonly<Record<string, unknown>>;
};

/** Part of the log: log numbers, both included, and types; null = every type. */
export type LogRange = {
  readonly from: number;
  readonly until: number;
  readonly types: readonly string[] | null;
};

export type ReadOptions = {
  /** Most events handed over at once; default 1000. */
  readonly maxEvents?: number;
  /** Most characters of bodies handed over at once, but always one event; default 8 Mi. */
  readonly maxCharacters?: number;
  readonly signal?: AbortSignal;
};

type Head = { readonly key: string; readonly n: number; readonly size: number };

/** Small rows, so that one page serves several batches. */
const HEADS = 10_000;
const TIMEOUT_MS = 600_000;

type Source = { readonly graph: Pick<Graph, 'read'>; readonly statements: Statements };

/**
 * The log in order of log numbers, in batches. Memory is one batch: first only keys and sizes are read, then as many bodies as fit.
 *
 * @throws the signal's reason once it is aborted
 */
export async function* readLog(
  { graph, statements }: Source,
  range: LogRange,
  options: ReadOptions = {},
): AsyncGenerator<LogRecord[], void, undefined> {
  const { maxEvents = 1_000, maxCharacters = 8 * 1024 * 1024, signal } = options;
  const heads = statements.get('replay/heads');
  const events = statements.get('replay/events');
  let from = range.from;
  let key = '';
  for (;;) {
    signal?.throwIfAborted();
    const page = (
      await graph.read(
        heads,
        {
          ...{ from: int(from), until: int(range.until), key },
          ...{ types: range.types, limit: int(HEADS) },
        },
        { timeoutMs: TIMEOUT_MS },
      )
    ).map((row) => row.toObject() as Head); // shape of the statement
    for (const keys of chunksOf(page, maxEvents, maxCharacters)) {
      signal?.throwIfAborted();
      const rows = await graph.read(events, { keys }, { timeoutMs: TIMEOUT_MS });
      yield rows.map((row) => toRecord(row.get('properties') as LogRecord['properties'])); // shape of the statement
    }
    const last = page.at(-1);
    if (last === undefined || page.length < HEADS) return;
    from = last.n;
    key = last.key;
  }
}

export async function countLog({ graph, statements }: Source, range: LogRange): Promise<number> {
  const [row] = await graph.read(
    statements.get('replay/count'),
    { from: int(range.from), until: int(range.until), types: range.types },
    { timeoutMs: TIMEOUT_MS },
  );
  return Number(row?.get('events') ?? 0);
}

/** The greatest log number; -1 in an empty log. */
export async function lastPosition({ graph, statements }: Source): Promise<number> {
  const [row] = await graph.read(statements.get('lookup/greatest-position'), {});
  return row === undefined ? -1 : Number(row.get('n'));
}

/**
 * The log number that `--from` means: a log number, or the first one that was accepted at or after an RFC 3339 time.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export async function positionOf({ graph, statements }: Source, from: string): Promise<number> {
  if (/^\d{1,15}$/.test(from)) return Number(from);
  const time = /^\d{4}-\d{2}-\d{2}/.test(from) ? Date.parse(from) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'${from.slice(0, 80)}' is not a place in the log: give a log number, or a time such as 2026-11-21T10:00:00Z.`,
    );
  }
  const [row] = await graph.read(statements.get('replay/since'), { time: int(time) });
  const n = row?.get('n') as number | null | undefined; // shape of the statement
  return n ?? (await lastPosition({ graph, statements })) + 1;
}

function* chunksOf(
  page: readonly Head[],
  maxEvents: number,
  maxCharacters: number,
): Generator<string[], void, undefined> {
  let keys: string[] = [];
  let characters = 0;
  for (const { key, size } of page) {
    if (keys.length === maxEvents || (keys.length > 0 && characters + size > maxCharacters)) {
      yield keys;
      keys = [];
      characters = 0;
    }
    keys.push(key);
    characters += size;
  }
  if (keys.length > 0) yield keys;
}

/** What somebody has removed by hand is empty here, and found when it is compared. */
function toRecord(properties: LogRecord['properties']): LogRecord {
  const text = (name: string): string => {
    const value = properties[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    key: text('key'),
    n: Number(properties['n']),
    acceptedAt: Number(properties['acceptedAt']),
    contentHash: text('contentHash'),
    body: text('body'),
    properties,
  };
}
