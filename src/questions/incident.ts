import { tryParsePurl } from '../model/purl.ts';
import { fullVersion } from '../model/version-equal.ts';
import { versionOrder } from '../model/version-order.ts';
import { isContent } from './diff.ts';
import { toFiles } from './distributions.ts';
import type { ImpactItem } from './impact-item.ts';
import type { JudgedImpact } from './impact.ts';
import { whatIsMissing } from './missing.ts';
import { keyOf, since, type Subgraph } from './subgraph.ts';
import { createLineage, walk, type Reached } from './walk.ts';

/** A deployment that has what an affected one needs. */
export type LiveFix = {
  /** `Deployment:key`. */
  readonly deployment: string;
  /** The version of the package that it has; null where the package is not in it. */
  readonly version: string | null;
  /** Whether it is of the same service. */
  readonly sameService: boolean;
};

export type Incident = {
  /**
   * Where a fix of an affected deployment runs, of the deployments that were judged: those that are proved not to be affected by what is in
   * them, and that have a later version of a package that affects this one, or are of its service and have no version of it. The same
   * service first.
   */
  readonly fixesOf: (item: ImpactItem) => LiveFix[];
};

export function createIncident(
  graph: Subgraph,
  { items, meant, matchesOf }: Pick<JudgedImpact, 'items' | 'meant' | 'matchesOf'>,
): Incident {
  const lineage = createLineage(graph, { history: false });
  const clean = new Set(
    items.flatMap(({ deployment, reason }) =>
      reason === 'SBOM_WITHOUT_MATCH' ? [deployment] : [],
    ),
  );
  const holding = new Map<string, ReadonlyMap<string, readonly string[]>>();
  /** Clean deployments → the versions of a package that they have. */
  const holdersOf = (pkg: string) => {
    let holders = holding.get(pkg);
    if (holders === undefined) {
      const found = new Map<string, string[]>();
      for (const { from: version } of graph.into(pkg, 'VERSION_OF')) {
        if (meant.certain.has(version) || meant.doubtful.has(version)) continue;
        for (const id of walk([version], (at) => lineage.down(at).filter(isContent)).keys()) {
          if (clean.has(id)) found.set(id, [...(found.get(id) ?? []), version]);
        }
      }
      holding.set(pkg, (holders = found));
    }
    return holders;
  };
  const ofService = Map.groupBy(clean, (deployment) => serviceOf(graph, deployment));
  return {
    fixesOf(item) {
      if (item.verdict !== 'AFFECTED') return [];
      const service = serviceOf(graph, item.deployment);
      const own = new Set(service === null ? [] : ofService.get(service));
      const fixes = new Map<string, LiveFix>();
      for (const match of matchesOf(item)) {
        for (const { to: pkg } of graph.out(match, 'VERSION_OF')) {
          const holders = holdersOf(pkg);
          for (const deployment of new Set([...own, ...holders.keys()])) {
            const versions = holders.get(deployment) ?? [];
            if (!versions.every((version) => isAbove(version, match))) continue;
            const [version = null] = versions;
            if (version === null && fixes.has(deployment)) continue;
            fixes.set(deployment, { deployment, version, sameService: own.has(deployment) });
          }
        }
      }
      return [...fixes.values()].sort(
        (a, b) =>
          Number(b.sameService) - Number(a.sameService) || (a.deployment < b.deployment ? -1 : 1),
      );
    },
  };
}

/** `Service:key`; null where the deployment states none. */
export function serviceOf(graph: Subgraph, deployment: string): string | null {
  const services = graph
    .out(deployment, 'TARGETS')
    .flatMap(({ to }) => (graph.labelOf(to) === 'Service' ? [to] : []));
  return services.sort()[0] ?? null;
}

/** Whether a package version comes after another one in the order of their ecosystem. */
function isAbove(version: string, other: string): boolean {
  const [a, b] = [tryParsePurl(keyOf(version)), tryParsePurl(keyOf(other))];
  const [one, two] = [a, b].map((purl) => (purl === null ? null : fullVersion(purl)));
  const order = a === null ? null : versionOrder(a.type);
  if (order === null || one == null || two == null) return false;
  return (order(one, two) ?? 0) > 0;
}

/** How something came into a service. */
export type Introduction = {
  /** `Deployment:key` of the earliest one that has it. */
  readonly deployment: string;
  /** When that was deployed, ms. */
  readonly at: number;
  /** Earlier deployments of the service of which nobody can tell whether they had it. */
  readonly unknownBefore: number;
};

/** The earliest deployment of a service that has something, of all that are in a graph; null where none has it. */
export function createIntroductions(
  graph: Subgraph,
): (service: string, match: string) => Introduction | null {
  const lineage = createLineage(graph, { history: false });
  const reached = new Map<string, Reached>();
  const holdersOf = (match: string): Reached => {
    const known =
      reached.get(match) ?? walk([match], (id) => [...lineage.down(id), ...toFiles(graph, id)]);
    reached.set(match, known);
    return known;
  };
  return (service, match) => {
    const holders = holdersOf(match);
    const deployments = graph
      .into(service, 'TARGETS')
      .map((edge) => ({ deployment: edge.from, at: since(edge) }))
      .sort((a, b) => a.at - b.at || (a.deployment < b.deployment ? -1 : 1));
    const place = deployments.findIndex(({ deployment }) => holders.has(deployment));
    const first = deployments[place];
    if (first === undefined) return null;
    const unknownBefore = deployments
      .slice(0, place)
      .filter(({ deployment }) => whatIsMissing(graph, 'Package', deployment) !== null).length;
    return { ...first, unknownBefore };
  };
}
