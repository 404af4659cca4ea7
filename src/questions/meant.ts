import {
  hasLooseNamespace,
  isDistributed,
  modulesOf,
  packageMatcher,
  sourceOf,
  type Match,
} from '../model/package-match.ts';
import { isNameOnly, packageName } from '../model/package-name.ts';
import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import { repackagedAs } from '../model/repackaged.ts';
import { mayBeSource } from '../model/source-packages.ts';
import { append, keyOf, type GraphEdge, type Subgraph } from './subgraph.ts';

/** Why it cannot be told whether something is meant. */
export type DoubtReason = 'VERSION_UNREADABLE' | 'NOT_COMPARABLE' | 'NAME_ONLY';

/** Something that may be meant. */
export type Doubt = {
  readonly edges: readonly GraphEdge[];
  readonly reason: DoubtReason;
  /** One sentence that names what was compared. */
  readonly detail: string;
};

/** What a question about an advisory, a package or a version of one is about, of all that the graph knows. */
export type Meant = {
  /** `Label:key` of what is meant, with the edges from it to what was asked about. */
  readonly certain: Map<string, readonly GraphEdge[]>;
  /** Likewise, of what may be meant. */
  readonly doubtful: Map<string, Doubt>;
  /** References that could not be followed, each as a sentence: whatever they mean may be anywhere. */
  readonly unresolved: readonly string[];
  /** Packages of distributions that may be sources, from which others are built. */
  readonly sources: readonly ParsedPurl[];
  /** Of an advisory: whether anybody says what it affects. */
  readonly stated: boolean;
};

/** Packages in a graph. */
export type Distributed = {
  /** By type and name. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
  /** Versions of packages, by type and name of the source that they are built from. */
  readonly built: ReadonlyMap<string, readonly string[]>;
};

export type OpenMeant = { -readonly [K in keyof Meant]: Meant[K] } & {
  /** Packages of distributions. */
  readonly distributed: () => Distributed;
  /** Components without an ecosystem, and versions of packages, by name. */
  readonly byName: () => ReadonlyMap<string, readonly string[]>;
  /** Notes what may be a source package. */
  readonly addSource: (purl: ParsedPurl) => void;
  /** Notes a reference that leads nowhere. */
  readonly miss: (id: string) => void;
};

export function createMeant(
  graph: Subgraph,
  lost: ReadonlyMap<string, string> = new Map(),
): OpenMeant {
  const unresolved = new Map<string, string>();
  const sources = new Map<string, ParsedPurl>();
  return {
    get sources() {
      return [...sources.values()];
    },
    addSource: (purl) => void sources.set(purl.purl, purl),
    certain: new Map(),
    doubtful: new Map(),
    get unresolved() {
      return [...unresolved.values()];
    },
    stated: false,
    byName: () => indexByName(graph),
    distributed: () => indexOfDistributions(graph),
    miss(id) {
      const why = lost.get(keyOf(id)) ?? 'it is not known here';
      unresolved.set(id, `the advisory refers to '${keyOf(id)}': ${why}`);
    },
  };
}

/** Every advisory of a question is compared with one graph, which is looked through once for all of them. */
function oncePerGraph<T>(make: (graph: Subgraph) => T): (graph: Subgraph) => T {
  const made = new WeakMap<Subgraph, { readonly value: T }>();
  return (graph) => {
    const known = made.get(graph) ?? { value: make(graph) };
    made.set(graph, known);
    return known.value;
  };
}

const indexByName = oncePerGraph((graph): ReadonlyMap<string, readonly string[]> => {
  const index = new Map<string, string[]>();
  for (const [id, node] of graph.nodes) {
    if (node.label !== 'PackageVersion') continue;
    const purl = tryParsePurl(node.key);
    const name = node['matchName'] ?? (purl === null ? null : matchNameOf(purl));
    if (typeof name === 'string') append(index, name, id);
  }
  return index;
});

export const indexOfDistributions = oncePerGraph((graph): Distributed => {
  const packages = new Map<string, string[]>();
  const built = new Map<string, string[]>();
  for (const [id, { label, key }] of graph.nodes) {
    if (label === 'PackageVersion') {
      const purl = builtOf(graph, id);
      const source = purl === null ? null : sourceOf(purl);
      if (purl === null || source === null) continue;
      append(built, distributedName({ ...purl, name: source.name }), id);
    } else if (label === 'Package') {
      const purl = tryParsePurl(key);
      if (purl !== null) append(packages, distributedName(purl), id);
    }
  }
  return { packages, built };
});

