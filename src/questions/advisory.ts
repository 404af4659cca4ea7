import { isVexStatus, parseConcern, type Concern } from '../model/concern.ts';
import {
  hasLooseNamespace,
  isDistributed,
  modulesOf,
  packageMatcher,
  sourceOf,
  type Match,
} from '../model/package-match.ts';
import { isNameOnly } from '../model/package-name.ts';
import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import { vendorOf } from '../model/qualifier-match.ts';
import { repackagedAs } from '../model/repackaged.ts';
import { fullVersion } from '../model/version-equal.ts';
import type { VersionRange } from '../model/version-range.ts';
import {
  addDescendants,
  addNamed,
  addNamesakes,
  addRepackaged,
  addSameName,
  createMeant,
  doubt,
  indexOfDistributions,
  matchNameOf,
  namesakesOf,
  settle,
  stated,
  versionsOf,
  type Distributed,
  type IsMeant,
  type Meant,
  type OpenMeant,
} from './meant.ts';
import { keyOf, type GraphClaim, type GraphEdge, type Subgraph } from './subgraph.ts';
import { VEX_STATUSES, type VexStatement, type VexStatus } from './vex.ts';

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
  const speaking = speakersIn(graph, names.keys());
  let isFound = false;
  for (const [name, way] of names) {
    for (const edge of graph.out(name, 'CONCERNS')) {
      for (const { concern } of concernsOf(edge)) {
        if (isVexStatus(concern.status)) continue;
        // who found it in one place does not say where else it is not
        if (concern.status === 'affected' || concern.status === 'unknown') meant.stated = true;
        else isFound = true;
        compare(graph, edge, concern, { way, meant, speaking });
      }
    }
  }
  for (const [name, way] of names) {
    for (const edge of graph.out(name, 'AFFECTS')) {
      if (graph.labelOf(edge.to) === 'Package') continue; // a package is meant as what is said of it says
      if (!isFound) meant.stated = true;
      meant.certain.set(edge.to, [edge, ...way]);
      if (graph.labelOf(edge.to) === 'Resource' && graph.out(edge.to, 'RESOLVED_TO').length === 0) {
        meant.miss(edge.to);
      }
    }
  }
  addDescendants(graph, meant);
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
    const match = packageMatcher({ purl });
    const isMeant = stated(match);
    for (const up of graph.out(root, 'VERSION_OF')) {
      for (const { id, version, edges } of versionsOf(graph, up.to)) {
        if (id !== root) settle(meant, id, [...edges, up], isMeant(id, version));
      }
      addNamesakes(graph, up.to, purl, isMeant, [up], meant);
    }
    addNamed(graph, purl, [], meant);
    addDescendants(graph, meant);
    return meant;
  }
  const isAskedFor: IsMeant = (id, version) =>
    isMeant === null ? { result: 'YES' } : within(isMeant, id, version);
  for (const { id, version, edges } of versionsOf(graph, root)) {
    settle(meant, id, edges, isAskedFor(id, version), 'VERSION_UNREADABLE');
  }
  const purl = tryParsePurl(keyOf(root));
  if (purl === null) return meant;
  const isSame = packageMatcher({ purl });
  const isBoth: IsMeant = (id, version) => {
    const asked = isAskedFor(id, version);
    return asked.result === 'YES' && version !== null ? isSame(version) : asked;
  };
  addNamesakes(graph, root, purl, isBoth, [], meant);
  addNamed(graph, purl, [], meant);
  addDescendants(graph, meant);
  return meant;
}

/** Whether a version of a package is one of those that are asked for. */
function within(isMeant: VersionRange, id: string, purl: ParsedPurl | null): Match {
  const version = purl === null ? null : fullVersion(purl);
  if (version === null) return { result: 'UNKNOWN', reason: `${keyOf(id)} states no version` };
  const result = isMeant(version);
  if (result === true) return { result: 'YES' };
  if (result === false) return { result: 'NO', rule: 'OUTSIDE_RANGE' };
  const reason = `the version '${version}' of ${keyOf(id)} cannot be compared with the versions that are asked for`;
  return { result: 'UNKNOWN', reason };
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

/**
 * The advisories that are about any of the things, compared by what they mean; one for all of its names.
 *
 * @param perhaps what one of the things may be, and nobody knows whether it is: another name → the thing
 */
export function vulnerabilitiesIn(
  graph: Subgraph,
  inside: ReadonlySet<string>,
  perhaps: ReadonlyMap<string, string> = new Map(),
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
    const open = [...certain.keys(), ...doubtful.keys()].flatMap((id) => perhaps.get(id) ?? []);
    const unsure = [...doubtful.keys(), ...open].filter((id) => inside.has(id) && !certain.has(id));
    return affects.length + unsure.length === 0
      ? []
      : [{ vulnerability, names, affects, doubtful: [...new Set(unsure)].sort() }];
  });
}

