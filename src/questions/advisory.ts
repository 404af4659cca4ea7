import { parseConcern, type Concern } from '../model/concern.ts';
import { matchPackage, type Match } from '../model/package-match.ts';
import { isNameOnly, packageName } from '../model/package-name.ts';
import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import type { VersionRange } from '../model/version-range.ts';
import { append, type GraphClaim, type GraphEdge, type Subgraph } from './subgraph.ts';
import { VEX_STATUSES, type VexStatement, type VexStatus } from './vex.ts';

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
  /** Of an advisory: whether anybody says what it affects. */
  readonly stated: boolean;
};

/**
 * What an advisory affects, under any of its names, compared with every version of the packages that it is about.
 *
 * @param names of the advisory, each with the edges from it to the one that was asked about
 * @param lost why a reference (by the key of its Resource) leads nowhere, as a sentence
 */
export function meantByAdvisory(
  graph: Subgraph,
  names: ReadonlyMap<string, readonly GraphEdge[]>,
  lost: ReadonlyMap<string, string> = new Map(),
): Meant {
  const meant = createMeant(graph, lost);
  for (const [name, way] of names) {
    for (const edge of graph.out(name, 'AFFECTS')) {
      if (graph.labelOf(edge.to) === 'Package') continue; // a package is meant as what is said of it says
      meant.stated = true;
      meant.certain.set(edge.to, [edge, ...way]);
      if (graph.labelOf(edge.to) === 'Resource' && graph.out(edge.to, 'RESOLVED_TO').length === 0) {
        meant.miss(edge.to);
      }
    }
    for (const edge of graph.out(name, 'CONCERNS')) {
      for (const { concern } of concernsOf(edge)) {
        if (concern.status !== 'affected' && concern.status !== 'unknown') continue;
        meant.stated = true;
        compare(graph, edge, concern, way, meant);
      }
    }
  }
  return meant;
}

/** What a package, or a version of one, means: every version in the graph that is the same by its meaning. */
export function meantByPackage(graph: Subgraph, root: string, isMeant: VersionRange | null): Meant {
  const meant = createMeant(graph);
  meant.stated = true;
  if (graph.labelOf(root) === 'PackageVersion') {
    meant.certain.set(root, []);
    const purl = tryParsePurl(keyOf(root));
    if (purl === null) {
      const name = graph.nodes.get(root)?.['matchName'];
      if (typeof name === 'string') addSameName(graph, name, keyOf(root), [], meant);
      return meant;
    }
    for (const up of graph.out(root, 'VERSION_OF')) {
      for (const { id, version, edges } of versionsOf(graph, up.to)) {
        if (id === root) continue;
        settle(
          meant,
          id,
          [...edges, up],
          version === null ? null : matchPackage({ purl }, version),
        );
      }
    }
    addNamed(graph, purl, [], meant);
    return meant;
  }
  for (const { id, version, edges } of versionsOf(graph, root)) {
    const text = version?.version ?? null;
    const result = isMeant === null ? true : text === null ? null : isMeant(text);
    if (result === true) meant.certain.set(id, edges);
    else if (result === null) {
      const detail =
        text === null
          ? `${keyOf(id)} states no version`
          : `the version '${text}' of ${keyOf(id)} cannot be compared with the versions that are asked for`;
      meant.doubtful.set(id, { edges, reason: 'VERSION_UNREADABLE', detail });
    }
  }
  const purl = tryParsePurl(keyOf(root));
  if (purl !== null) addNamed(graph, purl, [], meant);
  return meant;
}

/** An advisory about something inside of something. */
export type FoundVulnerability = {
  /** The least of its names. */
  readonly vulnerability: string;
  readonly names: readonly string[];
  /** What it affects, of what is inside. */
  readonly affects: readonly string[];
  /** What may be affected, but cannot be compared. */
  readonly doubtful: readonly string[];
};

