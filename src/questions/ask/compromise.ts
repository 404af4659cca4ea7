import { StemmaError } from '../../errors.ts';
import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { judgeCompromise, type Compromise } from '../compromise.ts';
import { gatherDeployments } from '../gather/deployments.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { withLabel } from '../gather/names.ts';
import { gatherDownstream, gatherStarts } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { checkLabel } from './check-label.ts';

export type CompromiseRequest = {
  readonly at: Moment;
  /** When the thing was in the wrong hands, ms: from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  /** Keys, or names in any scope; null = all. */
  readonly environments: readonly string[] | null;
  readonly onlyLive: boolean;
};

export type CompromiseAnswer = Gathered & Compromise & { readonly root: EntityRecord };

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Builder',
  'Identity',
  'PackageVersion',
  'Package',
  'Artifact',
  'Commit',
]);

/**
 * What a thing that was in the wrong hands for a time has tainted.
 *
 * @throws StemmaError NOT_FOUND, BAD_USER_INPUT
 */
export async function askCompromise(
  readers: Readers,
  root: EntityRecord,
  request: CompromiseRequest,
): Promise<CompromiseAnswer> {
  const { at, from, to } = request;
  checkLabel(root, ASKED_OF, 'of');
  if (from >= to) {
    throw new StemmaError('BAD_USER_INPUT', "'between.from' must be before 'between.to'.", {
      details: { path: 'between' },
    });
  }
  const builder = readers.reader.subgraph(at);
  const { keys } = await gatherDeployments(builder, readers, at, request);
  const starts = await gatherStarts(builder, root);
  const reached = await gatherDownstream(builder, starts, root.label === 'Commit');
  // who else built the same
  await builder.load();
  const built = reached.filter((id) => {
    const label = builder.get(id)?.label;
    return label === 'Artifact' || label === 'PackageVersion';
  });
  const types = ['GENERATED_BY'] as const;
  const origin = await builder.walk(built, { direction: 'up', types, contents: false });
  const builds = await withLabel(builder, 'Build', [...new Set([...origin, ...reached])]);
  await builder.beside(builds, { out: ['RAN_ON'], into: [] });
  const all = await gathered(builder);
  const judged = judgeCompromise(all.graph, {
    root: refId(root),
    ...{ from, to },
    deployments: keys.map((key) => `Deployment:${key}`),
    truncated: all.truncated,
  });
  return { ...all, ...judged, root };
}
