import { nearest } from '../model/nearest.ts';
import { packageName } from '../model/package-name.ts';
import { underOtherNames } from '../model/package-match.ts';
import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import { contentsOf, contentsReached } from './diff.ts';
import { sbomState } from './evidence.ts';
import { whatIsMissing } from './missing.ts';
import { keyOf, type GraphClaim, type GraphEdge, type Subgraph } from './subgraph.ts';
import { pathTo, type Reached } from './walk.ts';

/** What one claim says of two things: the first depends on the second, or contains it directly. */
export type Dependency = {
  readonly from: string;
  readonly to: string;
  readonly type: 'DEPENDS_ON' | 'CONTAINS';
  readonly claim: GraphClaim;
};

export type DependencyPath = {
  readonly claim: string;
  /** Whether the claim says through what the package came in. */
  readonly explained: boolean;
  /** From the thing that was asked about on. */
  readonly edges: readonly GraphEdge[];
};

export type DependencyPathsAnswer = {
  readonly packages: readonly string[];
  readonly paths: readonly DependencyPath[];
  readonly nearest: readonly string[];
  readonly complete: boolean;
};

/** Versions of a package inside of something: a package URL with or without version, or a name. */
export function packagesNamed(graph: Subgraph, root: string, text: string): string[] {
  const inside = packagesIn(graph, root);
  const purl = tryParsePurl(text.trim());
  if (purl === null) {
    const name = packageName(text);
    return inside.filter((id) => name !== '' && namesOf(graph, id).includes(name));
  }
  const wanted = [purl, ...underOtherNames(purl)];
  return inside.filter((id) => {
    const found = tryParsePurl(keyOf(id));
    return found !== null && wanted.some((one) => isMeant(one, found));
  });
}

/** Whether a package URL that was found is the one that was asked for, in which what is left out means any. */
function isMeant(asked: ParsedPurl, found: ParsedPurl): boolean {
  return (
    asked.packageKey === found.packageKey &&
    (asked.version === null || asked.version === found.version) &&
    Object.entries(asked.qualifiers).every(([name, value]) => found.qualifiers[name] === value)
  );
}

function packagesIn(graph: Subgraph, root: string): string[] {
  return [...contentsOf(graph, root)]
    .filter((id) => graph.labelOf(id) === 'PackageVersion' && id !== root)
    .sort();
}

function namesOf(graph: Subgraph, id: string): string[] {
  const name = graph.nodes.get(id)?.['name'];
  const purl = tryParsePurl(keyOf(id));
  return [...(typeof name === 'string' ? [name] : []), ...(purl === null ? [] : [purl.name])].map(
    packageName,
  );
}

/**
 * The ways from a thing to the packages: for each claim that something inside contains the package, the shortest one through each
 * direct dependency that leads there within the same claim. What a document says of its dependencies is true of its own subject only,
 * so no way goes on from one document in another.
 *
 * @param dependencies of every claim that some CONTAINS edge of the graph has
 */
export function dependencyPaths(
  graph: Subgraph,
  root: string,
  {
    text,
    dependencies,
    truncated,
  }: {
    readonly text: string;
    readonly dependencies: readonly Dependency[];
    readonly truncated: boolean;
  },
): DependencyPathsAnswer {
  const packages = packagesNamed(graph, root, text);
  const reached = contentsReached(graph, root);
  const byClaim = Map.groupBy(dependencies, ({ claim }) => claim.claim);
  const paths = packages.flatMap((target) => waysTo(graph, reached, target, byClaim));
  return {
    packages,
    paths: paths.sort(byLength),
    nearest: packages.length > 0 ? [] : nearest(nameIn(text), allNames(graph, root)),
    complete:
      !truncated &&
      (graph.labelOf(root) === 'Deployment'
        ? whatIsMissing(graph, 'Package', root) === null
        : sbomState(graph, root) === 'COMPLETE'),
  };
}

/**
 * The ways to one package: for each claim that something inside contains it, the shortest one through each direct dependency.
 *
 * @param reached what is inside of the thing, as contentsReached gives it
 * @param byClaim dependencies by their claims
 */
export function waysTo(
  graph: Subgraph,
  reached: Reached,
  target: string,
  byClaim: ReadonlyMap<string, readonly Dependency[]>,
): DependencyPath[] {
  const told = new Set<string>();
  return [...reached.keys()].flatMap((holder) =>
    graph.out(holder, 'CONTAINS').flatMap((edge) => {
      if (edge.to !== target) return [];
      const way = pathTo(reached, holder).reverse();
      return edge.claims.flatMap((claim): DependencyPath[] => {
        // a document lists its contents under each name of its subject: the nearest is enough
        if (told.has(claim.claim)) return [];
        told.add(claim.claim);
        const inside = waysInside(holder, target, byClaim.get(claim.claim) ?? []);
        if (inside.length === 0) {
          const edges = [...way, { ...edge, claims: [claim] }];
          return [{ claim: claim.claim, explained: false, edges }];
        }
        return inside.map((edges) => ({
          ...{ claim: claim.claim, explained: true },
          edges: [...way, ...edges],
        }));
      });
    }),
  );
}

/** Shortest first. */
export function byLength(a: DependencyPath, b: DependencyPath): number {
  return a.edges.length - b.edges.length || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** From what contains the target to it, through each direct dependency from which the target is reached; shortest ways. */
function waysInside(holder: string, target: string, own: readonly Dependency[]): GraphEdge[][] {
  const into = Map.groupBy(
    own.filter(({ type }) => type === 'DEPENDS_ON'),
    ({ to }) => to,
  );
  const next = new Map<string, Dependency | null>([[target, null]]);
  for (const at of next.keys()) {
    for (const dependency of into.get(at) ?? []) {
      if (!next.has(dependency.from)) next.set(dependency.from, dependency);
    }
  }
  return own.flatMap((direct) => {
    if (direct.type !== 'CONTAINS' || direct.from !== holder || !next.has(direct.to)) return [];
    const edges = [toEdge(direct)];
    for (let step = next.get(direct.to); step != null; step = next.get(step.to)) {
      edges.push(toEdge(step));
    }
    return [edges];
  });
}

function toEdge({ from, to, type, claim }: Dependency): GraphEdge {
  return { from, to, type, claims: [claim] };
}

/** Tells ways apart. */
export function nameOf({ claim, edges }: DependencyPath): string {
  return [claim, ...edges.map(({ from, to }) => `${from} ${to}`)].join(' ');
}

function nameIn(text: string): string {
  return tryParsePurl(text.trim())?.name ?? text;
}

function allNames(graph: Subgraph, root: string): string[] {
  return [...new Set(packagesIn(graph, root).map((id) => namesOf(graph, id)[0] ?? keyOf(id)))];
}
