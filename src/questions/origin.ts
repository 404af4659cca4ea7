import { tryParsePurl } from '../model/purl.ts';
import { ownThings } from './diff.ts';
import { runBy } from './evidence.ts';
import { keyOf, type Subgraph } from './subgraph.ts';

/** What a deployment runs, and who made that of what; ids are `Label:key`, each list in order. */
export type Origin = {
  readonly runs: readonly string[];
  readonly versions: readonly string[];
  readonly builds: readonly string[];
  readonly commits: readonly string[];
  readonly builders: readonly string[];
};

export function originOf(graph: Subgraph, deployment: string): Origin {
  const runs = runBy(graph, deployment);
  const own = ownThings(graph, deployment);
  // a package version of one file, and that file, are one thing
  for (const id of own) {
    for (const { to } of graph.out(id, 'PACKAGED_AS')) own.add(to);
    for (const { from } of graph.into(id, 'PACKAGED_AS')) own.add(from);
  }
  const builds = targets(graph, own, 'GENERATED_BY');
  const commits = targets(graph, builds, 'BUILT_FROM');
  for (const id of own) if (graph.labelOf(id) === 'Commit') commits.add(id);
  return {
    runs: [...runs].sort(),
    versions: versionsOf(graph, deployment, own),
    builds: [...builds].sort(),
    commits: [...commits].sort(),
    builders: [...targets(graph, builds, 'RAN_ON')].sort(),
  };
}

function targets(
  graph: Subgraph,
  ids: ReadonlySet<string>,
  type: 'GENERATED_BY' | 'BUILT_FROM' | 'RAN_ON',
): Set<string> {
  return new Set([...ids].flatMap((id) => graph.out(id, type).map(({ to }) => to)));
}

/** A version says more than the tag by which an image was asked for; of image package URLs the version is a digest. */
function versionsOf(graph: Subgraph, deployment: string, own: ReadonlySet<string>): string[] {
  const names = [...own].flatMap((id) => [
    ...(graph.labelOf(id) === 'PackageVersion' ? [id] : []),
    ...graph.out(id, 'DISTRIBUTION_OF').map(({ to }) => to),
  ]);
  const versions = names.flatMap((id) => {
    // of what is only referred to, the package URL alone tells it
    const version = graph.nodes.get(id)?.['version'] ?? tryParsePurl(keyOf(id))?.version;
    return typeof version === 'string' ? [version] : [];
  });
  const tags = graph
    .out(deployment, 'DEPLOYS')
    .flatMap(({ to }) => (graph.labelOf(to) === 'Resource' ? (tagOf(keyOf(to)) ?? []) : []));
  return [...new Set(versions.length > 0 ? versions : tags)].sort();
}

/** The tag in a reference to an image. */
function tagOf(resource: string): string | null {
  const purl = tryParsePurl(resource);
  if (purl !== null) return purl.qualifiers['tag'] ?? purl.version;
  return /\/[^/]*:([\w][\w.-]{0,127})$/.exec(resource)?.[1] ?? null;
}
