import type { LineageReader } from '../../graph/lineage/lineage.ts';
import type { PathReader, PathsRequest, PathsResult } from '../../graph/lineage/paths.ts';
import type { EntityRecord } from '../../graph/read/records.ts';

export type PathsAnswer = PathsResult & {
  readonly from: EntityRecord;
  readonly to: EntityRecord;
  /** How far the question came; read where it is asked for. */
  readonly reach: () => Promise<{ readonly nodes: number; readonly depth: number }>;
};

/** The shortest paths between two things. */
export async function askPaths(
  reader: PathReader & Pick<LineageReader, 'lineageCounts'>,
  { from, to }: Pick<PathsAnswer, 'from' | 'to'>,
  request: PathsRequest,
): Promise<PathsAnswer> {
  const found = await reader.paths(from, to, request);
  return { from, to, ...found, reach: async () => reachOf(reader, from, request) };
}

async function reachOf(
  reader: Pick<LineageReader, 'lineageCounts'>,
  from: EntityRecord,
  request: PathsRequest,
): ReturnType<PathsAnswer['reach']> {
  const counts = await reader.lineageCounts(from, { ...request, maxDepth: null });
  return {
    nodes: counts.reduce((sum, { count }) => sum + count, 0),
    depth: counts.reduce((most, { depth }) => Math.max(most, depth), 0),
  };
}
