import { minimumCut } from './cut.ts';
import { sources as sourcesOf } from './starts.ts';
import { append, since, type GraphEdge, type Subgraph } from './subgraph.ts';
import { createLineage, pathTo, walk, type Lineage, type Step } from './walk.ts';

export type CompromiseQuestion = {
  readonly root: string;
  /** When the root was bad: from (inclusive) to (exclusive), ms. */
  readonly from: number;
  readonly to: number;
  /** Deployments that are to be judged. */
  readonly deployments: readonly string[];
  /** Whether the graph is only part of what the root leads to. */
  readonly truncated: boolean;
};

export type TaintedDeployment = {
  readonly deployment: string;
  /** From the deployment to what was bad. */
  readonly path: readonly GraphEdge[];
  /** Everything bad in it was built again, from clean inputs and on another builder, with the same result. */
  readonly cleanRebuild: boolean;
};

export type Compromise = {
  readonly tainted: readonly TaintedDeployment[];
  /** A set of artifacts which, rebuilt cleanly, clears every tainted deployment that can be cleared so. */
  readonly rebuild: readonly string[];
  /** Whether no smaller set does, and nothing else has to be rebuilt. */
  readonly exact: boolean;
  /** Tainted deployments that no rebuilding of an artifact clears. */
  readonly notCleared: readonly string[];
};

/** With so many candidates every set is tried, where the cut alone cannot prove that it is smallest. */
const TRY_ALL = 12;

/** What a builder, signer, package version, artifact or commit that was bad for a while has tainted. */
export function judgeCompromise(graph: Subgraph, question: CompromiseQuestion): Compromise {
  const model = createTaint(graph, question);
  const tainted = model.spread(new Set());
  const plain = walk(model.starts, model.lineage.down);
  const reached = question.deployments.filter((id) => plain.has(id));
  const dirty = reached.filter((id) => tainted.has(id));
  const deployments = reached.map((deployment): TaintedDeployment => ({
    deployment,
    path: pathTo(plain, deployment),
    cleanRebuild: !tainted.has(deployment),
  }));

  const { fileOf } = model;
  const isArtifact = (id: string) => graph.labelOf(id) === 'Artifact';
  const candidates = [...new Set([...tainted].filter(isArtifact).map(fileOf))];
  const cut = minimumCut({
    sources: model.starts.filter((id) => tainted.has(id)).map(fileOf),
    targets: dirty,
    next: (id) =>
      (isArtifact(id) ? graph.aliases(id) : [id])
        .flatMap((name) => model.lineage.down(name).map(({ to }) => to))
        .filter((to) => tainted.has(to))
        .map(fileOf),
    cuttable: isArtifact,
  });
  const wanted = dirty.filter((id) => !cut.uncuttable.includes(id));
  const clearsAll = (set: ReadonlySet<string>): boolean => {
    const left = model.spread(set);
    return !wanted.some((id) => left.has(id));
  };
  // where an artifact has several independent builds it is enough to clean one of them, which a cut does not know
  const provable = ![...tainted].some((id) => model.hasAlternatives(id));
  const smaller =
    provable || candidates.length > TRY_ALL
      ? null
      : smallest(candidates.sort(), cut.nodes.length - 1, clearsAll);
  return {
    tainted: deployments,
    rebuild: smaller ?? cut.nodes,
    exact: !question.truncated && (provable || candidates.length <= TRY_ALL),
    notCleared: cut.uncuttable,
  };
}

/** The first of the smallest sets of at most `most` candidates that passes, or null. */
function smallest(
  candidates: readonly string[],
  most: number,
  passes: (set: ReadonlySet<string>) => boolean,
): string[] | null {
  for (let size = 0; size <= most; size += 1) {
    for (const set of subsets(candidates, size)) if (passes(new Set(set))) return set;
  }
  return null;
}

function* subsets(items: readonly string[], size: number, at = 0): Generator<string[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = at; first <= items.length - size; first += 1) {
    for (const rest of subsets(items, size - 1, first + 1)) yield [items[first] ?? '', ...rest];
  }
}

type Taint = {
  readonly starts: readonly string[];
  readonly lineage: Lineage;
  /** The one of an artifact's digests that stands for the file. */
  readonly fileOf: (id: string) => string;
  /** Everything that is tainted once the given artifacts are rebuilt cleanly. */
  spread(rebuilt: ReadonlySet<string>): Set<string>;
  /** Whether an artifact comes from several builds on different builders. */
  hasAlternatives(artifact: string): boolean;
};

