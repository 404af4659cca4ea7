import type { EntityRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import type { Moment } from '../../model/moment.ts';
import { type NodeLabel } from '../../model/node.ts';
import { gatherAdvisories } from '../gather/advisories.ts';
import { gatherDeployments } from '../gather/deployments.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { withLabel } from '../gather/names.ts';
import { gatherAbove } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { judgeVulnerabilities, type JudgedVulnerabilities } from '../vulnerabilities.ts';
import { checkLabel } from './check-label.ts';

export type VulnerabilitiesAnswer = Gathered &
  JudgedVulnerabilities & {
    readonly root: EntityRecord;
    readonly at: Moment;
    /** `Label:key` of all that was judged. */
    readonly subjects: readonly string[];
  };

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  ...(['Environment', 'Service', 'Deployment', 'Artifact'] as const),
]);

/**
 * What is known to be wrong with what is live in an environment or of a service, with a deployment, or with an artifact.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export async function askVulnerabilities(
  readers: Readers,
  root: EntityRecord,
  at: Moment,
): Promise<VulnerabilitiesAnswer> {
  checkLabel(root, ASKED_OF, 'of');
  const builder = readers.reader.subgraph(at);
  builder.add(root);
  const { ids, keys } = await gatherSubjects(builder, readers, root, at);
  const label = root.label === 'Artifact' ? 'Artifact' : 'Deployment';
  const subjects = keys.map((key) => `${label}:${key}`);
  const above = await gatherAbove(builder, ids);
  await builder.beside(above, { out: ['VERSION_OF'], into: [] });
  const things = await withLabel(builder, 'Artifact', above);
  await builder.beside(things, { out: [], into: ['DESCRIBES'] });
  await builder.beside(ids, { out: ['TARGETS'], into: [] });
  await builder.load();
  const { follow, lost } = await gatherAdvisories(builder, above, readers);
  const all = await gathered(builder, follow);
  const { truncated } = all;
  return {
    ...{ ...all, root, at, subjects },
    ...judgeVulnerabilities(all.graph, { subjects, lost, truncated }),
  };
}

/** Gathers what is judged, and returns the numbers and keys of it. */
async function gatherSubjects(
  builder: SubgraphBuilder,
  readers: Readers,
  { label, key, internal }: EntityRecord,
  at: Moment,
): Promise<{ readonly ids: number[]; readonly keys: string[] }> {
  if (label !== 'Environment' && label !== 'Service') return { ids: [internal], keys: [key] };
  const environments = label === 'Environment' ? [key] : null;
  const all = await gatherDeployments(builder, readers, at, { environments, onlyLive: true });
  if (label === 'Environment') return all;
  const own = all.ids
    .flatMap((id) => builder.get(id) ?? [])
    .filter(({ service }) => service === key);
  return { ids: own.map(({ internal: id }) => id), keys: own.map(({ key: own }) => own) };
}
