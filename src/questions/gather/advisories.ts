import type { EntityRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import { concernText, isVexStatus, parseConcern } from '../../model/concern.ts';
import { refId } from '../../model/node.ts';
import { packageName } from '../../model/package-name.ts';
import { tryParsePurl } from '../../model/purl.ts';
import { namedLike, namesToLookFor, repackagedLike } from '../advisory.ts';
import { namesSpokenOf } from '../spoken-of.ts';
import type { GraphClaim, GraphEdge } from '../subgraph.ts';
import { gatherNames, withLabel } from './names.ts';
import type { Readers, ResolvedLink } from './readers.ts';

/** What becomes of references into other documents. */
export type Followed = {
  /** An edge to such a reference, as one to what it leads to. */
  readonly follow: (edge: GraphEdge) => GraphEdge;
  /** By the key of the reference: why it leads nowhere, as a sentence. */
  readonly lost: ReadonlyMap<string, string>;
};

/**
 * Gathers what is said of vulnerabilities, and everything in the graph that it can be about: the versions of the packages, components
 * that only have the name, and components of other documents. Returns the numbers of all that, to begin walks at.
 */
export async function gatherConcerned(
  builder: SubgraphBuilder,
  vulnerabilities: readonly number[],
  context: Readers,
): Promise<Followed & { readonly starts: number[] }> {
  const things = await builder.concerns(vulnerabilities, 'out');
  await builder.load();
  const records = [...things].flatMap((id) => builder.get(id) ?? []);
  const followed = await followLinks(builder, records, context);
  const packages = records.filter(({ label }) => label === 'Package');
  const others = repackagedLike(packages.map(({ key }) => key));
  const versions = await gatherPackages(builder, packages, others);
  await builder.beside(
    records.filter(({ label }) => label === 'Artifact').map(({ internal }) => internal),
    { out: ['PACKAGED_AS'], into: [] },
  );
  await builder.beside(
    records.filter(({ label }) => label === 'Resource').map(({ internal }) => internal),
    { out: ['RESOLVED_TO'], into: [] },
  );
  const stated = records.filter(({ label }) => label !== 'Package');
  const starts = [...stated.map(({ internal }) => internal), ...versions, ...followed.found];
  return { ...followed, starts: [...new Set(starts)] };
}

/**
 * Gathers the advisories and VEX statements about things that are inside of something, their packages among what was gathered; with
 * every other name of the advisories.
 */
export async function gatherAdvisories(
  builder: SubgraphBuilder,
  things: readonly number[],
  context: Readers,
): Promise<Followed & { readonly names: string[] }> {
  const ancestors = await builder.beside(things, { out: ['DESCENDS_FROM'], into: [] });
  await builder.beside([...ancestors], { out: ['VERSION_OF'], into: [] });
  const own = await withLabel(builder, 'Package');
  const spokenOf = namesSpokenOf([...own, ...things].flatMap((id) => builder.get(id) ?? []));
  // advisories on Go packages are about the modules that these are in
  const modules = own
    .flatMap((id) => builder.get(id)?.key ?? [])
    .filter((key) => key.startsWith('pkg:golang/'));
  const inside = await builder.below(modules.map((key) => `${key}/`));
  const packages = [...new Set([...own, ...(await builder.namesakes(spokenOf)), ...inside])];
  const documents = await withLabel(builder, 'Document');
  const serials = documents.flatMap((id) => {
    const serial = builder.get(id)?.['serialNumber'];
    return typeof serial === 'string' ? [serial.replace(/^urn:uuid:/, '')] : [];
  });
  const links = await builder.linksInto(serials);
  await builder.concerns([...packages, ...things, ...links], 'in');
  const names = await gatherNames(builder, await withLabel(builder, 'Vulnerability'));
  // whoever speaks of a package speaks for others too: all that is said under any of the names counts
  await builder.concerns(names, 'out');
  await builder.load();
  const records = [...links].flatMap((id) => builder.get(id) ?? []);
  const followed = await followLinks(builder, records, context);
  return {
    ...followed,
    names: names.flatMap((id) => {
      const name = builder.get(id);
      return name === undefined ? [] : [refId(name)];
    }),
  };
}

/**
 * Gathers the versions of packages, and what has their names; returns the numbers of it all.
 *
 * @param further packages beside them, each as [type, name]
 */
export async function gatherPackages(
  builder: SubgraphBuilder,
  roots: readonly EntityRecord[],
  further: readonly (readonly [string, string])[] = [],
): Promise<number[]> {
  const own = roots.map(({ internal }) => internal);
  const ups = await builder.beside(own, { out: ['VERSION_OF'], into: [] });
  const others = await builder.namesakes([...pairsOf(roots), ...further]);
  const versions = await builder.beside([...own, ...ups, ...others], {
    ...{ out: [], into: ['VERSION_OF'] },
  });
  const { names, packages } = namesToLookFor(roots.map(({ key }) => key));
  const bare = roots.flatMap(({ matchName }) => (typeof matchName === 'string' ? [matchName] : []));
  // of a distribution's package, that is the name of its source
  const sources = further.map(([, name]) => packageName(name));
  const named = await builder.named([...new Set([...names, ...bare, ...sources])], packages);
  const found = [...new Set([...own, ...versions, ...named])];
  const derived = await builder.beside(found, { out: [], into: ['DESCENDS_FROM'] });
  return [...new Set([...found, ...derived])].filter((id) => builder.get(id)?.label !== 'Package');
}

/** Packages of distributions among the records, and the sources they are built from, as [type, name]. */
function pairsOf(records: readonly EntityRecord[]): (readonly [string, string])[] {
  const packages = records.filter(({ label }) => label === 'Package' || label === 'PackageVersion');
  const sources = packages.flatMap(({ key, sourceName }) => {
    const type = tryParsePurl(key)?.type;
    return typeof sourceName === 'string' && type !== undefined
      ? [[type, sourceName] as const]
      : [];
  });
  return [...namedLike(packages.map(({ key }) => key)), ...sources];
}

/** Follows the BOM-Links among some records, and gathers where they lead. */
export async function followLinks(
  builder: SubgraphBuilder,
  records: readonly EntityRecord[],
  { reader, links }: Readers,
): Promise<Followed & { readonly found: number[] }> {
  const keys = records.flatMap(({ label, key }) => (label === 'Resource' ? [key] : []));
  const resolved: ReadonlyMap<string, ResolvedLink> =
    links === null ? new Map<string, ResolvedLink>() : await links.resolve(keys);
  const leads = new Map<string, { to: string; within: string | null }>();
  const lost = new Map<string, string>();
  for (const [key, link] of resolved) {
    if (!link.found) lost.set(key, link.why);
    else {
      const within = link.root === null ? null : refId(link.root);
      leads.set(`Resource:${key}`, { to: refId(link.component), within });
    }
  }
  const refs = [...resolved.values()].flatMap((link) => (link.found ? [link.component] : []));
  const entities = [...(await reader.byRefs(refs)).values()];
  for (const entity of entities) builder.add(entity);
  const follow = (edge: GraphEdge): GraphEdge => {
    const lead = leads.get(edge.to);
    if (lead === undefined || (edge.type !== 'AFFECTS' && edge.type !== 'CONCERNS')) return edge;
    const { to, within } = lead;
    return { ...edge, to, claims: edge.claims.map((claim) => inside(claim, within)) };
  };
  return { follow, lost, found: entities.map(({ internal }) => internal) };
}

/** What VEX says of a component by a link, it says of it as a part of the document that the link leads to. */
function inside(claim: GraphClaim, within: string | null): GraphClaim {
  if (claim.concerns === undefined) return claim;
  const concerns = claim.concerns.map((text) => {
    const concern = parseConcern(text);
    return concern === null || !isVexStatus(concern.status)
      ? text
      : concernText({ ...concern, within });
  });
  return { ...claim, concerns };
}