/** The advisories that are about any of the things, compared by what they mean; one for all of its names. */
export function vulnerabilitiesIn(
  graph: Subgraph,
  inside: ReadonlySet<string>,
): FoundVulnerability[] {
  const groups = new Map<string, string[]>();
  for (const [id, { label }] of graph.nodes) {
    if (label !== 'Vulnerability') continue;
    const names = graph.aliases(id).sort();
    groups.set(names[0] ?? id, names);
  }
  return [...groups].flatMap(([vulnerability, names]) => {
    const { certain, doubtful } = meantByAdvisory(graph, new Map(names.map((name) => [name, []])));
    const affects = [...certain.keys()].filter((id) => inside.has(id)).sort();
    const unsure = [...doubtful.keys()].filter((id) => inside.has(id) && !certain.has(id)).sort();
    return affects.length + unsure.length === 0
      ? []
      : [{ vulnerability, names, affects, doubtful: unsure }];
  });
}

/** VEX statements about anything in the graph, each as one about exactly one thing. */
export function vexIn(graph: Subgraph, names: Iterable<string>): VexStatement[] {
  const found: VexStatement[] = [];
  for (const name of names) {
    for (const edge of graph.out(name, 'CONCERNS')) {
      for (const { concern, claim } of concernsOf(edge)) {
        const status = vexStatusOf(concern);
        if (status === null) continue;
        for (const product of productsOf(graph, edge, concern)) {
          found.push({
            ...{
              product,
              status,
              vulnerability: keyOf(name),
              justification: concern.justification,
            },
            ...{ at: claim.validFrom, event: claim.claim, within: concern.within },
          });
        }
      }
    }
  }
  return found;
}

/** Names by which a package may stand in an SBOM that states no package URL for it. */
export function namesToLookFor(purls: readonly string[]): { names: string[]; packages: string[] } {
  const parsed = purls.flatMap((text) => tryParsePurl(text) ?? []);
  const names = new Set(parsed.map(matchNameOf));
  const loose = parsed.filter(({ type }) => isNameOnly(type)).map(({ name }) => name);
  return { names: [...names].sort(), packages: [...new Set(loose)].sort() };
}

type Open = { -readonly [K in keyof Meant]: Meant[K] } & {
  /** Components without an ecosystem, and versions of packages, by name. */
  readonly byName: () => ReadonlyMap<string, readonly string[]>;
  /** Notes a reference that leads nowhere. */
  readonly miss: (id: string) => void;
};

function createMeant(graph: Subgraph, lost: ReadonlyMap<string, string> = new Map()): Open {
  let index: Map<string, string[]> | null = null;
  const unresolved = new Map<string, string>();
  return {
    certain: new Map(),
    doubtful: new Map(),
    get unresolved() {
      return [...unresolved.values()];
    },
    stated: false,
    byName: () => (index ??= indexByName(graph)),
    miss(id) {
      const why = lost.get(keyOf(id)) ?? 'it is not known here';
      unresolved.set(id, `the advisory refers to '${keyOf(id)}': ${why}`);
    },
  };
}

function indexByName(graph: Subgraph): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const [id, node] of graph.nodes) {
    if (node.label !== 'PackageVersion') continue;
    const purl = tryParsePurl(node.key);
    const name = node['matchName'] ?? (purl === null ? null : matchNameOf(purl));
    if (typeof name === 'string') append(index, name, id);
  }
  return index;
}

/** Compares one concern of a package with every version of it that the graph has. */
function compare(
  graph: Subgraph,
  edge: GraphEdge,
  concern: Concern,
  way: readonly GraphEdge[],
  meant: Open,
): void {
  const { purl: text, range, status } = concern;
  const purl = text === null ? null : tryParsePurl(text);
  if (purl === null) {
    if (status === 'unknown') {
      const detail = `its author cannot tell whether ${keyOf(edge.to)} is affected`;
      doubt(meant, edge.to, { edges: [edge, ...way], reason: 'NOT_COMPARABLE', detail });
    } else if (graph.labelOf(edge.to) === 'Resource') {
      const isTag = graph.out(edge.to, 'RESOLVED_TO').length > 0;
      if (!isTag) meant.miss(edge.to);
    }
    return;
  }
  for (const { id, version, edges } of versionsOf(graph, edge.to)) {
    const match = version === null ? null : matchPackage({ purl, range }, version);
    const whole = [...edges, edge, ...way];
    if (status === 'unknown' && match?.result !== 'NO') {
      const detail = `its author cannot tell whether ${keyOf(id)} is affected`;
      doubt(meant, id, { edges: whole, reason: 'NOT_COMPARABLE', detail });
    } else settle(meant, id, whole, match);
  }
  addNamed(graph, purl, [edge, ...way], meant);
}

