import { StemmaError } from '../../errors.ts';
import type { EntityRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import type { EdgeType } from '../../model/edge.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { tryParsePurl } from '../../model/purl.ts';
import { parseRange, type VersionRange } from '../../model/version-range.ts';
import { vexIn } from '../advisory.ts';
import { gatherConcerned } from '../gather/advisories.ts';
import { gatherDeployments } from '../gather/deployments.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { gatherNames, withLabel } from '../gather/names.ts';
import { gatherPaths, gatherRun, gatherStarts } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { judge, type JudgedImpact } from '../impact.ts';
import { checkLabel } from './check-label.ts';

export type ImpactRequest = {
  readonly at: Moment;
  /** Walk from commit to commit as well. */
  readonly history: boolean;
  /** Of a package, only these versions, or those of a VERS range; null = all. */
  readonly versions: readonly string[] | null;
  readonly range: string | null;
  /** Keys, or names in any scope; null = all. */
  readonly environments: readonly string[] | null;
  /** Only deployments that were live at the moment. */
  readonly onlyLive: boolean;
};

export type ImpactAnswer = Gathered &
  JudgedImpact & {
    readonly root: EntityRecord;
    readonly at: Moment;
    /** Whether every deployment that was judged is live at the moment. */
    readonly onlyLive: boolean;
    /** Names of the advisory that was asked about; none where the question was about something else. */
    readonly names: readonly string[];
  };

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  ...(['Vulnerability', 'Package', 'PackageVersion', 'Artifact', 'Resource', 'Commit'] as const),
  ...(['Build', 'Builder', 'Identity', 'Attestation', 'Document'] as const),
]);

/**
 * Which deployments a thing reaches.
 *
 * @throws StemmaError NOT_FOUND, BAD_USER_INPUT
 */
export async function askImpact(
  readers: Readers,
  root: EntityRecord,
  request: ImpactRequest,
): Promise<ImpactAnswer> {
  checkLabel(root, ASKED_OF, 'of');
  return reach(readers, root, request);
}

/**
 * In which environments a commit, or one that has it in its history, is live.
 *
 * @throws StemmaError NOT_FOUND, BAD_USER_INPUT
 */
export async function askIsDeployed(
  readers: Readers,
  commit: EntityRecord,
  request: Pick<ImpactRequest, 'at' | 'environments'>,
): Promise<ImpactAnswer> {
  checkLabel(commit, new Set<NodeLabel>(['Commit']), 'commit');
  return reach(readers, commit, {
    ...request,
    ...{ history: true, versions: null, range: null, onlyLive: true },
  });
}

async function reach(
  readers: Readers,
  root: EntityRecord,
  request: ImpactRequest,
): Promise<ImpactAnswer> {
  const { at, history } = request;
  const versions = versionsOf(root, request);
  const builder = readers.reader.subgraph(at);
  const { ids, keys } = await gatherDeployments(builder, readers, at, request);
  const names = root.label === 'Vulnerability' ? await gatherAllNames(builder, root) : [];
  const { starts, follow, lost } =
    root.label === 'Vulnerability'
      ? await gatherConcerned(builder, names, readers)
      : { starts: await gatherStarts(builder, root), follow: undefined, lost: undefined };
  const reached = await gatherPaths(builder, root.label, starts, ids, history);
  // what is said of the deployments and of what they run
  const run = await gatherRun(builder, ids);
  const things = await withLabel(builder, 'Artifact', [...new Set([...reached, ...run])]);
  await gatherEvidence(builder, root.label, things);
  await builder.beside(ids, { out: ['TARGETS'], into: [] });
  const all = await gathered(builder, follow);
  const namesOfRoot = names.flatMap((id) => {
    const name = builder.get(id);
    return name === undefined ? [] : [refId(name)];
  });
  const judged = judge(all.graph, {
    root: refId(root),
    deployments: keys.map((key) => `Deployment:${key}`),
    history,
    versions,
    vex: vexIn(all.graph, namesOfRoot),
    ...(lost === undefined ? {} : { lost }),
    truncated: all.truncated,
  });
  return { ...all, ...judged, root, at, onlyLive: request.onlyLive, names: namesOfRoot };
}

async function gatherAllNames(builder: SubgraphBuilder, root: EntityRecord): Promise<number[]> {
  builder.add(root);
  return gatherNames(builder, [root.internal]);
}

/** Which versions of the root are meant; null = all. */
function versionsOf(
  root: EntityRecord,
  { versions, range }: Pick<ImpactRequest, 'versions' | 'range'>,
): VersionRange | null {
  if (versions === null && range === null) return null;
  const path = versions === null ? 'range' : 'versions';
  checkLabel(root, new Set<NodeLabel>(['Package']), path);
  if (range === null) return (version) => versions?.includes(version) ?? true;
  if (versions === null) return parseRange(tryParsePurl(root.key)?.type ?? '', range);
  throw new StemmaError(
    'BAD_USER_INPUT',
    "Versions can be asked for by 'versions' or by 'range', not by both: leave one of them out.",
    { details: { path: 'range' } },
  );
}

/** What shows that a thing has nothing to do with the root, by the root's label. */
async function gatherEvidence(
  builder: SubgraphBuilder,
  label: NodeLabel,
  things: readonly number[],
): Promise<void> {
  const into: EdgeType[] = ['DESCRIBES', 'ATTESTS'];
  await builder.beside(things, { out: ['SIGNED_BY'], into });
  if (label !== 'Builder' && label !== 'Commit' && label !== 'Build') return;
  const types: EdgeType[] = ['GENERATED_BY', 'BUILT_FROM'];
  const origin = await builder.walk(things, { direction: 'up', types, contents: false });
  const builds = await withLabel(builder, 'Build', [...origin]);
  await builder.beside(builds, { out: ['RAN_ON'], into: [] });
}
