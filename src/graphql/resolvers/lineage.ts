import type { GraphQLResolveInfo } from 'graphql';
import { StemmaError } from '../../errors.ts';
import { MAX_DEPTH } from '../../graph/lineage-bounds.ts';
import {
  countsOf,
  type Closure,
  type LineageCount,
  type LineageFilter,
} from '../../graph/lineage.ts';
import type { LineageScope } from '../../graph/lineage-scope.ts';
import type { EntityRecord } from '../../graph/records.ts';
import { ALWAYS } from '../../model/edge.ts';
import { repositoryKey } from '../../model/keys.ts';
import { NOW } from '../../model/moment.ts';
import { refId } from '../../model/node.ts';
import type {
  ClaimResolvers,
  LineageEdgeResolvers,
  LineageResolvers,
  LineageTotals,
  QueryLineageArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import { completeness, pinOf } from '../completeness.ts';
import type { Context } from '../context.ts';
import { idOf, parseEntityId } from '../ids.ts';
import { checkNames, labelNamed } from '../known-names.ts';
import { toMoment } from '../moments.ts';
import type { LineageParent } from '../parents.ts';
import { fieldsBelow } from '../selection.ts';

/** The most nodes of one page. */
const MAX_NODES = 100_000;
/** What is known of every node without reading its properties. */
const BARE_FIELDS = new Set(['id', 'key', 'label', '__typename']);

type LineageArguments = RequireFields<QueryLineageArgs, 'limit' | 'throughHistory'>;
type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Where a page begins: within which answer, and behind what. */
type Position = { readonly known: number; readonly at: number; readonly ref: string };

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT, CURSOR_INVALID */
export async function readLineage(
  args: LineageArguments,
  context: Context,
  info: Info,
): Promise<LineageParent> {
  const { of, maxDepth, limit, after } = args;
  checkRange('limit', limit, MAX_NODES);
  if (typeof maxDepth === 'number') checkRange('maxDepth', maxDepth, MAX_DEPTH);
  const scope = scopeOf(args);
  const filter = filterOf(args);
  const want = wantOf(info);
  const [root] = await Promise.all([
    entityOf('of', of, context),
    checkNames(context.reader, 'Repository', listOf(filter.repository), 'where.repository'),
    checkNames(context.reader, 'Environment', listOf(filter.environment), 'where.environment'),
  ]);
  const paged = typeof after === 'string' || fieldsBelow(info).has('pageInfo');
  if (paged) return readPage(root, scope, filter, { limit, after: after ?? null }, want, context);
  const result = await context.reader.lineage(root, { ...scope, filter, limit, want });
  const counts = async () => context.reader.lineageCounts(root, scope, filter);
  return { ...result, counts, pageInfo: null };
}

/** One page of an answer that is the same for all of its pages. */
async function readPage(
  root: EntityRecord,
  asked: LineageScope,
  filter: LineageFilter,
  page: { readonly limit: number; readonly after: string | null },
  want: Parameters<Context['reader']['lineagePart']>[2],
  context: Context,
): Promise<LineageParent> {
  const { cursors, closures, reader } = context;
  const cursorScope = JSON.stringify(['lineage', refId(root), asked, filter]);
  const place = page.after === null ? null : (cursors.decode(cursorScope, page.after) as Position); // only positions are signed for it
  const at = asked.at ?? NOW;
  const pinned = place?.known ?? (at.known === NOW.known ? await pinOf(context) : null);
  const scope = { ...asked, at: { ...at, known: pinned ?? at.known } };
  const question = JSON.stringify([refId(root), scope, filter]);
  const closure = await closures.get(question, async () => reader.closure(root, scope, filter));
  const start = place === null ? 0 : startOf(closure, place);
  const end = start + page.limit;
  const part = await reader.lineagePart(closure, { start, end }, want);
  const more = closure.nodes.length > end;
  const cursorAt = (index: number): string | null => {
    const one = closure.nodes[index];
    if (one === undefined || part.nodes.length === 0) return null;
    const position: Position = { known: scope.at.known, at: index + 1, ref: refId(one.node) };
    return cursors.encode(cursorScope, position);
  };
  return {
    ...{ root, nodes: part.nodes },
    edges: () => Promise.resolve(part.edges),
    truncatedBy: () => Promise.resolve(more ? 'LIMIT' : closure.truncatedBy),
    counts: () => Promise.resolve(countsOf(closure.nodes)),
    pageInfo: {
      hasNextPage: more,
      hasPreviousPage: start > 0,
      startCursor: cursorAt(start),
      endCursor: cursorAt(start + part.nodes.length - 1),
    },
  };
}

/** @throws StemmaError CURSOR_INVALID where the graph was rebuilt, which gives it another order */
function startOf(closure: Closure, { at, ref }: Position): number {
  const last = closure.nodes[at - 1];
  if (last !== undefined && refId(last.node) === ref) return at;
  throw new StemmaError(
    'CURSOR_INVALID',
    'The graph was rebuilt since the page before: begin again without the cursor.',
  );
}

export const lineage: LineageResolvers = {
  completeness,
  edges: async (answer) => answer.edges(),
  truncatedBy: async (answer) => answer.truncatedBy(),
  truncated: async (answer) => (await answer.truncatedBy()) !== null,
  totals: async ({ counts }) => totalsOf(await counts()),
  pageInfo: ({ pageInfo }) => {
    if (pageInfo === null) throw new Error('nobody asked for the page info'); // readLineage looks
    return pageInfo;
  },
};

export const lineageEdge: LineageEdgeResolvers = {
  from: ({ from }) => idOf(from),
  to: ({ to }) => idOf(to),
  claims: ({ claims }, { first }) => claims.slice(0, first),
};

export const claim: ClaimResolvers = {
  validFrom: ({ validFrom }) => (validFrom === ALWAYS ? null : validFrom),
  // an identity is a source and an id, and a source has no white space; documents are known by their sha256
  evidence: async ({ claim: identity }, _, { loaders }) => {
    if (identity.includes(' ')) return loaders.event.load(identity);
    const [document, attestation] = await Promise.all(
      (['Document', 'Attestation'] as const).map(async (label) =>
        loaders.entity.load({ label, key: identity }),
      ),
    );
    return document ?? attestation ?? null;
  },
};

/** What a question may follow, from its arguments. */
export function scopeOf(
  args: Pick<
    LineageArguments,
    'direction' | 'maxDepth' | 'throughHistory' | 'edgeTypes' | 'asOf' | 'minTrust'
  >,
): LineageScope {
  const { direction, maxDepth, throughHistory, edgeTypes, asOf, minTrust } = args;
  return {
    direction,
    throughHistory,
    maxDepth: maxDepth ?? null,
    edgeTypes: edgeTypes ?? null,
    at: toMoment(asOf),
    ...(minTrust === null || minTrust === undefined ? {} : { minTrust }),
  };
}

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function entityOf(
  argument: string,
  id: string,
  { loaders }: Pick<Context, 'loaders'>,
): Promise<EntityRecord> {
  const entity = await loaders.entity.load(parseEntityId(id));
  if (entity !== null) return entity;
  throw new StemmaError('NOT_FOUND', `There is nothing with the global id '${id.slice(0, 80)}'.`, {
    details: { path: argument },
  });
}

/** @throws StemmaError BAD_USER_INPUT */
export function checkRange(name: string, value: number, most: number): void {
  if (value >= 1 && value <= most) return;
  throw new StemmaError('BAD_USER_INPUT', `'${name}' is ${value}: give 1 to ${most}.`, {
    details: { path: name, limit: most },
  });
}

function filterOf({ labels, where }: LineageArguments): LineageFilter {
  const { resolved, keyPrefix, repository, environment } = where ?? {};
  return {
    labels: labels?.map((text) => labelNamed(text, 'labels')) ?? null,
    resolved: resolved ?? null,
    keyPrefix: keyPrefix ?? null,
    repository: typeof repository === 'string' ? repositoryKey(repository) : null,
    environment: environment ?? null,
  };
}

function listOf(name: string | null | undefined): readonly string[] | null {
  return typeof name === 'string' ? [name] : null;
}

function wantOf(info: Info) {
  const node = [...fieldsBelow(info, 'nodes', 'node')];
  return {
    properties: node.some((field) => !BARE_FIELDS.has(field)),
    edges: fieldsBelow(info).has('edges'),
    claims: fieldsBelow(info, 'edges').has('claims'),
  };
}

function totalsOf(counts: readonly LineageCount[]): LineageTotals {
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
