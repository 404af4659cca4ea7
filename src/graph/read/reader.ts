import type { Graph } from '../driver.ts';
import { createDefinitionReader, type DefinitionReader } from './definitions.ts';
import { createDependencyReader, type DependencyReader } from './dependencies.ts';
import { createEntityReader, type EntityReader } from './entities.ts';
import { createEventReader, type EventReader } from './events.ts';
import { createGateReader, type GateReader } from './gates.ts';
import { createLineageReader, type LineageReader } from '../lineage/lineage.ts';
import {
  createLatestReader,
  createListReader,
  type LatestReader,
  type ListReader,
} from './lists.ts';
import { createNameReader, type NameReader } from './names.ts';
import { createNeighborReader, type NeighborReader } from './neighbors.ts';
import { createPathReader, type PathReader } from '../lineage/paths.ts';
import { createSearchReader, type SearchReader } from './search.ts';
import type { Statements } from '../statement.ts';
import { createLifeReader, type LifeReader } from './subgraph-events.ts';
import { createSubgraphReader, type SubgraphReader } from './subgraph.ts';
import { createStatisticsReader, type StatisticsReader } from './statistics.ts';
import { createTypeReader, type TypeReader } from './types.ts';
import { createTimelineReader, type TimelineReader } from './timeline.ts';
import { createUnresolvedReader, type UnresolvedReader } from './unresolved.ts';
import { createEffectReader, type EffectReader } from './effects.ts';

/** Everything that is asked of the graph. Reads only, each with a time limit. */
export type Reader = EntityReader &
  EventReader &
  ListReader &
  LatestReader &
  NeighborReader &
  NameReader &
  LineageReader &
  PathReader &
  SubgraphReader &
  LifeReader &
  TimelineReader &
  SearchReader &
  StatisticsReader &
  UnresolvedReader &
  DependencyReader &
  EffectReader &
  GateReader &
  DefinitionReader &
  TypeReader;

export function createReader(
  graph: Pick<Graph, 'read' | 'stream'>,
  statements: Statements,
): Reader {
  return {
    ...createEntityReader(graph, statements),
    ...createEventReader(graph, statements),
    ...createListReader(graph, statements),
    ...createLatestReader(graph, statements),
    ...createNeighborReader(graph, statements),
    ...createNameReader(graph, statements),
    ...createLineageReader(graph, statements),
    ...createPathReader(graph, statements),
    ...createSubgraphReader(graph, statements),
    ...createLifeReader(graph, statements),
    ...createTimelineReader(graph, statements),
    ...createSearchReader(graph, statements),
    ...createStatisticsReader(graph, statements),
    ...createUnresolvedReader(graph, statements),
    ...createTypeReader(graph, statements),
    ...createDependencyReader(graph, statements),
    ...createEffectReader(graph, statements),
    ...createGateReader(graph, statements),
    ...createDefinitionReader(graph, statements),
  };
}