/** VEX statements about anything in the graph, each as one about exactly one thing. */
export function vexIn(graph: Subgraph, names: Iterable<string>): VexStatement[] {
  const found: VexStatement[] = [];
  const distributed = indexOfDistributions(graph);
  for (const name of names) {
    for (const edge of graph.out(name, 'CONCERNS')) {
      for (const { concern, claim } of concernsOf(edge)) {
        const status = vexStatusOf(concern);
        if (status === null) continue;
        for (const product of productsOf(graph, distributed, edge, concern)) {
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

/** What may be built from the same code as some packages, each as [type, name]. */
export function repackagedLike(purls: readonly string[]): (readonly [string, string])[] {
  return purls.flatMap((text) => tryParsePurl(text) ?? []).flatMap(repackagedAs);
}

/** Names by which a package may stand in an SBOM that states no package URL for it. */
export function namesToLookFor(purls: readonly string[]): { names: string[]; packages: string[] } {
  const parsed = purls.flatMap((text) => tryParsePurl(text) ?? []);
  const names = new Set(parsed.map(matchNameOf));
  const loose = parsed.filter(({ type }) => isNameOnly(type)).map(({ name }) => name);
  return { names: [...names].sort(), packages: [...new Set(loose)].sort() };
}

/**
 * Of package URLs whose namespace may be left out, what they are called in others, and of Go packages, what their modules may be
 * called: each as [type, name].
 */
export function namedLike(purls: readonly string[]): (readonly [string, string])[] {
  const pairs = new Map<string, readonly [string, string]>();
  for (const purl of purls.flatMap((text) => tryParsePurl(text) ?? [])) {
    const modules = modulesOf(purl).flatMap((key) => tryParsePurl(key)?.name ?? []);
    const own = hasLooseNamespace(purl.type) ? [purl.name, sourceOf(purl)?.name ?? purl.name] : [];
    for (const name of [...modules, ...own]) {
      pairs.set(`${purl.type}/${name}`, [purl.type, name]);
    }
  }
  return [...pairs.values()];
}

/** The vendors, and ecosystems, of whose packages an advisory says something, under any of its names. */
function speakersIn(graph: Subgraph, names: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const name of names) {
    for (const { to } of graph.out(name, 'CONCERNS')) {
      const purl = tryParsePurl(keyOf(to));
      if (purl !== null) found.add(speakersOf(purl)[0]);
    }
  }
  return found;
}

/** Who speaks of a package for itself: the vendor, where the package URL says so, or else the ecosystem, which speaks for every vendor. */
function speakersOf(purl: ParsedPurl): readonly [string, ...string[]] {
  const vendor = vendorOfPackage(purl);
  return vendor === null ? [purl.type] : [vendor, purl.type];
}

function vendorOfPackage(purl: ParsedPurl | null): string | null {
  const isKnown = purl !== null && isDistributed(purl.type) && purl.namespace !== null;
  return isKnown ? vendorOf(purl.namespace) : null;
}

type Comparing = {
  /** From the advisory to what was asked about. */
  readonly way: readonly GraphEdge[];
  readonly meant: OpenMeant;
  /** Vendors and ecosystems that speak for themselves. */
  readonly speaking: ReadonlySet<string>;
};

/**
 * Compares one concern of a package with every version of it that the graph has. What a vendor says of its own packages counts, and not
 * what another one says of those that they are built from.
 */
function compare(
  graph: Subgraph,
  edge: GraphEdge,
  concern: Concern,
  { way, meant, speaking }: Comparing,
): void {
  const { purl: text, range, status } = concern;
  const isDoubtful = status === 'unknown' || status === 'open';
  const purl = text === null ? null : tryParsePurl(text);
  if (purl === null) {
    if (status === 'found') {
      settle(meant, edge.to, [edge, ...way], { result: 'YES' });
    } else if (isDoubtful) {
      const detail = `its author cannot tell whether ${keyOf(edge.to)} is affected`;
      doubt(meant, edge.to, { edges: [edge, ...way], reason: 'NOT_COMPARABLE', detail });
    } else if (graph.labelOf(edge.to) === 'Resource') {
      const isTag = graph.out(edge.to, 'RESOLVED_TO').length > 0;
      if (!isTag) meant.miss(edge.to);
    }
    return;
  }
  const isStated = stated(packageMatcher({ purl, range }));
  const vendor = vendorOfPackage(purl);
  const isMeant: IsMeant = (id, version) => {
    const own = vendorOfPackage(version);
    if (vendor !== null && own !== null && own !== vendor && speaking.has(own)) {
      return { result: 'NO', rule: 'OTHER_NAME' };
    }
    const match = isStated(id, version);
    if (!isDoubtful || match.result === 'NO') return match;
    const reason = `its author cannot tell whether ${keyOf(id)} is affected`;
    return { result: 'UNKNOWN', reason };
  };
  for (const { id, version, edges } of versionsOf(graph, edge.to)) {
    settle(meant, id, [...edges, edge, ...way], isMeant(id, version));
  }
  addNamesakes(graph, edge.to, purl, isMeant, [edge, ...way], meant);
  addNamed(graph, purl, [edge, ...way], meant);
  if (status === 'found') return; // says nothing of anything else
  const isSpokenOf = (other: ParsedPurl) =>
    speakersOf(other).some((speaker) => speaking.has(speaker));
  addRepackaged(graph, purl, isSpokenOf, [edge, ...way], meant);
}

function* productsOf(
  graph: Subgraph,
  distributed: Distributed,
  edge: GraphEdge,
  concern: Concern,
): Generator<string> {
  const purl = concern.purl === null ? null : tryParsePurl(concern.purl);
  if (purl === null) {
    yield edge.to;
    return;
  }
  const whole = purl.version === null && concern.range === null && purl.purl === purl.packageKey;
  if (whole) yield edge.to;
  const isMeant = packageMatcher({ purl, range: concern.range });
  for (const { id, version } of versionsOf(graph, edge.to)) {
    // a component without a version is cleared only by what is said of every version
    const isIt = version === null ? whole : isMeant(version).result === 'YES';
    if (isIt) yield id;
  }
  for (const { id, version } of namesakesOf(graph, distributed, edge.to, purl)) {
    if (version !== null && isMeant(version).result === 'YES') yield id;
  }
}

/** What the claims of an edge say of its end. */
export function* concernsOf(edge: GraphEdge): Generator<{ concern: Concern; claim: GraphClaim }> {
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
