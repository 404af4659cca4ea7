import { TRUST_LEVELS, type EdgeType, type Trust } from '../model/edge.ts';
import { NAME_ONLY_LABELS } from '../model/node.ts';
import { indexesOf, isIndex, manifestsOf, sbomsOf } from './evidence.ts';
import { since, type GraphEdge, type Subgraph } from './subgraph.ts';
import { resolutions } from './walk.ts';

export const GAP_KINDS = [
  'NOTHING_DEPLOYED',
  'TAG_UNRESOLVED',
  'FILE_UNKNOWN',
  'NO_BUILD',
  'NO_COMMIT',
  'NO_BUILDER',
  'NO_PROVENANCE',
  'UNSIGNED',
  'NO_SBOM',
  'UNRESOLVED',
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

/** Where a chain breaks: the thing, and the edge that it should have and has not. */
export type Gap = {
  readonly kind: GapKind;
  readonly at: string;
  /** Null where it is the thing itself that nobody has stated. */
  readonly missing: EdgeType | null;
};

/** What the evidence of one hop of the chain supports. */
export type Hop = {
  readonly artifact: string;
  /** SLSA build level that verified evidence supports, 0 to 3. */
  readonly level: number;
  /** Level that the evidence would support if it were believed. */
  readonly claimedLevel: number;
  /** Trust of the best evidence; null where there is none. */
  readonly trust: Trust | null;
  readonly reason: string;
};

export type Gaps = { readonly gaps: readonly Gap[]; readonly hops: readonly Hop[] };

export type GapOptions = {
  /** Look at what builds used as well, and what that was built from. */
  readonly materials: boolean;
};

/** Builders whose runs are isolated from those who start them and whose provenance these cannot forge. */
const HARDENED =
  /^https:\/\/(?:github\.com\/slsa-framework\/slsa-github-generator\/\.github\/workflows\/|cloudbuild\.googleapis\.com\/GoogleHostedWorker)/;

/** Where the chain from these deployments, artifacts or builds breaks, in the order in which it is walked. */
export function findGaps(graph: Subgraph, roots: readonly string[], options: GapOptions): Gaps {
  const gaps: Gap[] = [];
  const hops: Hop[] = [];
  const chain = new Set(roots);
  const report = (kind: GapKind, at: string, missing: EdgeType | null): void => {
    gaps.push({ kind, at, missing });
  };

  for (const id of chain) {
    if (!isStated(graph, id)) report('UNRESOLVED', id, null);
    const label: string = graph.labelOf(id);
    switch (label) {
      case 'Deployment':
        deployment(id);
        break;
      case 'Resource':
        resource(id);
        break;
      case 'Artifact':
        artifact(id);
        break;
      case 'PackageVersion':
        version(id);
        break;
      case 'Build':
        build(id);
        break;
      default:
    }
  }
  return { gaps, hops };

  function deployment(id: string): void {
    const deployed = graph.out(id, 'DEPLOYS');
    if (deployed.length === 0) report('NOTHING_DEPLOYED', id, 'DEPLOYS');
    for (const edge of deployed) next(edge);
  }

  function resource(id: string): void {
    if (graph.out(id, 'RESOLVED_TO').length === 0) report('TAG_UNRESOLVED', id, 'RESOLVED_TO');
    else if (roots.includes(id)) for (const { to } of resolutions(graph, id, null)) chain.add(to);
  }

  function version(id: string): void {
    const files = graph.out(id, 'PACKAGED_AS');
    const builds = graph.out(id, 'GENERATED_BY');
    for (const { to } of [...files, ...builds]) chain.add(to);
    // what a build used is often known by name alone, and that is no break of this chain, unless there are files to choose from
    const isRun = roots.includes(id) || graph.into(id, 'DEPLOYS').length > 0;
    const isAmbiguous =
      graph.into(id, 'DISTRIBUTION_OF').length + graph.out(id, 'MAY_BE_GENERATED_BY').length > 0;
    if (files.length + builds.length === 0 && (isRun || isAmbiguous)) {
      report('FILE_UNKNOWN', id, 'PACKAGED_AS');
    }
  }

  /** What an edge leads to; behind a tag, what it resolved to at that time. */
  function next(edge: GraphEdge): void {
    chain.add(edge.to);
    if (graph.labelOf(edge.to) !== 'Resource') return;
    for (const { to } of resolutions(graph, edge.to, since(edge))) chain.add(to);
  }

  function artifact(id: string): void {
    // another digest of the same file, or a manifest of an index, is spoken for together with it
    if (isSpokenFor(id)) return;
    const names = bearersOf(graph, id);
    const builds = names.flatMap((name) => graph.out(name, 'GENERATED_BY'));
    if (builds.length === 0) report('NO_BUILD', id, 'GENERATED_BY');
    const attestations = names.flatMap((name) => graph.into(name, 'ATTESTS'));
    if (attestations.length === 0) report('NO_PROVENANCE', id, 'ATTESTS');
    const described = [id, ...manifestsOf(graph, id)].some(
      (name) => sbomsOf(graph, name).length > 0,
    );
    if (!described) report('NO_SBOM', id, 'DESCRIBES');
    for (const { from } of attestations) {
      if (
        graph.out(from, 'SIGNED_BY').length === 0 &&
        !names.some((name) => graph.out(name, 'SIGNED_BY').length > 0)
      ) {
        report('UNSIGNED', from, 'SIGNED_BY');
      }
    }
    hops.push(hopOf(graph, id, builds, attestations));
    for (const { to } of builds) chain.add(to);
  }

  function isSpokenFor(id: string): boolean {
    return graph.aliases(id).some((name) => name !== id && before(name, id));
  }

  /** Whether `name` comes before `id` in the chain. */
  function before(name: string, id: string): boolean {
    for (const one of chain) {
      if (one === name) return true;
      if (one === id) return false;
    }
    return false;
  }

  function build(id: string): void {
    const commits = graph.out(id, 'BUILT_FROM');
    if (commits.length === 0) report('NO_COMMIT', id, 'BUILT_FROM');
    if (graph.out(id, 'RAN_ON').length === 0) report('NO_BUILDER', id, 'RAN_ON');
    for (const { to } of commits) chain.add(to);
    if (options.materials) for (const edge of graph.out(id, 'USED')) next(edge);
  }
}

function isStated(graph: Subgraph, id: string): boolean {
  const node = graph.nodes.get(id);
  // tags and alike are names: there is nothing to state of them but what they resolve to
  if (node === undefined || node.label === 'Resource') return true;
  return node['resolved'] === true || NAME_ONLY_LABELS.has(node.label);
}

/** Names under which evidence of an artifact is found: its digests, its manifests, and the indexes that list it. */
function bearersOf(graph: Subgraph, id: string): string[] {
  const names = graph.aliases(id);
  const indexes = isIndex(graph, id) ? [] : names.flatMap((name) => indexesOf(graph, name));
  return [...new Set([...names, ...names.flatMap((name) => manifestsOf(graph, name)), ...indexes])];
}

function hopOf(
  graph: Subgraph,
  artifact: string,
  builds: readonly GraphEdge[],
  attestations: readonly GraphEdge[],
): Hop {
  const provenance = attestations.filter(({ from }) => {
    const type = graph.nodes.get(from)?.['predicateType'];
    return typeof type === 'string' && type.startsWith('https://slsa.dev/provenance/');
  });
  if (provenance.length === 0) {
    const reason =
      attestations.length > 0
        ? 'There are attestations, but none of them is build provenance.'
        : builds.length > 0
          ? 'A build is reported, but no provenance attests it.'
          : 'Neither a build nor provenance is known.';
    return { artifact, level: 0, claimedLevel: 0, trust: bestTrust(attestations), reason };
  }
  const hardened = builds.some(({ to }) =>
    graph.out(to, 'RAN_ON').some((edge) => HARDENED.test(edge.to.slice('Builder:'.length))),
  );
  const signed = provenance.some(({ from }) => {
    const signatures = graph.nodes.get(from)?.['signatures'];
    return graph.out(from, 'SIGNED_BY').length > 0 || hasAny(signatures);
  });
  const claimedLevel = hardened && signed ? 3 : signed ? 2 : 1;
  const trust = bestTrust(provenance) ?? 'UNVERIFIED';
  const [level, reason] = supported(trust, hardened);
  return { artifact, level, claimedLevel: trust === 'INVALID' ? 0 : claimedLevel, trust, reason };
}

function hasAny(signatures: unknown): boolean {
  return Array.isArray(signatures) ? signatures.length > 0 : Number(signatures ?? 0) > 0;
}

function supported(trust: Trust, hardened: boolean): [level: number, reason: string] {
  switch (trust) {
    case 'INVALID':
      return [0, 'The provenance failed verification.'];
    case 'UNVERIFIED':
      return [0, 'Provenance is there, but nobody has verified it: its level is a claim.'];
    case 'SIGNED':
      return [1, 'The signature of the provenance is valid, but its signer is not trusted.'];
    case 'TRUSTED':
      return hardened
        ? [3, 'Signed by a trusted, hardened builder.']
        : [2, 'Signed by someone trusted; the builder is not known to be hardened.'];
  }
}

function bestTrust(edges: readonly GraphEdge[]): Trust | null {
  const ranks = edges.flatMap(({ claims }) =>
    claims.map(({ trust }) => TRUST_LEVELS.indexOf(trust)),
  );
  return ranks.length === 0 ? null : (TRUST_LEVELS[Math.max(...ranks)] ?? null);
}
