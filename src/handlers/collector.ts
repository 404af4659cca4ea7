import {
  edgeChange,
  stated,
  statedFacets,
  toChanges,
  type Changes,
  type EdgeChange,
  type FacetProperties,
  type Facets,
  type NodeChange,
} from '../model/change.ts';
import type { EdgeType } from '../model/edge.ts';
import { packageRefs } from '../model/package-refs.ts';
import type { EventData } from '../model/events/catalogue.ts';
import { digestSet } from '../model/digest.ts';
import { fileEdges, generatedBy } from '../model/file-edges.ts';
import { thingRef } from '../model/keys.ts';
import { repositoryKey, repositoryName } from '../model/repository-key.ts';
import { tryParsePurl } from '../model/purl.ts';
import { withoutUser } from '../model/uri.ts';
import type { FacetName, NodeLabel, NodeRef, PropertyValue } from '../model/node.ts';

type ArtifactData = NonNullable<EventData<'build.completed'>['artifacts']>[number];

/** Gathers what one event says; facets without any stated property are left out, so that silence erases nothing. */
export function createCollector() {
  const nodes: NodeChange[] = [];
  const edges: EdgeChange[] = [];

  const state = <L extends NodeLabel>(label: L, key: string, facets: Facets<L> = {}): NodeRef => {
    nodes.push({ label, key, resolved: true, facets: publicFacets(facets) });
    return { label, key };
  };
  const link = (
    type: EdgeType,
    from: NodeRef,
    to: NodeRef,
    properties?: Readonly<Record<string, PropertyValue>>,
  ): void => {
    edges.push(edgeChange(type, from, to, properties));
  };

  return {
    /** Says something about a node, or just that it exists. */
    state,
    /** Claims an edge. */
    link,
    /** An identity hop: claimed in both directions. */
    alias(type: 'SAME_AS' | 'PACKAGED_AS', a: NodeRef, b: NodeRef): void {
      link(type, a, b);
      link(type, b, a);
    },
    /** What a build made: see generatedBy. */
    generated(thing: NodeRef, build: NodeRef): void {
      edges.push(generatedBy(thing, build));
    },
    /** A thing that the event refers to; a purl also tells its package. */
    refer(reference: string): NodeRef {
      const ref = thingRef(reference);
      for (const { node, edge } of packageRefs(ref)) {
        nodes.push(node);
        edges.push(edge);
      }
      return ref;
    },
    /** The artifact of a digest with its other digests and its package; without a digest the version of the package. */
    artifact(data: ArtifactData): NodeRef {
      const { digest: main, otherDigests = [] } = data;
      const given = main === undefined ? otherDigests : [main, ...otherDigests];
      const digest = main ?? digestSet(given)?.best;
      if (digest === undefined) return this.packageVersion(data.purl ?? '');
      const ref = state('Artifact', digest, {
        name: stated({ name: data.name }),
        media: stated({ mediaType: data.mediaType }),
        size: stated({ size: data.size }),
        link: stated({ url: data.url }),
      });
      for (const other of given) if (other !== digest) state('Artifact', other);
      const named = data.purl === undefined ? null : this.refer(data.purl);
      const version = named?.label === 'PackageVersion' ? named.key : null;
      for (const { type, from, to } of fileEdges(digest, given, version)) link(type, from, to);
      return ref;
    },
    /** The version that a purl names, stated; the artifact where the version is a digest. */
    packageVersion(reference: string): NodeRef {
      const ref = this.refer(reference);
      const purl = tryParsePurl(ref.key);
      if (ref.label === 'PackageVersion' && purl !== null) {
        state('PackageVersion', ref.key, { name: { name: purl.name, version: purl.version } });
      }
      return ref;
    },
    /** Takes in nodes and edges that were made elsewhere. */
    include(more: { nodes: readonly NodeChange[]; edges: readonly EdgeChange[] }): void {
      nodes.push(...more.nodes);
      edges.push(...more.edges);
    },
    /** A repository; where its key folds the case, the spelling is kept. @param server a forge, whose names have none */
    repository(reference: string, server: string | null = null): NodeRef {
      const { key, spelling } = repositoryName(reference);
      const folded =
        server !== null && key.startsWith(`${server}/`) ? repositoryKey(key, true) : key;
      return state('Repository', folded, { link: folded === spelling ? null : { url: spelling } });
    },
    finish(rest: Partial<Changes> = {}): Changes {
      return toChanges({ nodes, edges, ...rest });
    },
  };
}

export type Collector = ReturnType<typeof createCollector>;

/** A stated time in ms, or undefined. */
export function ms(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

/** What stands before the host of a page may be a secret. */
function publicFacets<L extends NodeLabel>(facets: Facets<L>): NodeChange<L>['facets'] {
  const found: Partial<Record<FacetName<L>, FacetProperties>> = statedFacets(facets);
  for (const name of Object.keys(found) as FacetName<L>[]) {
    const { url } = found[name] ?? {};
    if (typeof url === 'string') found[name] = { ...found[name], url: withoutUser(url) };
  }
  return found;
}
