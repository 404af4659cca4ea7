import type { DependencyReader } from '../../graph/read/dependencies.ts';
import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { checkIdentifier } from '../../model/text.ts';
import {
  dependencyPaths,
  type Dependency,
  type DependencyPathsAnswer as Judged,
} from '../dependency-paths.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { CONTENT_TYPES } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { checkLabel } from './check-label.ts';

export type DependencyPathsAnswer = Gathered & Judged & { readonly root: EntityRecord };

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
]);

/**
 * Through which dependencies a thing contains a package.
 *
 * @param text a package URL or a name
 * @throws StemmaError BAD_USER_INPUT
 */
export async function askDependencyPaths(
  { reader }: { readonly reader: Readers['reader'] & DependencyReader },
  root: EntityRecord,
  text: string,
  at: Moment,
): Promise<DependencyPathsAnswer> {
  checkIdentifier(text.trim(), 'package');
  checkLabel(root, ASKED_OF, 'of');
  const builder = reader.subgraph(at);
  builder.add(root);
  const walk = { direction: 'up', types: CONTENT_TYPES, contents: true } as const;
  const inside = [...(await builder.walk([root.internal], walk))];
  await builder.beside(inside, { out: [], into: ['DESCRIBES'] });
  const all = await gathered(builder);
  const claims = all.graph.edges.flatMap((edge) =>
    edge.type === 'CONTAINS' ? edge.claims.map(({ claim }) => claim) : [],
  );
  const found = await reader.dependencies(inside, [...new Set(claims)], at);
  const dependencies = found.flatMap(({ from, to, type, claim }): Dependency[] => {
    const [one, other] = [builder.get(from), builder.get(to)];
    if (one === undefined || other === undefined) return []; // outside of what was asked about
    return [{ from: refId(one), to: refId(other), type, claim }];
  });
  const { truncated } = all;
  const judged = dependencyPaths(all.graph, refId(root), { text, dependencies, truncated });
  return { ...all, ...judged, root };
}
