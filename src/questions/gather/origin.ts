import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import type { EdgeType } from '../../model/edge.ts';
import { withLabel } from './names.ts';

/** Gathers what is known of where things come from, and the evidence for it. */
export async function gatherOrigin(
  builder: SubgraphBuilder,
  roots: readonly number[],
  materials: boolean,
): Promise<void> {
  const types: EdgeType[] = [
    ...(['DEPLOYS', 'RESOLVED_TO', 'SAME_AS', 'PACKAGED_AS', 'CONTAINS'] as const),
    ...(['GENERATED_BY', 'BUILT_FROM'] as const),
    ...(materials ? (['USED'] as const) : []),
  ];
  const up = await builder.walk(roots, { direction: 'up', types, contents: false });
  const versions = await withLabel(builder, 'PackageVersion', [...up]);
  await builder.names(versions, true);
  await builder.beside(versions, { out: ['MAY_BE_GENERATED_BY'], into: [] });
  const artifacts = await withLabel(builder, 'Artifact', [...up]);
  // what is said of an image index is said of its manifests
  const indexes = await builder.walk(artifacts, {
    ...{ direction: 'down', contents: false },
    types: ['CONTAINS'],
  });
  const all = await builder.walk([...indexes], {
    ...{ direction: 'up', contents: false },
    types: ['GENERATED_BY', 'BUILT_FROM', 'SAME_AS'],
  });
  const things = await withLabel(builder, 'Artifact', [...all]);
  await builder.beside(things, { out: ['SIGNED_BY'], into: ['ATTESTS', 'DESCRIBES'] });
  const attestations = await withLabel(builder, 'Attestation');
  await builder.beside(attestations, { out: ['SIGNED_BY'], into: [] });
  const builds = await withLabel(builder, 'Build');
  await builder.beside(builds, { out: ['RAN_ON'], into: [] });
}
