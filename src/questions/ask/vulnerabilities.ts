import type { EntityRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import { NAMING_TYPES } from '../../model/edge.ts';
import type { Moment } from '../../model/moment.ts';
import type { NodeLabel } from '../../model/node.ts';
import { gatherAdvisories } from '../gather/advisories.ts';
import { gatherDeployments } from '../gather/deployments.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { gatherAbove, gatherBelow } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import {
  judgeVulnerabilities,
  meantByAny,
  type JudgedVulnerabilities,
} from '../vulnerabilities.ts';
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

/** What deployments run, and what that is made of but for packages. */
const RUN: ReadonlySet<NodeLabel | undefined> = new Set<NodeLabel>([
  ...(['Deployment', 'Artifact', 'Resource'] as const),
]);

/**
 * What is known to be wrong with what is live in an environment or of a service, with a deployment, or with an artifact. Most of what is
 * inside of something has no advisory: what is inside is read by number first, and edges only on the ways to what an advisory may mean.
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
  await Promise.all([
    builder.beside([...above.keys()], { out: ['VERSION_OF'], into: ['DESCRIBES'] }),
    builder.load(),
  ]);
  await builder.load();
  const { follow, lost } = await gatherAdvisories(builder, [...above.keys()], readers);
  const said = await gathered(builder, follow);
  const numberOf = (id: string) => said.entity(id).internal;
  const starts = [...meantByAny(said.graph)].map(numberOf).filter((id) => above.has(id));
  const beside = said.graph.edges
    .filter(
      ({ type }) => type === 'MAY_BE_GENERATED_BY' || NAMING_TYPES.some((one) => one === type),
    )
    .map(({ from, to }) => [numberOf(from), numberOf(to)] as const);
  // what is run is known whether it is on a way or not
  const run = [...above.keys()].filter((id) => RUN.has(builder.get(id)?.label));
  await gatherBelow(builder, above, [...starts, ...run], beside);
  await builder.beside(ids, { out: ['TARGETS'], into: [] });
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
