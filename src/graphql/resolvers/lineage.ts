import type { GraphQLResolveInfo } from 'graphql';
import { MAX_DEPTH } from '../../graph/lineage/bounds.ts';
import type { LineageFilter } from '../../graph/lineage/lineage.ts';
import type { LineageScope } from '../../graph/lineage/scope.ts';
import { ALWAYS } from '../../model/edge.ts';
import { repositoryKey } from '../../model/keys.ts';
import { refId } from '../../model/node.ts';
import {
  askLineage,
  askLineagePage,
  totalsOf,
  type LineagePosition,
  type LineageQuestion,
} from '../../questions/ask/lineage.ts';
import { labelNamed } from '../../questions/gather/known-names.ts';
import type {
  ClaimResolvers,
  LineageEdgeResolvers,
  LineageResolvers,
  QueryLineageArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import { checkRange, entityOf, toMoment } from '../arguments.ts';
import { completeness, pinOf } from '../completeness.ts';
import type { Context } from '../context.ts';
import { idOf } from '../ids.ts';
import type { LineageParent } from '../parents.ts';
import { fieldsBelow } from '../selection.ts';

/** The most nodes of one page. */
const MAX_NODES = 100_000;
/** What is known of every node without reading its properties. */
const BARE_FIELDS = new Set(['id', 'key', 'label', '__typename']);

type LineageArguments = RequireFields<QueryLineageArgs, 'limit' | 'throughHistory'>;
type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT, CURSOR_INVALID */
export async function readLineage(
  args: LineageArguments,
  context: Context,
  info: Info,
): Promise<LineageParent> {
  const { of, maxDepth, limit, after = null } = args;
  checkRange('limit', limit, MAX_NODES);
  if (typeof maxDepth === 'number') checkRange('maxDepth', maxDepth, MAX_DEPTH);
  const asked = { scope: await scopeOf(args, context), filter: filterOf(args), want: wantOf(info) };
  const question = { ...asked, root: await entityOf('of', of, context) };
  const paged = after !== null || fieldsBelow(info).has('pageInfo');
  if (paged) return readPage(question, { limit, after }, context);
  return { ...(await askLineage(context.reader, question, limit)), pageInfo: null };
}

async function readPage(
  question: LineageQuestion,
  { limit, after }: { readonly limit: number; readonly after: string | null },
  context: Context,
): Promise<LineageParent> {
  const { cursors, closures, reader } = context;
  const { root, scope, filter } = question;
  const name = JSON.stringify(['lineage', refId(root), scope, filter]);
  const position = after === null ? null : (cursors.decode(name, after) as LineagePosition); // only positions are signed for it
  const readers = { reader, closures, pin: async () => pinOf(context) };
  const page = await askLineagePage(readers, question, { limit, position });
  return {
    ...page,
    pageInfo: {
      hasNextPage: page.more,
      hasPreviousPage: position !== null,
      startCursor: page.start === null ? null : cursors.encode(name, page.start),
      endCursor: page.end === null ? null : cursors.encode(name, page.end),
    },
  };
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
export async function scopeOf(
  args: Pick<
    LineageArguments,
    'direction' | 'maxDepth' | 'throughHistory' | 'edgeTypes' | 'asOf' | 'minTrust'
  >,
  context: Context,
): Promise<LineageScope> {
  const { direction, maxDepth, throughHistory, edgeTypes, asOf, minTrust } = args;
  return {
    direction,
    throughHistory,
    maxDepth: maxDepth ?? null,
    edgeTypes: edgeTypes ?? null,
    at: await toMoment(asOf, context),
    ...(minTrust === null || minTrust === undefined ? {} : { minTrust }),
  };
}

function filterOf({ labels, where }: LineageArguments): LineageFilter {
  const { resolved, keyPrefix, repository, environment } = where ?? {};
  return {
    labels: labels?.map((text) => labelNamed(text, 'labels')) ?? null,
    resolved: resolved ?? null,
    keyPrefix: keyPrefix ?? null,
    repositories: typeof repository === 'string' ? [repositoryKey(repository)] : null,
    environments: typeof environment === 'string' ? [environment] : null,
  };
}

function wantOf(info: Info) {
  const node = [...fieldsBelow(info, 'nodes', 'node')];
  return {
    properties: node.some((field) => !BARE_FIELDS.has(field)),
    edges: fieldsBelow(info).has('edges'),
    claims: fieldsBelow(info, 'edges').has('claims'),
  };
}
