import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId } from '../../model/node.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { withLabel } from '../gather/names.ts';
import { gatherOrigin } from '../gather/origin.ts';
import type { Readers } from '../gather/readers.ts';
import { originOf, type Origin } from '../origin.ts';

export type OriginAnswer = Gathered & Origin;

/** What deployments run and where that comes from: gathered once for all of them, in their order. */
export async function askOrigins(
  { reader }: Pick<Readers, 'reader'>,
  deployments: readonly EntityRecord[],
  at: Moment,
): Promise<OriginAnswer[]> {
  const builder = reader.subgraph(at);
  for (const deployment of deployments) builder.add(deployment);
  const ids = deployments.map(({ internal }) => internal);
  await gatherOrigin(builder, ids, false);
  const artifacts = await withLabel(builder, 'Artifact');
  await builder.beside(artifacts, { out: ['DISTRIBUTION_OF'], into: [] });
  const all = await gathered(builder);
  return deployments.map((deployment) => ({ ...all, ...originOf(all.graph, refId(deployment)) }));
}
