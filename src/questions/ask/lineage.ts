import { StemmaError } from '../../errors.ts';
import type {
  Closure,
  LineageFilter,
  LineageReader,
  LineageResult,
  LineageWant,
} from '../../graph/lineage/lineage.ts';
import type { LineageScope } from '../../graph/lineage/scope.ts';
import type { EntityRecord } from '../../graph/read/records.ts';
import { countsOf, type LineageCount } from '../../model/lineage-counts.ts';
import { NOW } from '../../model/moment.ts';
import { refId } from '../../model/node.ts';
import { checkNames, type MeaningReader } from '../gather/known-names.ts';
import type { Closures } from './closures.ts';

export type LineageQuestion = {
  readonly root: EntityRecord;
  readonly scope: LineageScope;
  readonly filter: LineageFilter;
  readonly want: LineageWant;
};

export type LineageAnswer = LineageResult & {
  readonly counts: () => Promise<readonly LineageCount[]>;
};

/** Where a page begins: within which answer, and behind what. */
export type LineagePosition = { readonly known: number; readonly at: number; readonly ref: string };

export type LineagePageAnswer = LineageAnswer & {
  readonly more: boolean;
  /** Behind the first and behind the last node of the page; null where it has none. */
  readonly start: LineagePosition | null;
  readonly end: LineagePosition | null;
};

type NamedReader = LineageReader & MeaningReader;

/**
 * What a thing was derived from, or what was derived from it, nearest first.
 *
 * @throws StemmaError NOT_FOUND where the filter names something that nobody ever named
 */
export async function askLineage(
  reader: NamedReader,
  { root, scope, filter: asked, want }: LineageQuestion,
  limit: number,
): Promise<LineageAnswer> {
  const filter = await checkFilter(reader, asked);
  const result = await reader.lineage(root, { ...scope, filter, limit, want });
  return { ...result, counts: async () => reader.lineageCounts(root, scope, filter) };
}

export type LineagePageReaders = {
  readonly reader: NamedReader;
  readonly closures: Closures;
  /** The log number up to which everything is in the graph; null where nothing is known. */
  readonly pin: () => Promise<number | null>;
};

/**
 * One page of an answer that is the same for all of its pages.
 *
 * @throws StemmaError NOT_FOUND as askLineage; CURSOR_INVALID where the position is none of the answer any more
 */
export async function askLineagePage(
  { reader, closures, pin }: LineagePageReaders,
  { root, scope: asked, filter: where, want }: LineageQuestion,
  { limit, position }: { readonly limit: number; readonly position: LineagePosition | null },
): Promise<LineagePageAnswer> {
  const filter = await checkFilter(reader, where);
  const at = asked.at ?? NOW;
  const pinned = position?.known ?? (at.known === NOW.known ? await pin() : null);
  const known = pinned ?? at.known;
  const scope = { ...asked, at: { ...at, known } };
  const question = JSON.stringify([refId(root), scope, filter]);
  const closure = await closures.get(question, async () => reader.closure(root, scope, filter));
  const start = position === null ? 0 : startOf(closure, position);
  const end = start + limit;
  const part = await reader.lineagePart(closure, { start, end }, want);
  const more = closure.nodes.length > end;
  const positionAt = (index: number): LineagePosition | null => {
    const one = closure.nodes[index];
    if (one === undefined || part.nodes.length === 0) return null;
    return { known, at: index + 1, ref: refId(one.node) };
  };
  return {
    ...{ root, nodes: part.nodes, more },
    edges: () => Promise.resolve(part.edges),
    truncatedBy: () => Promise.resolve(more ? 'LIMIT' : closure.truncatedBy),
    counts: () => Promise.resolve(countsOf(closure.nodes)),
    start: positionAt(start),
    end: positionAt(start + part.nodes.length - 1),
  };
}

/** The same, with every name of what it names. */
async function checkFilter(reader: MeaningReader, filter: LineageFilter): Promise<LineageFilter> {
  const { repositories = null, environments = null } = filter;
  const [inRepositories, toEnvironments] = await Promise.all([
    checkNames(reader, 'Repository', repositories, 'where.repository'),
    checkNames(reader, 'Environment', environments, 'where.environment'),
  ]);
  return { ...filter, repositories: inRepositories, environments: toEnvironments };
}

/** @throws StemmaError CURSOR_INVALID where the graph was rebuilt, which gives it another order */
function startOf(closure: Closure, { at, ref }: LineagePosition): number {
  const last = closure.nodes[at - 1];
  if (last !== undefined && refId(last.node) === ref) return at;
  throw new StemmaError(
    'CURSOR_INVALID',
    'The graph was rebuilt since the page before: begin again without the cursor.',
  );
}

export type LineageTotals = {
  readonly count: number;
  /** Most frequent first. */
  readonly byLabel: { readonly label: string; readonly count: number }[];
  /** Nearest first. */
  readonly byDepth: { readonly depth: number; readonly count: number }[];
};

export function totalsOf(counts: readonly LineageCount[]): LineageTotals {
  const byLabel = new Map<string, number>();
  const byDepth = new Map<number, number>();
  let all = 0;
  for (const { label, depth, count } of counts) {
    byLabel.set(label, (byLabel.get(label) ?? 0) + count);
    byDepth.set(depth, (byDepth.get(depth) ?? 0) + count);
    all += count;
  }
  return {
    count: all,
    byLabel: [...byLabel]
      .map(([label, count]) => ({ label, count }))
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1)),
    byDepth: [...byDepth]
      .map(([depth, count]) => ({ depth, count }))
      .sort((a, b) => a.depth - b.depth),
  };
}
