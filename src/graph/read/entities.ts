import { NODE_LABELS, refId, type NodeRef } from '../../model/node.ts';
import { int, type Graph } from '../driver.ts';
import { toEntity, type EntityRecord } from './records.ts';
import type { Statements } from '../statement.ts';

export interface EntityReader {
  /** The nodes of these references that exist, by `Label:key`. One query. */
  byRefs(refs: readonly NodeRef[]): Promise<Map<string, EntityRecord>>;
  /** Commits whose id begins with `prefix`. */
  commitsByPrefix(prefix: string, limit: number): Promise<EntityRecord[]>;
  /** Artifacts whose digest begins with `prefix`. */
  artifactsByPrefix(prefix: string, limit: number): Promise<EntityRecord[]>;
  /** Package versions whose package URL begins with one of `prefixes`. */
  versionsByPrefix(prefixes: readonly string[], limit: number): Promise<EntityRecord[]>;
  /** Keys of the repositories that have a number (`host/number`), by number, sorted. One query. */
  repositoryNames(hostIds: readonly string[]): Promise<Map<string, string[]>>;
  /** Environments and services `…/name`, and deployments, builds, workflows and steps `…#name`. */
  byLocalName(name: string, limit: number): Promise<EntityRecord[]>;
}

export function createEntityReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): EntityReader {
  const byPrefix = async (name: string, prefix: string, limit: number) =>
    (await graph.read(statements.get(name), { prefix, limit: int(limit) })).map(toEntity);

  return {
    async byRefs(refs) {
      const parameters: Record<string, string[]> = {};
      for (const label of NODE_LABELS) parameters[label] = [];
      for (const { label, key } of refs) parameters[label]?.push(key);
      const rows = await graph.read(statements.get('lookup/nodes'), parameters);
      return new Map(rows.map(toEntity).map((entity) => [refId(entity), entity]));
    },
    commitsByPrefix: async (prefix, limit) => byPrefix('lookup/commits-by-prefix', prefix, limit),
    artifactsByPrefix: async (prefix, limit) =>
      byPrefix('lookup/artifacts-by-prefix', prefix, limit),
    async versionsByPrefix(prefixes, limit) {
      const parameters = { prefixes, limit: int(limit) };
      return (await graph.read(statements.get('lookup/versions-by-prefix'), parameters)).map(
        toEntity,
      );
    },
    async repositoryNames(hostIds) {
      const rows = await graph.read(statements.get('lookup/repository-names'), { hostIds });
      const names = Map.groupBy(rows, (row) => String(row.get('hostId')));
      return new Map(
        [...names].map(([hostId, found]) => [hostId, found.map((row) => String(row.get('key')))]),
      );
    },
    async byLocalName(name, limit) {
      const rows = await graph.read(statements.get('lookup/by-local-name'), {
        name: `/${name}`,
        id: `#${name}`,
        limit: int(limit),
      });
      return rows.map(toEntity);
    },
  };
}
