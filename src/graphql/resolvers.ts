import type { Resolvers } from './__generated__/resolvers.ts';
import { entityTypes } from './resolvers/entity.ts';
import { event } from './resolvers/event.ts';
import { lineageEdge } from './resolvers/lineage.ts';
import { mutation } from './resolvers/mutation.ts';
import { query } from './resolvers/query.ts';

/** Every resolver; fields without one are read from the record of that name. */
export const resolvers: Resolvers = {
  Query: query,
  Mutation: mutation,
  ...entityTypes,
  Event: event,
  LineageEdge: lineageEdge,
  NeighborEdge: { claims: ({ claims }, { first }) => claims.slice(0, first) },
};