/** The package URL of a version, with its source as Syft writes it where only the component said so. */
function builtOf(graph: Subgraph, id: string): ParsedPurl | null {
  const purl = tryParsePurl(keyOf(id));
  const node = graph.nodes.get(id);
  const name = node?.['sourceName'];
  if (purl === null || typeof name !== 'string' || purl.qualifiers['upstream'] !== undefined)
    return purl;
  const version = node?.['sourceVersion'];
  const upstream = typeof version === 'string' ? `${name}@${version}` : name;
  return { ...purl, qualifiers: { ...purl.qualifiers, upstream } };
}

function distributedName({ type, name }: ParsedPurl): string {
  return `${type}/${name}`;
}

/** Of a node and the package URL of its version, whether it is meant; null where it states no version. */
export type IsMeant = (id: string, version: ParsedPurl | null) => Match;

export function stated(match: (version: ParsedPurl) => Match): IsMeant {
  return (id, version) =>
    version === null
      ? { result: 'UNKNOWN', reason: `${keyOf(id)} states no version` }
      : match(version);
}

/**
 * Compares what a distribution's package may be called elsewhere: in a namespace that says the same (`redhat`, `rhel`) or that one of
 * them leaves out; and the packages that are built from it. Of a Go package, the modules that it may be in.
 */
export function addNamesakes(
  graph: Subgraph,
  own: string,
  purl: ParsedPurl,
  isMeant: IsMeant,
  way: readonly GraphEdge[],
  meant: OpenMeant,
): void {
  if (purl.type === 'golang') addModules(graph, own, purl, isMeant, way, meant);
  if (!hasLooseNamespace(purl.type)) return;
  const index = meant.distributed();
  for (const { id, version, edges } of namesakesOf(graph, index, own, purl)) {
    settle(meant, id, [...edges, ...way], isMeant(id, version));
  }
  const built = index.built.get(distributedName(purl)) ?? [];
  for (const id of built) settle(meant, id, way, isMeant(id, builtOf(graph, id)));
  if (mayBeSource(purl, built.length > 0)) meant.addSource(purl);
}

/**
 * What may be built from the same code by somebody else, of whom nothing is said: `node-lodash` of Debian where an advisory is about npm's
 * `lodash`. Its fixes have versions of their own, so that no version of it is cleared or accused.
 *
 * @param isSpokenOf whether something is said of it, too
 */
export function addRepackaged(
  graph: Subgraph,
  purl: ParsedPurl,
  isSpokenOf: (other: ParsedPurl) => boolean,
  way: readonly GraphEdge[],
  meant: OpenMeant,
): void {
  const { packages, built } = meant.distributed();
  for (const [type, name] of repackagedAs(purl)) {
    const named = `${type}/${name}`;
    const versions = (packages.get(named) ?? []).flatMap((id) => [...versionsOf(graph, id)]);
    const ids = [...versions.map(({ id }) => id), ...(built.get(named) ?? [])];
    for (const id of ids) {
      const other = tryParsePurl(keyOf(id));
      if (other === null || meant.certain.has(id) || isSpokenOf(other)) continue;
      const detail = `'${other.purl}' may be built from the same code as '${purl.packageKey}', and nobody says whether it is affected`;
      doubt(meant, id, { edges: way, reason: 'NAME_ONLY', detail });
    }
  }
}

/** What a document lists itself is a module, and not a package of another one. */
function addModules(
  graph: Subgraph,
  own: string,
  purl: ParsedPurl,
  isMeant: IsMeant,
  way: readonly GraphEdge[],
  meant: OpenMeant,
): void {
  const isModule = graph
    .into(own, 'VERSION_OF')
    .some(({ from }) => graph.nodes.get(from)?.['resolved'] === true);
  if (isModule) return;
  for (const module of modulesOf(purl)) {
    for (const { id, version, edges } of versionsOf(graph, `Package:${module}`)) {
      settle(meant, id, [...edges, ...way], isMeant(id, version));
    }
  }
}

/** Versions of packages of a distribution that may be the same package under another namespace. */
export function* namesakesOf(
  graph: Subgraph,
  { packages }: Distributed,
  own: string,
  purl: ParsedPurl,
) {
  if (!hasLooseNamespace(purl.type)) return;
  const isNamesake = packageMatcher({ purl: { ...purl, version: null, qualifiers: {} } });
  for (const id of packages.get(distributedName(purl)) ?? []) {
    const namesake = tryParsePurl(keyOf(id));
    if (id === own || namesake === null || isNamesake(namesake).result === 'NO') continue;
    yield* versionsOf(graph, id);
  }
}

