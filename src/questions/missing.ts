import type { NodeLabel } from '../model/node.ts';
import { runBy, sbomState, underAnyName } from './evidence.ts';
import type { ImpactReason } from './impact-item.ts';
import type { Subgraph } from './subgraph.ts';

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

/** Likewise, of one thing that is deployed. */
export function missingOf(graph: Subgraph, label: NodeLabel, thing: string): ImpactReason | null {
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

/** Whether it is in SBOMs, if anywhere, that a thing of this label would be found. */
export function restsOnSbom(label: NodeLabel): boolean {
  return [
    'Vulnerability',
    'Package',
    'PackageVersion',
    'Artifact',
    'Resource',
    'Document',
  ].includes(label);
}
