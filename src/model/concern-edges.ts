import {
  concernText,
  isVexStatus,
  parseConcern,
  type Concern,
  type ConcernStatus,
  type Reference,
} from './concern.ts';
import type { EdgeChange, NodeChange } from './change.ts';
import { refId, type NodeRef, type PropertyValue } from './node.ts';
import { packageRefs } from './package-refs.ts';
import { tryParsePurl } from './purl.ts';

/** What is said of one reference. */
export type StatedConcern = {
  readonly reference: Reference;
  readonly status: ConcernStatus;
  readonly justification?: string | null;
  readonly within?: string | null;
};

/** Advisories that one source states again and again: the newest statement replaces the earlier ones. */
export type Series = {
  /** Source of the event. */
  readonly series: string;
  /** Key of the advisory. */
  readonly stater: string;
};

/**
 * The edges that keep what is said of a vulnerability: CONCERNS to the package, or else to the thing, with everything that is said
 * of it, to be compared when a question is asked; AFFECTS to exactly what it is said to affect.
 */
export function concernEdges(
  vulnerability: NodeRef,
  stated: readonly StatedConcern[],
  series: Series | null = null,
): { nodes: NodeChange[]; edges: EdgeChange[] } {
  const nodes = new Map<string, NodeChange>();
  const edges = new Map<string, EdgeChange>();
  const concerns = new Map<string, { to: NodeRef; texts: Set<string> }>();
  const more: Readonly<Record<string, PropertyValue>> = series === null ? {} : { ...series };
  const add = (edge: EdgeChange): void => {
    const id = [edge.type, refId(edge.from), refId(edge.to)].join('\n');
    if (!edges.has(id)) edges.set(id, edge);
  };

  for (const { reference, status, justification = null, within = null } of stated) {
    const to = reference.package ?? reference.thing;
    if (to === null) continue;
    for (const node of nodesOf(reference)) nodes.set(refId(node), node);
    if (reference.thing !== null) {
      for (const { node, edge } of packageRefs(reference.thing)) {
        nodes.set(refId(node), node);
        add(edge);
      }
    }
    const text = concernText(toConcern(reference, status, justification, within));
    const known = concerns.get(refId(to));
    if (known === undefined) concerns.set(refId(to), { to, texts: new Set([text]) });
    else known.texts.add(text);
    if (status === 'affected' || status === 'found') {
      const affected = reference.thing ?? to;
      add({ type: 'AFFECTS', from: vulnerability, to: affected, properties: more });
    }
  }
  for (const { to, texts } of concerns.values()) {
    const properties = {
      ...more,
      concerns: [...texts].sort(),
      ...(isVexOnly(texts) ? { vex: true } : {}),
    };
    add({ type: 'CONCERNS', from: vulnerability, to, properties });
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** What is said of products outlives the withdrawal of the advisory. */
function isVexOnly(texts: ReadonlySet<string>): boolean {
  return [...texts].every((text) => {
    const status = parseConcern(text)?.status;
    return status === undefined || isVexStatus(status);
  });
}

function toConcern(
  { purl, range }: Reference,
  status: ConcernStatus,
  justification: string | null,
  within: string | null,
): Concern {
  return { purl, range, status, justification, within };
}

/** The package states itself by its purl; a thing is only referred to. */
function nodesOf({ thing, package: pkg }: Reference): NodeChange[] {
  const nodes: NodeChange[] = [];
  if (thing !== null) nodes.push({ ...thing, resolved: false, facets: {} });
  const purl = pkg === null ? null : tryParsePurl(pkg.key);
  if (pkg !== null && purl !== null) {
    const name = { name: purl.name, purlType: purl.type, namespace: purl.namespace };
    nodes.push({ ...pkg, resolved: true, facets: { name } });
  }
  return nodes;
}