/** Packages of the name of a source, of whatever version. */
export function namedAs(graph: Subgraph, source: ParsedPurl): string[] {
  const index = indexOfDistributions(graph);
  return [...namesakesOf(graph, index, '', source)].map(({ id }) => id);
}

/** What a comparison came to. */
export function settle(
  meant: OpenMeant,
  id: string,
  edges: readonly GraphEdge[],
  match: Match,
  reason: DoubtReason = 'NOT_COMPARABLE',
): void {
  if (match.result === 'YES') {
    if (!meant.certain.has(id)) meant.certain.set(id, edges);
  } else if (match.result === 'UNKNOWN') {
    doubt(meant, id, { edges, reason, detail: match.reason });
  }
}

export function doubt(meant: OpenMeant, id: string, found: Doubt): void {
  if (!meant.doubtful.has(id)) meant.doubtful.set(id, found);
}

/** A fork or a patched copy of what is meant may have the same fault, or no more: nobody but its author knows. */
export function addDescendants(graph: Subgraph, meant: OpenMeant): void {
  const all = new Map<string, readonly GraphEdge[]>(meant.certain);
  for (const [id, { edges }] of meant.doubtful) if (!all.has(id)) all.set(id, edges);
  for (const [id, edges] of all) {
    const pkg = tryParsePurl(keyOf(id))?.packageKey;
    for (const edge of graph.into(id, 'DESCENDS_FROM')) {
      // a later version of one package was compared itself
      const isVersion = pkg !== undefined && tryParsePurl(keyOf(edge.from))?.packageKey === pkg;
      if (isVersion || meant.certain.has(edge.from)) continue;
      const detail = `'${keyOf(edge.from)}' is derived from '${keyOf(id)}', which the question is about`;
      doubt(meant, edge.from, { edges: [edge, ...edges], reason: 'NOT_COMPARABLE', detail });
    }
  }
}

/** Components that have the name of the package, and no package URL that says whether they are it. */
export function addNamed(
  graph: Subgraph,
  purl: ParsedPurl,
  way: readonly GraphEdge[],
  meant: OpenMeant,
): void {
  addSameName(graph, matchNameOf(purl), purl.packageKey, way, meant, purl);
}

export function addSameName(
  graph: Subgraph,
  name: string,
  what: string,
  way: readonly GraphEdge[],
  meant: OpenMeant,
  purl: ParsedPurl | null = null,
): void {
  for (const id of meant.byName().get(name) ?? []) {
    const node = graph.nodes.get(id);
    if (node === undefined || meant.certain.has(id)) continue;
    const component = tryParsePurl(node.key);
    // an ecosystem of its own, and another one: another package, whatever it is called
    const isLoose =
      node['matchName'] !== undefined ||
      purl === null ||
      isNameOnly(purl.type) ||
      component === null;
    const isVersionOfIt = component !== null && component.packageKey === purl?.packageKey;
    // what a distribution builds from a source is compared with the distribution's packages only
    const isOfAnother =
      component !== null &&
      isDistributed(component.type) &&
      purl !== null &&
      !isNameOnly(purl.type);
    if (!isLoose || isVersionOfIt || isOfAnother) continue;
    const called = textOf(node['name'], node['version']) ?? node.key;
    const detail = `'${called}' has the name of ${what}, and nothing else says whether it is the same`;
    doubt(meant, id, { edges: way, reason: 'NAME_ONLY', detail });
  }
}

/** Versions of a package in the graph; the package itself in the place of one where the component states none. */
export function* versionsOf(graph: Subgraph, pkg: string) {
  const whole = tryParsePurl(keyOf(pkg));
  for (const edge of graph.into(pkg, 'VERSION_OF')) {
    const purl = tryParsePurl(keyOf(edge.from)) ?? whole;
    yield { id: edge.from, version: purl, edges: [edge] };
  }
}

export function matchNameOf({ namespace, name }: ParsedPurl): string {
  return packageName(namespace === null ? name : `${namespace}/${name}`);
}

function textOf(...parts: readonly unknown[]): string | null {
  const texts = parts.filter((part) => typeof part === 'string');
  return texts.length === 0 ? null : texts.join(' ');
}