/** What a comparison came to; null where the component states nothing to compare with. */
function settle(meant: Open, id: string, edges: readonly GraphEdge[], match: Match | null): void {
  if (match === null) {
    const detail = `${keyOf(id)} states no version`;
    doubt(meant, id, { edges, reason: 'NOT_COMPARABLE', detail });
  } else if (match.result === 'YES') {
    if (!meant.certain.has(id)) meant.certain.set(id, edges);
  } else if (match.result === 'UNKNOWN') {
    doubt(meant, id, { edges, reason: 'NOT_COMPARABLE', detail: match.reason });
  }
}

function doubt(meant: Open, id: string, found: Doubt): void {
  if (!meant.doubtful.has(id)) meant.doubtful.set(id, found);
}

/** Components that have the name of the package, and no package URL that says whether they are it. */
function addNamed(graph: Subgraph, purl: ParsedPurl, way: readonly GraphEdge[], meant: Open): void {
  addSameName(graph, matchNameOf(purl), purl.packageKey, way, meant, purl);
}

function addSameName(
  graph: Subgraph,
  name: string,
  what: string,
  way: readonly GraphEdge[],
  meant: Open,
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
    if (!isLoose || isVersionOfIt) continue;
    const called = textOf(node['name'], node['version']) ?? node.key;
    const detail = `'${called}' has the name of ${what}, and nothing else says whether it is the same`;
    doubt(meant, id, { edges: way, reason: 'NAME_ONLY', detail });
  }
}

/** Versions of a package in the graph; without one where the component states none. */
function* versionsOf(graph: Subgraph, pkg: string) {
  for (const edge of graph.into(pkg, 'VERSION_OF')) {
    const purl = tryParsePurl(keyOf(edge.from));
    yield { id: edge.from, version: purl, edges: [edge] };
  }
}

function* productsOf(graph: Subgraph, edge: GraphEdge, concern: Concern): Generator<string> {
  const purl = concern.purl === null ? null : tryParsePurl(concern.purl);
  if (purl === null) {
    yield edge.to;
    return;
  }
  const whole = purl.version === null && concern.range === null && purl.purl === purl.packageKey;
  if (whole) yield edge.to;
  for (const { id, version } of versionsOf(graph, edge.to)) {
    // a component without a version is cleared only by what is said of every version
    const isIt =
      version === null
        ? whole
        : matchPackage({ purl, range: concern.range }, version).result === 'YES';
    if (isIt) yield id;
  }
}

function* concernsOf(edge: GraphEdge): Generator<{ concern: Concern; claim: GraphClaim }> {
  for (const claim of edge.claims) {
    for (const text of claim.concerns ?? []) {
      const concern = parseConcern(text);
      if (concern !== null) yield { concern, claim };
    }
  }
}

function vexStatusOf({ status }: Concern): VexStatus | null {
  if (status === 'vex_affected') return 'affected';
  return VEX_STATUSES.find((known) => known === status && known !== 'affected') ?? null;
}

function matchNameOf({ namespace, name }: ParsedPurl): string {
  return packageName(namespace === null ? name : `${namespace}/${name}`);
}

function textOf(...parts: readonly unknown[]): string | null {
  const texts = parts.filter((part) => typeof part === 'string');
  return texts.length === 0 ? null : texts.join(' ');
}

function keyOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
