import { stampOf } from '../graph/write/rows.ts';
import { changesOf } from '../handlers/index.ts';
import type { NodeChange } from '../model/change.ts';
import { effectiveTime, identityOf, parseEvent, sha256 } from '../model/event.ts';
import { takeFacets, type Facet } from '../model/facets.ts';
import type { Moment } from '../model/moment.ts';
import { NAME_ONLY_LABELS, refId, type NodeRef } from '../model/node.ts';

/** An entry of the log. */
export type PastEvent = {
  readonly body: string;
  readonly n: number;
  readonly acceptedAt: number;
};

/** Properties of a node by name, without those that have no value. */
export type Properties = Readonly<Record<string, unknown>>;

/**
 * What a node's properties were at a moment: its facets, folded from events by the rules of design section 4. Null where none of
 * the events had mentioned it by then. Pure.
 */
export function foldNode(
  events: readonly PastEvent[],
  ref: NodeRef,
  at: Moment,
): Properties | null {
  const facets = new Map<string, Facet>();
  let isMentioned = false;
  let isResolved = NAME_ONLY_LABELS.has(ref.label);
  for (const { stamp, change } of events.flatMap((event) => changesAt(event, ref, at))) {
    isMentioned = true;
    if (change === null) continue;
    isResolved ||= change.resolved;
    takeFacets(facets, change.facets, stamp);
  }
  if (!isMentioned) return null;
  const stated = [...facets.values()].flatMap(({ properties }) => Object.entries(properties));
  return {
    ...Object.fromEntries(stated.filter(([, value]) => value !== null)),
    resolved: isResolved,
  };
}

type Said = { readonly stamp: string; readonly change: NodeChange | null };

/** What one event says of a node; a change of null where it only mentions it. */
function changesAt(event: PastEvent, ref: NodeRef, { valid, known }: Moment): Said[] {
  const { envelope, body } = parseEvent(JSON.parse(event.body), () => undefined);
  const at = effectiveTime(envelope, event.acceptedAt);
  if (event.n > known || at > valid) return [];
  const changes = changesOf({ envelope, body }, event.acceptedAt);
  const stamp = stampOf(at, sha256(identityOf(envelope)).slice(0, 16));
  const id = refId(ref);
  const said = changes.nodes.filter((node) => refId(node) === id);
  if (said.length > 0) return said.map((change) => ({ stamp, change }));
  const ends = [...changes.edges, ...(changes.edgeEndings ?? [])];
  return ends.some(({ from, to }) => refId(from) === id || refId(to) === id)
    ? [{ stamp, change: null }]
    : [];
}
