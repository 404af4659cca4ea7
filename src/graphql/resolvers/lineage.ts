import type { GraphQLResolveInfo } from 'graphql';
import { StemmaError } from '../../errors.ts';
import { MAX_DEPTH } from '../../graph/lineage-bounds.ts';
import type {
  LineageEdgeResolvers,
  QueryLineageArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { idOf, parseEntityId } from '../ids.ts';
import { fieldsBelow } from '../selection.ts';

/** The most nodes of one answer. */
const MAX_NODES = 100_000;
/** What is known of every node without reading its properties. */
const BARE_FIELDS = new Set(['id', 'key', 'label', '__typename']);

type LineageArguments = RequireFields<QueryLineageArgs, 'limit' | 'throughHistory'>;

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readLineage(
  { of, direction, maxDepth, limit, throughHistory }: LineageArguments,
  { loaders, reader }: Context,
  info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
) {
  checkRange('limit', limit, MAX_NODES);
  if (typeof maxDepth === 'number') checkRange('maxDepth', maxDepth, MAX_DEPTH);
  const root = await loaders.entity.load(parseEntityId(of));
  if (root === null) {
    throw new StemmaError(
      'NOT_FOUND',
      `There is nothing with the global id '${of.slice(0, 80)}'.`,
      {
        details: { path: 'of' },
      },
    );
  }
  const { truncatedBy, nodes, edges } = await reader.lineage(root, {
    ...{ direction, limit, throughHistory },
    maxDepth: maxDepth ?? null,
    want: {
      properties: [...fieldsBelow(info, 'nodes', 'node')].some((field) => !BARE_FIELDS.has(field)),
      edges: fieldsBelow(info).has('edges'),
      claims: fieldsBelow(info, 'edges').has('claims'),
    },
  });
  return { root, nodes, edges, truncatedBy, truncated: truncatedBy !== null };
}

export const lineageEdge: LineageEdgeResolvers = {
  from: ({ from }) => idOf(from),
  to: ({ to }) => idOf(to),
  claims: ({ claims }, { first }) => claims.slice(0, first),
};

function checkRange(name: string, value: number, most: number): void {
  if (value >= 1 && value <= most) return;
  throw new StemmaError('BAD_USER_INPUT', `'${name}' is ${value}: give 1 to ${most}.`, {
    details: { path: name, limit: most },
  });
}