function createTaint(graph: Subgraph, question: CompromiseQuestion): Taint {
  const { root, from, to, truncated } = question;
  const lineage = createLineage(graph, { history: graph.labelOf(root) === 'Commit' });
  const inTime = (time: number) => from <= time && time < to;
  const starts = startsOf(graph, root, inTime, lineage);

  const buildersOf = (build: string) => graph.out(build, 'RAN_ON').map((edge) => edge.to);
  const buildsOf = (artifact: string) =>
    graph.aliases(artifact).flatMap((id) => graph.out(id, 'GENERATED_BY').map((edge) => edge.to));
  /** Builds of the artifact that share no builder with this one, on known builders. */
  const independentOf = (artifact: string, build: string): string[] => {
    const own = new Set(buildersOf(build));
    // in part of a graph no build is known to be clean
    if (truncated || own.size === 0) return [];
    return buildsOf(artifact).filter((other) => {
      const builders = buildersOf(other);
      return builders.length > 0 && builders.every((one) => !own.has(one) && one !== root);
    });
  };

  const fileOf = (id: string): string =>
    graph.labelOf(id) === 'Artifact' ? (graph.aliases(id).sort()[0] ?? id) : id;
  const comesFrom = (step: Step): boolean => step.edges[0]?.type === 'GENERATED_BY';

  return {
    starts,
    lineage,
    fileOf,
    spread(rebuilt) {
      const isRebuilt = (id: string) => rebuilt.size > 0 && rebuilt.has(fileOf(id));
      const tainted = new Set(starts.filter((id) => !isRebuilt(id)));
      /** Build → artifacts that it would taint, were there no clean build of them. */
      const waiting = new Map<string, string[]>();
      for (const id of tainted) {
        for (const step of lineage.down(id)) {
          if (tainted.has(step.to) || isRebuilt(step.to)) continue;
          const clean = comesFrom(step)
            ? independentOf(step.to, id).find((build) => !tainted.has(build))
            : undefined;
          if (clean === undefined) tainted.add(step.to);
          else append(waiting, clean, id);
        }
        // what had stood on this build as a clean one is looked at again
        for (const again of waiting.get(id) ?? []) {
          if (tainted.delete(again)) tainted.add(again);
        }
        waiting.delete(id);
      }
      return tainted;
    },
    hasAlternatives: (artifact) =>
      buildsOf(artifact).some((build) => independentOf(artifact, build).length > 0),
  };
}

/** What was made, signed or used while the root was bad. */
function startsOf(
  graph: Subgraph,
  root: string,
  inTime: (time: number) => boolean,
  lineage: Lineage,
): string[] {
  const found = new Set<string>();
  const label: string = graph.labelOf(root);
  switch (label) {
    case 'Builder':
      for (const edge of graph.into(root, 'RAN_ON')) {
        if (inTime(timeOf(graph, edge.from) ?? since(edge))) found.add(edge.from);
      }
      break;
    case 'Identity':
      for (const signed of graph.into(root, 'SIGNED_BY')) {
        if (!inTime(since(signed))) continue;
        if (graph.labelOf(signed.from) === 'Artifact') found.add(signed.from);
        for (const { to } of graph.out(signed.from, 'ATTESTS')) found.add(to);
      }
      break;
    case 'Commit':
      for (const [id] of walk([root], (at) => lineage.down(at).filter(isHistory))) {
        for (const edge of graph.into(id, 'BUILT_FROM')) {
          if (inTime(timeOf(graph, edge.from) ?? since(edge))) found.add(edge.from);
        }
        for (const edge of graph.into(id, 'DEPLOYS')) if (inTime(since(edge))) found.add(edge.from);
      }
      break;
    default:
      // a version that was bad for a while taints what took it in at that time
      for (const [id] of sourcesOf(graph, root)) {
        for (const step of lineage.down(id)) {
          const [edge] = step.edges;
          if (edge === undefined) continue;
          const time = graph.labelOf(step.to) === 'Build' ? timeOf(graph, step.to) : null;
          if (inTime(time ?? since(edge))) found.add(step.to);
        }
      }
  }
  return [...found];
}

function isHistory({ edges }: Step): boolean {
  return edges[0]?.type === 'PARENT';
}

/** When a build ran. */
function timeOf(graph: Subgraph, build: string): number | null {
  const node = graph.nodes.get(build);
  const time = node?.['startedAt'] ?? node?.['finishedAt'] ?? node?.['queuedAt'];
  return typeof time === 'number' ? time : null;
}
