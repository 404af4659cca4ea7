import type { EventFilter } from '../graph/read/events.ts';
import type { EventRecord } from '../graph/read/records.ts';

/** What somebody watches; null = any. */
export type LiveTerms = Omit<EventFilter, 'type' | 'since' | 'until'> & {
  readonly types: readonly string[] | null;
};

/** Terms, compiled once for all who watch by the same. */
export type LiveFilter<T = EventRecord> = {
  /** The same for the same terms. */
  readonly key: string;
  /** As much of the terms as the log is searched by. */
  readonly stored: EventFilter;
  readonly matches: (event: T) => boolean;
};

/** Properties of an event that a term is compared with. */
const COMPARED = [
  'source',
  'correlationId',
  'causationId',
  'workflowId',
  'subject',
  // these two may have to be worked out
  'subjectRef',
  'outcome',
] as const satisfies readonly (keyof LiveTerms & keyof EventRecord)[];

export function compileFilter({ types, ...terms }: LiveTerms): LiveFilter {
  const sorted = types === null ? null : [...new Set(types)].sort();
  const wanted = sorted === null ? null : new Set(sorted);
  const stated = COMPARED.filter((name) => terms[name] !== null);
  const type = sorted?.length === 1 ? (sorted[0] ?? null) : null;
  return {
    key: JSON.stringify([sorted, ...COMPARED.map((name) => terms[name])]),
    stored: { ...terms, type, since: null, until: null },
    matches: (event) =>
      (wanted === null || wanted.has(event.type)) &&
      stated.every((name) => event[name] === terms[name]),
  };
}

export const EVERYTHING = compileFilter({
  ...{ types: null, source: null, subjectRef: null, subject: null, outcome: null },
  ...{ correlationId: null, causationId: null, workflowId: null },
});
