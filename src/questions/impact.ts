import type { NodeLabel } from '../model/node.ts';
import { tryParsePurl } from '../model/purl.ts';
import type { VersionRange } from '../model/version-range.ts';
import { isComplete, runBy, sbomsOf, sbomState, underAnyName } from './evidence.ts';
import type { GraphEdge, Subgraph } from './subgraph.ts';
import { clears, latestVex, type Vex, type VexStatement } from './vex.ts';
import { createLineage, pathTo, walk } from './walk.ts';

export type ImpactReason =
  // affected
  | 'REACHED'
  // not affected
  | 'SBOM_WITHOUT_MATCH'
  | 'VEX'
  | 'ORIGIN_WITHOUT_MATCH'
  // unknown
  | 'VERSION_UNREADABLE'
  | 'TRUNCATED'
  | 'NOTHING_DEPLOYED'
  | 'UNRESOLVED'
  | 'NO_SBOM'
  | 'SBOM_INCOMPLETE'
  | 'NO_BUILD'
  | 'NO_BUILDER'
  | 'NO_COMMIT'
  | 'NO_SIGNATURE';

export type Verdict = 'AFFECTED' | 'NOT_AFFECTED' | 'UNKNOWN';

export type ImpactItem = {
  readonly deployment: string;
  readonly verdict: Verdict;
  readonly reason: ImpactReason;
  /** From the deployment to what was asked about; empty where there is none. */
  readonly path: readonly GraphEdge[];
  /** Of AFFECTED: another document about the same thing, which calls itself complete, does not list what this path rests on. */
  readonly disputed: boolean;
  /** Of NOT_AFFECTED by VEX: the statement. */
  readonly vex: VexStatement | null;
};

export type ImpactQuestion = {
  readonly root: string;
  /** Deployments that are to be judged. */
  readonly deployments: readonly string[];
  readonly history: boolean;
  /** Of a package, only these versions; null = all. */
  readonly versions?: VersionRange | null;
  readonly vex: readonly VexStatement[];
  /** Whether the graph is only part of what the root and the deployments lead to. */
  readonly truncated: boolean;
};

/** Which of the deployments the root reaches, which it does not, and of which that cannot be told. In the order given. */
export function judgeImpact(graph: Subgraph, question: ImpactQuestion): ImpactItem[] {
  const { root, history } = question;
  const lineage = createLineage(graph, { history, roots: [root] });
  const isMeant = question.versions ?? null;
  const first = sources(graph, root, (version) => isMeant === null || isMeant(version) === true);
  const unreadable: ReadonlyMap<string, GraphEdge[]> =
    isMeant === null ? new Map() : sources(graph, root, (version) => isMeant(version) === null);
  const isAdvisory = graph.labelOf(root) === 'Vulnerability';
  const vex: Vex = isAdvisory ? latestVex(graph, question.vex) : new Map();
  const starts = new Map(first);
  for (const [product, { status }] of vex) {
    if (status === 'affected' && graph.nodes.has(product) && !starts.has(product)) {
      starts.set(product, []);
    }
  }
  const cleared = (id: string): boolean => {
    const statement = vex.get(id);
    return statement !== undefined && clears(statement);
  };
  const reached = walk([...starts.keys()], lineage.down, cleared);
  const ignoringVex = vex.size === 0 ? reached : walk([...starts.keys()], lineage.down);
  const perhaps = walk([...unreadable.keys()], lineage.down);

  return question.deployments.map((deployment): ImpactItem => {
    if (reached.has(deployment)) {
      const path = withStart(pathTo(reached, deployment), deployment, starts);
      const disputed = path.some((edge) => isDisputed(graph, edge));
      return { deployment, verdict: 'AFFECTED', reason: 'REACHED', path, disputed, vex: null };
    }
    if (question.truncated) {
      // neither another way past what VEX clears, nor what evidence there is, is known
      const reason = 'TRUNCATED';
      return { deployment, verdict: 'UNKNOWN', reason, path: [], disputed: false, vex: null };
    }
    if (ignoringVex.has(deployment)) {
      const path = withStart(pathTo(ignoringVex, deployment), deployment, starts);
      const on = [...path.flatMap(({ from, to }) => [from, to]), deployment].find(cleared);
      const statement = vex.get(on ?? '') ?? null;
      return {
        ...{ deployment, path, disputed: false, vex: statement },
        ...{ verdict: 'NOT_AFFECTED', reason: 'VEX' },
      };
    }
    if (perhaps.has(deployment)) {
      const path = withStart(pathTo(perhaps, deployment), deployment, unreadable);
      const reason = 'VERSION_UNREADABLE';
      return { deployment, verdict: 'UNKNOWN', reason, path, disputed: false, vex: null };
    }
    const missing = whatIsMissing(graph, graph.labelOf(root), deployment);
    const reason =
      missing ?? (restsOnSbom(graph.labelOf(root)) ? 'SBOM_WITHOUT_MATCH' : 'ORIGIN_WITHOUT_MATCH');
    const verdict = missing === null ? 'NOT_AFFECTED' : 'UNKNOWN';
    return { deployment, verdict, reason, path: [], disputed: false, vex: null };
  });
}

