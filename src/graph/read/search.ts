import type { Record as Row } from 'neo4j-driver';
import { StemmaError } from '../../errors.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { int, type Graph } from '../driver.ts';
import { toEntity, type EntityRecord } from './records.ts';
import { planSearch, searchProblem, type SearchStep } from './search-plan.ts';
import type { Statements } from '../statement.ts';

export type SearchRequest = {
  readonly text: string;
  /** The same thing under other names of its repository: keys may begin with these as well. */
  readonly otherSpellings: readonly string[];
  /** Null = any. */
  readonly labels: readonly NodeLabel[] | null;
  readonly after: SearchPosition | null;
  readonly limit: number;
};

/** Where a page ends: the step of the search, and the key or rank within it. */
export type SearchPosition = { readonly step: number; readonly within: string | number };

export type SearchHit = {
  readonly entity: EntityRecord;
  readonly match: 'KEY' | 'TEXT';
  readonly position: SearchPosition;
};

export type SearchPage = {
  readonly hits: readonly SearchHit[];
  readonly more: boolean;
};

export interface SearchReader {
  /**
   * Things whose key begins with the text, by key, and then those whose names say it, best match first.
   *
   * @throws StemmaError BAD_USER_INPUT where the index cannot be asked for the text
   */
  search(request: SearchRequest): Promise<SearchPage>;
}

/** How many full-text results are looked at in one request, when `labels` leaves most of them out. */
const MAX_LOOKED_AT = 2_000;
const CHUNK = 200;
const FULL_TEXT = { keys: 'explore/full-text-keys', names: 'explore/full-text-names' };

export function createSearchReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): SearchReader {
  return {
    async search({ text, otherSpellings, labels, after, limit }) {
      const problem = searchProblem(text.trim());
      if (problem !== null) {
        throw new StemmaError('BAD_USER_INPUT', `text ${problem}.`, { details: { path: 'text' } });
      }
      const steps = planSearch(text, otherSpellings, labels);
      const hits: SearchHit[] = [];
      for (let step = after?.step ?? 0; step < steps.length && hits.length <= limit; step += 1) {
        const one = steps[step];
        if (one === undefined) break;
        const within = after?.step === step ? after.within : null;
        hits.push(...(await run(one, step, within, limit + 1 - hits.length, labels)));
      }
      const seen = new Set<string>();
      const unique = hits.filter(({ entity }) => {
        const ref = refId(entity);
        return !seen.has(ref) && seen.add(ref);
      });
      return { hits: unique.slice(0, limit), more: hits.length > limit };

      /** A thing is named by its key and by its name: the first step that finds it counts. */
      function isKnown(entity: EntityRecord, before: number): boolean {
        return steps.slice(0, before).some((earlier) => finds(earlier, entity));
      }

      async function run(
        one: SearchStep,
        step: number,
        within: string | number | null,
        wanted: number,
        kept: readonly NodeLabel[] | null,
      ): Promise<SearchHit[]> {
        if (one.kind === 'prefix') {
          const rows = await graph.read(statements.get('explore/by-prefix'), {
            label: one.label,
            from: typeof within === 'string' ? `${within}\u0000` : one.prefix,
            to: `${one.prefix}\u{10FFFF}`,
            limit: int(wanted),
          });
          return rows
            .map(toEntity)
            .filter((entity) => !isKnown(entity, step))
            .map((entity) => ({ entity, match: 'KEY', position: { step, within: entity.key } }));
        }
        const found: SearchHit[] = [];
        let rank = typeof within === 'number' ? within : 0;
        for (let looked = 0; looked < MAX_LOOKED_AT && found.length < wanted; looked += CHUNK) {
          const rows: Row[] = await graph.read(statements.get(FULL_TEXT[one.index]), {
            query: one.query,
            skip: int(rank),
            limit: int(CHUNK),
          });
          for (const entity of rows.map(toEntity)) {
            rank += 1;
            if (kept !== null && !kept.includes(entity.label)) continue;
            if (isKnown(entity, step)) continue;
            found.push({ entity, match: 'TEXT', position: { step, within: rank } });
          }
          if (rows.length < CHUNK) break;
        }
        return found.slice(0, wanted);
      }
    },
  };
}

/** Whether a step finds a thing, as far as can be told without asking. */
function finds(step: SearchStep, { label, key }: EntityRecord): boolean {
  return step.kind === 'prefix' && step.label === label && key.startsWith(step.prefix);
}
