import type { VersionRange } from '../model/version-range.ts';
import { meantByAdvisory, meantByPackage } from './advisory.ts';
import { isAboutVersions, toFiles, toNames, unsureOf } from './distributions.ts';
import { indexDoubt, isDisputed, runBy } from './evidence.ts';
import type { ImpactItem, ImpactReason, Verdict } from './impact-item.ts';
import { namedAs, type Meant } from './meant.ts';
import { restsOnSbom, whatIsMissing } from './missing.ts';
import { sourceDoubt } from './sources.ts';
import { namesOf, sources } from './starts.ts';
import { append, type GraphEdge, type Subgraph } from './subgraph.ts';
import { clears, latestVex, type Vex, type VexStatement } from './vex.ts';
import { createLineage, pathTo, walk, type Lineage, type Reached, type Step } from './walk.ts';

export type ImpactQuestion = {
  readonly root: string;
  /** Deployments that are to be judged. */
  readonly deployments: readonly string[];
  readonly history: boolean;
  /** Of a package, only these versions; null = all. */
  readonly versions?: VersionRange | null;
  readonly vex: readonly VexStatement[];
  /** Of an advisory: why a reference (by the key of its Resource) leads nowhere, as a sentence. */
  readonly lost?: ReadonlyMap<string, string>;
  /** Whether the graph is only part of what the root and the deployments lead to. */
  readonly truncated: boolean;
};

/** What a question says of one deployment after the other. */
export type Judge = {
  readonly meant: Meant;
  readonly itemOf: (deployment: string) => ImpactItem;
  /** Whether anything that is meant, or may be, is on a way to the deployment, cleared or not: else the verdict rests on evidence alone. */
  readonly isOnAWay: (deployment: string) => boolean;
  /**
   * All that is meant and reaches a deployment past what VEX clears, nearest first; of one of which it cannot be told, what may be meant.
   * Empty where nothing like that is on a way to it.
   */
  readonly matchesOf: (item: Pick<ImpactItem, 'deployment' | 'verdict'>) => string[];
};

export type JudgedImpact = Pick<Judge, 'meant' | 'matchesOf'> & {
  /** In the order in which the deployments were given. */
  readonly items: readonly ImpactItem[];
};

/** Which of the deployments the root reaches, which it does not, and of which that cannot be told. */
export function judge(graph: Subgraph, question: ImpactQuestion): JudgedImpact {
  const { root, history } = question;
  const lineage = createLineage(graph, { history, roots: [root] });
  const { itemOf, meant, matchesOf } = createJudge(graph, question, lineage);
  return { items: question.deployments.map(itemOf), meant, matchesOf };
}