/**
 * What walks begin at, with the edges between it and what was asked about: what an advisory (under any of its names) affects, the
 * versions of a package that are meant, the builds of a builder, what a signer signed.
 */
export function sources(
  graph: Subgraph,
  root: string,
  isMeant: (version: string) => boolean = () => true,
): Map<string, GraphEdge[]> {
  const found = new Map<string, GraphEdge[]>();
  const add = (id: string, edges: GraphEdge[]): void => {
    if (!found.has(id)) found.set(id, edges);
  };
  const label: string = graph.labelOf(root);
  switch (label) {
    case 'Vulnerability':
      for (const [name, names] of namesOf(graph, root)) {
        for (const edge of graph.out(name, 'AFFECTS')) add(edge.to, [edge, ...names]);
      }
      break;
    case 'Package':
      for (const edge of graph.into(root, 'VERSION_OF')) {
        const version = tryParsePurl(graph.nodes.get(edge.from)?.key ?? '')?.version ?? '';
        if (isMeant(version)) add(edge.from, [edge]);
      }
      break;
    case 'Builder':
      for (const edge of graph.into(root, 'RAN_ON')) add(edge.from, [edge]);
      break;
    case 'Attestation':
      for (const edge of graph.out(root, 'ATTESTS')) add(edge.to, [edge]);
      break;
    case 'Document':
      for (const edge of graph.out(root, 'DESCRIBES')) add(edge.to, [edge]);
      break;
    case 'Identity':
      for (const signed of graph.into(root, 'SIGNED_BY')) {
        if (graph.labelOf(signed.from) !== 'Attestation') add(signed.from, [signed]);
        for (const edge of graph.out(signed.from, 'ATTESTS')) add(edge.to, [edge, signed]);
      }
      break;
    default:
      add(root, []);
  }
  return found;
}

/** An advisory's names, each with the edges from it to the one that was asked about. */
function namesOf(graph: Subgraph, root: string): Map<string, GraphEdge[]> {
  const names = new Map<string, GraphEdge[]>([[root, []]]);
  for (const [name, edges] of names) {
    for (const edge of graph.out(name, 'SAME_AS')) {
      if (!names.has(edge.to)) names.set(edge.to, [edge, ...edges]);
    }
    for (const edge of graph.into(name, 'SAME_AS')) {
      if (!names.has(edge.from)) names.set(edge.from, [edge, ...edges]);
    }
  }
  return names;
}

function withStart(
  path: readonly GraphEdge[],
  from: string,
  starts: ReadonlyMap<string, GraphEdge[]>,
): GraphEdge[] {
  const ends = path.flatMap((edge) => [edge.to, edge.from]);
  // identity hops may stand in either direction, so the start is looked for at both ends of the last edge
  const start = path.length === 0 ? from : [...ends.slice(-2)].find((id) => starts.has(id));
  return [...path, ...(starts.get(start ?? '') ?? [])];
}

