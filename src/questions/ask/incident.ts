import type { DependencyReader } from '../../graph/read/dependencies.ts';
import type { EntityRecord } from '../../graph/read/records.ts';
import { refId } from '../../model/node.ts';
import { byLength, waysTo, type Dependency, type DependencyPath } from '../dependency-paths.ts';
import { contentsReached } from '../diff.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { withLabel } from '../gather/names.ts';
import { gatherPaths, gatherRun } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { createIntroductions, type Introduction } from '../incident.ts';
import { createLineage, type Reached } from '../walk.ts';
import type { ImpactAnswer } from './impact.ts';

/** Something that is meant, as `Label:key`, and a deployment (`Deployment:key`) or a service (`Service:key`) that has it. */
export type Held = { readonly holder: string; readonly match: string };

/** The ways to something inside of a deployment, shortest first. */
export type Ways = Gathered & { readonly root: EntityRecord; readonly paths: DependencyPath[] };

/** Through which dependencies deployments have what is meant: read once for all of them, in their order. */
export async function askWays(
  { reader }: { readonly reader: Readers['reader'] & DependencyReader },
  answer: Pick<ImpactAnswer, keyof Gathered | 'at'>,
  asked: readonly Held[],
): Promise<Ways[]> {
  const { graph, at, truncated } = answer;
  const matches = [...new Set(asked.map(({ match }) => match))];
  const claims = matches.flatMap((match) =>
    graph.into(match, 'CONTAINS').flatMap((edge) => edge.claims.map(({ claim }) => claim)),
  );
  const numbers = matches.map((match) => answer.entity(match).internal);
  const found = await reader.dependents(numbers, [...new Set(claims)], at);
  const builder = reader.subgraph(at);
  builder.see(found.flatMap(({ from, to }) => [from, to]));
  const between = await gathered(builder);
  const idOf = (id: number): string => {
    const record = builder.get(id);
    if (record === undefined) throw new Error(`Node ${id} is not there any more.`);
    return refId(record);
  };
  const dependencies = found.map(({ from, to, ...rest }): Dependency => ({
    from: idOf(from),
    to: idOf(to),
    ...rest,
  }));
  const byClaim = Map.groupBy(dependencies, ({ claim }) => claim.claim);
  const entity = (id: string) => (graph.nodes.has(id) ? answer.entity(id) : between.entity(id));
  const lineage = createLineage(graph, { history: false });
  const reached = new Map<string, Reached>();
  for (const { holder } of asked) {
    if (!reached.has(holder)) reached.set(holder, contentsReached(graph, holder, lineage));
  }
  return asked.map(({ holder, match }) => ({
    ...{ graph, truncated, entity, root: answer.entity(holder) },
    paths: waysTo(graph, reached.get(holder) ?? new Map(), match, byClaim).sort(byLength),
  }));
}

/** What is known of how things came into services. */
export type Introductions = Gathered;

/** Which deployment brought something into a service: read once for all of them, in their order. */
export async function askIntroductions(
  { reader }: Pick<Readers, 'reader'>,
  answer: Pick<ImpactAnswer, keyof Gathered | 'at'>,
  asked: readonly Held[],
): Promise<{ readonly answer: Introductions; readonly item: Introduction | null }[]> {
  const builder = reader.subgraph(answer.at);
  const add = (ids: readonly string[]): number[] =>
    [...new Set(ids)].map((id) => {
      const record = answer.entity(id);
      builder.add(record);
      return record.internal;
    });
  const services = add(asked.map(({ holder }) => holder));
  const matches = add(asked.map(({ match }) => match));
  const deployments = [...(await builder.beside(services, { out: [], into: ['TARGETS'] }))];
  const reached = await gatherPaths(builder, 'PackageVersion', matches, deployments, false);
  const run = await gatherRun(builder, deployments);
  const things = await withLabel(builder, 'Artifact', [...new Set([...reached, ...run])]);
  await builder.beside(things, { out: [], into: ['DESCRIBES'] });
  const all = await gathered(builder);
  const introductionOf = createIntroductions(all.graph);
  return asked.map(({ holder, match }) => ({
    answer: all,
    item: all.truncated ? null : introductionOf(holder, match),
  }));
}
