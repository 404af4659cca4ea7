import { int, type Graph } from '../graph/driver.ts';
import type { EntityRecord } from '../graph/read/records.ts';
import type { Statements } from '../graph/statement.ts';
import type { Moment } from '../model/moment.ts';
import { refId } from '../model/node.ts';
import { foldNode } from './fold.ts';
import {
  createStandingReader,
  foldDeployment,
  type ClaimingEvent,
  type PastReader,
  type StandingReader,
} from './standing.ts';

export interface History extends StandingReader, PastReader {
  /** The node as it was; null where nothing had been heard of it. */
  entityAt(entity: EntityRecord, at: Moment): Promise<EntityRecord | null>;
}

/** Claims of one node whose events are looked at. */
const MAX_CLAIMS = 10_000;

/**
 * Nodes as they were. The graph holds the newest facets only, so the events that speak of a node are folded again with the same
 * handlers. They are found without an index of mentions: the log knows its subjects, and whoever states a facet of something else
 * (a build that names its artifact) also claims an edge at it, whose claim is the identity of the event, or of a document. What
 * documents that came in parts say of the components in them is left out.
 */
export function createHistory(graph: Pick<Graph, 'read'>, statements: Statements): History {
  return {
    ...createStandingReader(graph, statements),

    async entityAt(entity, at) {
      const rows = await graph.read(statements.get('history/events-about'), {
        id: int(entity.internal),
        ref: refId(entity),
        known: int(at.known),
        limit: int(MAX_CLAIMS),
      });
      const events = rows.map((row) => row.toObject() as ClaimingEvent); // as the header of the statement says
      const fold = entity.label === 'Deployment' ? foldDeployment : foldNode;
      const properties = fold(events, entity, at);
      const { label, key, internal } = entity;
      return properties === null ? null : { ...properties, label, key, internal };
    },
  };
}