/** Whether complete documents about the same thing contradict each other on an edge. */
function isDisputed(graph: Subgraph, { from, type, claims }: GraphEdge): boolean {
  if (type !== 'CONTAINS') return false;
  const saying = new Set(claims.map(({ claim }) => claim));
  const documents = sbomsOf(graph, from).map((id) => ({
    id,
    sha256: id.slice('Document:'.length),
  }));
  return (
    documents.some(({ sha256 }) => saying.has(sha256)) &&
    documents.some(({ id, sha256 }) => !saying.has(sha256) && isComplete(graph, id))
  );
}

function restsOnSbom(label: NodeLabel): boolean {
  return [
    'Vulnerability',
    'Package',
    'PackageVersion',
    'Artifact',
    'Resource',
    'Document',
  ].includes(label);
}

/** Why it cannot be told that a deployment has nothing to do with a thing of this label; null where it can. */
export function whatIsMissing(
  graph: Subgraph,
  label: NodeLabel,
  deployment: string,
): ImpactReason | null {
  const things = [...runBy(graph, deployment)];
  if (things.length === 0) return 'NOTHING_DEPLOYED';
  for (const thing of things) {
    const missing = missingOf(graph, label, thing);
    if (missing !== null) return missing;
  }
  return null;
}

function missingOf(graph: Subgraph, label: NodeLabel, thing: string): ImpactReason | null {
  if (graph.labelOf(thing) === 'Resource') return 'UNRESOLVED';
  if (restsOnSbom(label)) {
    const state = sbomState(graph, thing);
    if (state === 'COMPLETE') return null;
    return state === 'INCOMPLETE' ? 'SBOM_INCOMPLETE' : 'NO_SBOM';
  }
  if (label === 'Identity' || label === 'Attestation') {
    const signed = underAnyName(
      ...([graph, thing] as const),
      (id) => graph.into(id, 'ATTESTS').length > 0 || graph.out(id, 'SIGNED_BY').length > 0,
    );
    return signed ? null : 'NO_SIGNATURE';
  }
  if (graph.labelOf(thing) === 'Commit') return label === 'Commit' ? null : 'NO_BUILD';
  const builds = graph
    .aliases(thing)
    .flatMap((id) => graph.out(id, 'GENERATED_BY').map(({ to }) => to));
  if (builds.length === 0) return 'NO_BUILD';
  if (label === 'Builder') {
    return builds.every((build) => graph.out(build, 'RAN_ON').length > 0) ? null : 'NO_BUILDER';
  }
  if (label === 'Commit') {
    return builds.every((build) => graph.out(build, 'BUILT_FROM').length > 0) ? null : 'NO_COMMIT';
  }
  return null;
}

export type ImpactGroup = {
  readonly environment: string | null;
  readonly service: string | null;
  readonly affected: number;
  readonly notAffected: number;
  readonly unknown: number;
  /** One affected deployment of the group, with its proving path. */
  readonly example: ImpactItem | null;
};

/** The items by environment and service, worst first. */
export function groupImpact(graph: Subgraph, items: readonly ImpactItem[]): ImpactGroup[] {
  const target = (deployment: string, label: NodeLabel) =>
    graph
      .out(deployment, 'TARGETS')
      .map(({ to }) => to)
      .filter((id) => graph.labelOf(id) === label)
      .sort()[0] ?? null;
  const groups = Map.groupBy(items, ({ deployment }) =>
    JSON.stringify([target(deployment, 'Environment'), target(deployment, 'Service')]),
  );
  const count = (own: readonly ImpactItem[], verdict: Verdict) =>
    own.filter((item) => item.verdict === verdict).length;
  return [...groups]
    .map(([key, own]): ImpactGroup => {
      const [environment, service] = JSON.parse(key) as [string | null, string | null]; // written above
      return {
        ...{ environment, service },
        affected: count(own, 'AFFECTED'),
        notAffected: count(own, 'NOT_AFFECTED'),
        unknown: count(own, 'UNKNOWN'),
        example: own.find(({ verdict }) => verdict === 'AFFECTED') ?? null,
      };
    })
    .sort(
      (a, b) =>
        b.affected - a.affected ||
        b.unknown - a.unknown ||
        compare(a.environment, b.environment) ||
        compare(a.service, b.service),
    );
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
