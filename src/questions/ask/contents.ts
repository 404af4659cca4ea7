import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { vexIn } from '../advisory.ts';
import { judgeContents, type Contents } from '../contents.ts';
import { gatherAdvisories } from '../gather/advisories.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { CONTENT_TYPES } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { checkLabel } from './check-label.ts';

export type ContentsAnswer = Gathered & Contents & { readonly root: EntityRecord };

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
]);

/**
 * What is inside of something, and what is known to be wrong with it.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export async function askContents(
  readers: Readers,
  root: EntityRecord,
  at: Moment,
): Promise<ContentsAnswer> {
  checkLabel(root, ASKED_OF, 'deployment');
  const builder = readers.reader.subgraph(at);
  builder.add(root);
  const types = CONTENT_TYPES;
  const inside = await builder.walk([root.internal], { direction: 'up', types, contents: true });
  const things = [...new Set([...inside, ...(await builder.names([...inside], true))])];
  await builder.beside(things, { out: ['VERSION_OF'], into: ['DESCRIBES'] });
  const followed = await gatherAdvisories(builder, things, readers);
  const all = await gathered(builder, followed.follow);
  const { truncated } = all;
  const judged = judgeContents(all.graph, {
    root: refId(root),
    vex: vexIn(all.graph, followed.names),
    truncated,
  });
  return { ...all, ...judged, root };
}
