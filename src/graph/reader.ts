import type { Graph } from './driver.ts';
import { createEntityReader, type EntityReader } from './entities.ts';
import { createEventReader, type EventReader } from './events.ts';
import { createLineageReader, type LineageReader } from './lineage.ts';
import { createListReader, type ListReader } from './lists.ts';
import { createNeighborReader, type NeighborReader } from './neighbors.ts';
import type { Statements } from './statement.ts';

/** Everything that is asked of the graph. Reads only, each with a time limit. */
export type Reader = EntityReader & EventReader & ListReader & NeighborReader & LineageReader;

export function createReader(graph: Pick<Graph, 'read'>, statements: Statements): Reader {
  return {
    ...createEntityReader(graph, statements),
    ...createEventReader(graph, statements),
    ...createListReader(graph, statements),
    ...createNeighborReader(graph, statements),
    ...createLineageReader(graph, statements),
  };
}