/** @param lineage of the graph, with the root of the question as one of its roots */
export function createJudge(
  graph: Subgraph,
  question: Omit<ImpactQuestion, 'deployments'>,
  lineage: Lineage,
): Judge {
  const { root, truncated } = question;
  const label = graph.labelOf(root);
  const meant = meantBy(graph, question);
  const vex = latestVex(graph, label === 'Vulnerability' ? question.vex : []);
  const starts = new Map(meant.certain);
  for (const [product, { status }] of vex.everywhere) {
    if (status === 'affected' && graph.nodes.has(product) && !starts.has(product)) {
      starts.set(product, []);
    }
  }
  const doubts = new Map([...meant.doubtful].filter(([id]) => !starts.has(id)));
  const isCleared = (id: string): boolean => clearsAt(vex.everywhere.get(id)) && !vex.isScoped(id);
  const aboutVersions = isAboutVersions(label);
  const down = (id: string): readonly Step[] =>
    aboutVersions ? [...lineage.down(id), ...toFiles(graph, id)] : lineage.down(id);
  const isOpen = (id: string, { to }: Step): boolean =>
    !vex.isScoped(id) || !clearsAt(vex.lastWord(id, to));
  const uncleared = (id: string) => down(id).filter((step) => isOpen(id, step));
  const reached = walk([...starts.keys()], uncleared, isCleared);
  const perhaps = walk([...doubts.keys()], uncleared, isCleared);
  const unsure = unsureOf(graph, reached, aboutVersions);
  // whatever has the name inside may have the file inside; another file of the name is another one
  const holders = (id: string) =>
    [...lineage.down(id), ...toNames(graph, id)].filter((step) => isOpen(id, step));
  const holding = walk([...unsure.keys()], holders, isCleared);
  const ignoringVex = walk([...starts.keys(), ...doubts.keys()], down);
  const all = new Map([...starts, ...[...doubts].map(([id, { edges }]) => [id, edges] as const)]);
  const listings = lazy(() =>
    meant.sources.map((source) => ({
      source,
      holders: walk(namedAs(graph, source), lineage.down),
    })),
  );
  const unsourced = (deployment: string): string | null => {
    const things = [...runBy(graph, deployment)];
    const doubts = listings().flatMap(({ source, holders }) =>
      things.flatMap((thing) => sourceDoubt(graph, thing, source, (id) => holders.has(id)) ?? []),
    );
    return doubts[0] ?? null;
  };
  const item = (
    deployment: string,
    verdict: Verdict,
    reason: ImpactReason,
    more: Partial<ImpactItem> = {},
  ): ImpactItem => ({
    ...{ deployment, verdict, reason, path: [], detail: null, disputed: false, vex: null },
    ...more,
  });

  const itemOf = (deployment: string): ImpactItem => {
    if (reached.has(deployment)) {
      const path = withStart(pathTo(reached, deployment), deployment, starts);
      const disputed = path.some((edge) => isDisputed(graph, edge));
      return item(deployment, 'AFFECTED', 'REACHED', { path, disputed });
    }
    // neither another way past what VEX clears, nor what evidence there is, is known
    if (truncated) return item(deployment, 'UNKNOWN', 'TRUNCATED');

    const word = wordOnProduct(graph, deployment, vex);
    if (word !== null) {
      const found = ignoringVex.has(deployment) ? pathTo(ignoringVex, deployment) : null;
      const path = found === null ? [] : withStart(found, deployment, all);
      return item(deployment, 'NOT_AFFECTED', 'VEX', { path, vex: word });
    }
    if (perhaps.has(deployment)) {
      const found = pathTo(perhaps, deployment);
      const doubt = doubts.get(startOf(found, deployment, doubts) ?? '');
      const path = withStart(found, deployment, all);
      const { reason, detail } = doubt ?? { reason: 'NOT_COMPARABLE', detail: null };
      return item(deployment, 'UNKNOWN', reason, { path, detail });
    }
    if (holding.has(deployment)) {
      const found = pathTo(holding, deployment);
      const { edges = [], detail = null } =
        unsure.get(startOf(found, deployment, unsure) ?? '') ?? {};
      const path = withStart([...found, ...edges], deployment, starts);
      return item(deployment, 'UNKNOWN', 'FILE_UNKNOWN', { path, detail });
    }
    const [unresolved] = meant.unresolved;
    if (unresolved !== undefined) {
      return item(deployment, 'UNKNOWN', 'REFERENCE_UNRESOLVED', { detail: unresolved });
    }
    if (ignoringVex.has(deployment)) {
      const path = withStart(pathTo(ignoringVex, deployment), deployment, all);
      return item(deployment, 'NOT_AFFECTED', 'VEX', { path, vex: clearingOn(path, vex) });
    }
    if (!meant.stated) {
      return isWithdrawn(graph, root)
        ? item(deployment, 'NOT_AFFECTED', 'WITHDRAWN')
        : item(deployment, 'UNKNOWN', 'NOTHING_STATED');
    }
    const missing = whatIsMissing(graph, label, deployment);
    if (missing !== null) {
      const things = restsOnSbom(label) ? [...runBy(graph, deployment)] : [];
      const [detail = null] = things.flatMap((thing) => indexDoubt(graph, thing) ?? []);
      return item(deployment, 'UNKNOWN', missing, { detail });
    }
    if (!restsOnSbom(label)) return item(deployment, 'NOT_AFFECTED', 'ORIGIN_WITHOUT_MATCH');
    const bare = [...starts.keys()].find((id) => isBare(graph, id));
    if (bare !== undefined) {
      const key = bare.slice(bare.indexOf(':') + 1);
      const detail = `an SBOM lists packages, and no package is known that '${key}' is a file of`;
      return item(deployment, 'UNKNOWN', 'DIGEST_ONLY', { detail });
    }
    const detail = unsourced(deployment);
    if (detail !== null) return item(deployment, 'UNKNOWN', 'SOURCE_UNKNOWN', { detail });
    return item(deployment, 'NOT_AFFECTED', 'SBOM_WITHOUT_MATCH');
  };
  const upFrom = (from: Reached) => {
    const back = reversed(from, uncleared);
    return (deployment: string) => [...walk([deployment], back).keys()];
  };
  const sure = lazy(() => upFrom(reached));
  const unsettled = lazy(() => upFrom(perhaps));
  return {
    ...{ itemOf, meant },
    isOnAWay: (deployment) =>
      [reached, perhaps, holding, ignoringVex].some((found) => found.has(deployment)),
    matchesOf({ deployment, verdict }) {
      if (verdict === 'AFFECTED') return sure()(deployment).filter((id) => starts.has(id));
      if (verdict === 'NOT_AFFECTED' || !perhaps.has(deployment)) return [];
      return unsettled()(deployment).filter((id) => doubts.has(id));
    },
  };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** The steps that a walk took or could have taken, the other way round. */
function reversed(reached: Reached, next: (id: string) => readonly Step[]) {
  const back = new Map<string, Step[]>();
  for (const id of reached.keys()) {
    for (const { to, edges } of next(id)) {
      if (reached.has(to)) append(back, to, { to: id, edges });
    }
  }
  return (id: string): readonly Step[] => back.get(id) ?? [];
}

/** What the question means, of all that was gathered. */
function meantBy(
  graph: Subgraph,
  { root, versions = null, lost }: Pick<ImpactQuestion, 'root' | 'versions' | 'lost'>,
): Meant {
  const label: string = graph.labelOf(root);
  switch (label) {
    case 'Vulnerability':
      return meantByAdvisory(graph, namesOf(graph, root), lost);
    case 'Package':
    case 'PackageVersion':
      return meantByPackage(graph, root, versions);
    default:
      return {
        ...{ certain: sources(graph, root), doubtful: new Map(), unresolved: [] },
        ...{ sources: [], stated: true },
      };
  }
}

function clearsAt(statement: VexStatement | undefined): boolean {
  return statement !== undefined && clears(statement);
}

/** The statement that clears a deployment as a whole, or everything that it runs. */
function wordOnProduct(graph: Subgraph, deployment: string, vex: Vex): VexStatement | null {
  const own = vex.everywhere.get(deployment);
  if (own !== undefined && clears(own)) return own;
  const words = [...runBy(graph, deployment)].map((id) => vex.everywhere.get(id));
  return words.length > 0 && words.every(clearsAt) ? (words[0] ?? null) : null;
}

/** The statement that clears a way. */
function clearingOn(path: readonly GraphEdge[], vex: Vex): VexStatement | null {
  for (const { from, to } of path) {
    for (const word of [vex.lastWord(to, from), vex.everywhere.get(from), vex.everywhere.get(to)]) {
      if (word !== undefined && clears(word)) return word;
    }
  }
  return null;
}

/** Whether an advisory was withdrawn under all of its names that were ever stated. */
function isWithdrawn(graph: Subgraph, root: string): boolean {
  return graph.labelOf(root) === 'Vulnerability' && graph.nodes.get(root)?.['withdrawnAt'] != null;
}

/**
 * A file, or something without a digest, of which nobody says which package it belongs to: no SBOM would list it. An image's package URL
 * does not help: what runs may be one of its manifests, which has another digest.
 */
function isBare(graph: Subgraph, id: string): boolean {
  const label = graph.labelOf(id);
  if (label === 'Resource') return true;
  if (label !== 'Artifact') return false;
  const packages = graph
    .aliases(id)
    .flatMap((name) => graph.out(name, 'PACKAGED_AS', 'DISTRIBUTION_OF').map(({ to }) => to));
  return packages.every((version) => /^PackageVersion:pkg:(?:docker|oci)\//.test(version));
}

function withStart(
  path: readonly GraphEdge[],
  from: string,
  starts: ReadonlyMap<string, readonly GraphEdge[]>,
): GraphEdge[] {
  return [...path, ...(starts.get(startOf(path, from, starts) ?? '') ?? [])];
}

/** Where a way ends: identity hops may stand in either direction, so it is looked for at both ends of the last edge. */
function startOf(
  path: readonly GraphEdge[],
  from: string,
  starts: ReadonlyMap<string, unknown>,
): string | undefined {
  const last = path.at(-1);
  if (last === undefined) return from;
  return [last.to, last.from].find((id) => starts.has(id));
}
