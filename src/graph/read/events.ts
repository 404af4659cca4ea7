import { int, type Graph } from '../driver.ts';
import { toEvent, type EventRecord, type PageRequest, type Slice } from './records.ts';
import type { Statements } from '../statement.ts';

/** Null = any. Times in ms. */
export type EventFilter = {
  readonly type: string | null;
  readonly source: string | null;
  /** `Label:key` of what the events are about. */
  readonly subjectRef: string | null;
  /** The CloudEvents attribute. */
  readonly subject: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly workflowId: string | null;
  readonly outcome: string | null;
  readonly since: number | null;
  readonly until: number | null;
};

/** What was said of a thing last. */
export type LastWord = Pick<EventRecord, 'key' | 'eventId' | 'source' | 'acceptedAt'>;

export interface EventReader {
  byKeys(keys: readonly string[]): Promise<Map<string, EventRecord>>;
  /** A page of the log; its order is newest first, positions are log numbers. */
  events(
    filter: EventFilter,
    page: PageRequest<number> & { readonly body: boolean },
  ): Promise<Slice<EventRecord>>;
  /** A page for each subject (`Label:key`), of the same order; subjects without any are left out. One query. */
  eventsOf(
    refs: readonly string[],
    page: PageRequest<number> & { readonly body: boolean },
  ): Promise<Map<string, EventRecord[]>>;
  /** The log number of the event that was accepted last by a time (ms); 0 where none had been. */
  positionAt(time: number): Promise<number>;
  /** The newest event about a thing (`Label:key`), of some types. */
  lastWord(ref: string, types: readonly string[]): Promise<LastWord | null>;
}

export function createEventReader(graph: Pick<Graph, 'read'>, statements: Statements): EventReader {
  return {
    async byKeys(keys) {
      const rows = await graph.read(statements.get('lookup/events-by-key'), { keys });
      return new Map(rows.map(toEvent).map((event) => [event.key, event]));
    },

    async events(filter, { limit, position, backward, body }) {
      const order = backward ? 'asc' : 'desc';
      const rows = await graph.read(statements.get('lookup/events', indexFor(filter), order), {
        ...filter,
        since: filter.since === null ? null : int(filter.since),
        until: filter.until === null ? null : int(filter.until),
        position: int(position ?? startOf(backward)),
        limit: int(limit + 1),
        body,
      });
      return { items: rows.slice(0, limit).map(toEvent), more: rows.length > limit };
    },

    async eventsOf(refs, { position, backward, limit, body }) {
      const order = backward ? 'asc' : 'desc';
      const rows = await graph.read(statements.get('lookup/events-of', order), {
        refs,
        position: int(position ?? startOf(backward)),
        limit: int(limit),
        body,
      });
      const pages = new Map<string, EventRecord[]>();
      for (const row of rows) {
        const ref = row.get('ref') as string;
        const page = pages.get(ref);
        if (page === undefined) pages.set(ref, [toEvent(row)]);
        else page.push(toEvent(row));
      }
      return pages;
    },

    async positionAt(time) {
      const [row] = await graph.read(statements.get('lookup/position-at'), { time: int(time) });
      return Number(row?.get('n') ?? 0);
    },

    async lastWord(ref, types) {
      const [row] = await graph.read(statements.get('lookup/last-word'), { ref, types });
      if (row === undefined) return null;
      return {
        key: String(row.get('key')),
        eventId: String(row.get('eventId')),
        source: String(row.get('source')),
        acceptedAt: Number(row.get('acceptedAt')),
      };
    },
  };
}

/** Before the first log number, or behind the last. */
function startOf(backward: boolean): number {
  return backward ? -1 : Number.MAX_SAFE_INTEGER;
}

/** The statement that starts at the index which leaves least to look at. */
function indexFor(filter: EventFilter): string {
  if (filter.subjectRef !== null) return 'subject';
  if (filter.correlationId !== null) return 'correlation';
  if (filter.causationId !== null) return 'causation';
  if (filter.workflowId !== null) return 'workflow';
  return filter.type === null ? 'all' : 'type';
}
