import { refId } from '../../model/node.ts';
import { int, type Graph } from '../driver.ts';
import { toEvent, type EntityRecord, type EventRecord, type PageRequest } from './records.ts';
import type { Statements } from '../statement.ts';

/** Where a page of a timeline ends: effective time, then log number. */
export type TimelinePosition = { readonly at: number; readonly n: number };

export type TimelinePage = {
  readonly items: readonly EventRecord[];
  readonly more: boolean;
  /** True where a thing has more relations or events than were looked at. */
  readonly truncated: boolean;
};

/** An event that others led to: how far it is from the one that was asked about. */
export type LinkedEvent = { readonly event: EventRecord; readonly depth: number };

export type EventChainRecord = {
  readonly event: EventRecord;
  /** What caused it, nearest first. */
  readonly causes: readonly EventRecord[];
  /** What it caused, nearest first. */
  readonly effects: readonly LinkedEvent[];
  readonly truncated: boolean;
};

export interface TimelineReader {
  /**
   * The events about a thing, about what is one edge away, and those that claim these edges; by effective time.
   *
   * @param names the thing under each of its names: of a repository that was renamed there are several
   */
  timeline(
    names: readonly EntityRecord[],
    page: PageRequest<TimelinePosition> & { readonly body: boolean },
  ): Promise<TimelinePage>;
  /** What caused an event and what it caused, along the causation ids. */
  eventChain(event: EventRecord): Promise<EventChainRecord>;
}

/** Neighbours whose events belong to a timeline. */
const REACH = 1_000;
/** Events of the thing itself, and of each neighbour, the newest. */
const MOST = 5_000;
const PER_THING = 100;
const MAX_CAUSES = 100;
const MAX_EFFECTS = 1_000;
const DOCUMENT = /^[0-9a-f]{64}$/;

export function createTimelineReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): TimelineReader {
  const byKeys = async (keys: readonly string[]): Promise<EventRecord[]> =>
    (await graph.read(statements.get('lookup/events-by-key'), { keys })).map(toEvent);

  return {
    async timeline(names, { position, backward, limit, body }) {
      const [around] = await graph.read(statements.get('explore/around'), {
        ids: names.map(({ internal }) => int(internal)),
        reach: int(REACH),
      });
      const refs = (around?.get('refs') ?? []) as string[]; // as the statement says
      const claims = (around?.get('claims') ?? []) as string[];
      const selves = names.map(refId);
      const documents = claims
        .filter((claim) => DOCUMENT.test(claim))
        .flatMap((claim) => [`Document:${claim}`, `Attestation:${claim}`]);
      const rows = await graph.read(statements.get('explore/timeline', backward ? 'desc' : 'asc'), {
        selves,
        refs: [...new Set([...refs, ...documents])].filter((ref) => !selves.includes(ref)),
        keys: [...new Set(claims.filter((claim) => !DOCUMENT.test(claim)))],
        most: int(MOST),
        perThing: int(PER_THING),
        at: int(position?.at ?? (backward ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER)),
        n: int(position?.n ?? -1),
        limit: int(limit + 1),
        body,
      });
      return {
        items: rows.slice(0, limit).map(toEvent),
        more: rows.length > limit,
        truncated: rows[0]?.get('full') === true || Number(around?.get('edges') ?? 0) >= REACH,
      };
    },

    async eventChain(event) {
      const causes = await causesOf(event);
      const effects = await effectsOf(event);
      return {
        event,
        causes,
        effects: effects.slice(0, MAX_EFFECTS),
        truncated: causes.length === MAX_CAUSES || effects.length > MAX_EFFECTS,
      };
    },
  };

  async function causesOf(event: EventRecord): Promise<EventRecord[]> {
    const causes: EventRecord[] = [];
    const seen = new Set([event.key]);
    for (let effect = event; causes.length < MAX_CAUSES;) {
      const names = namesOfCause(effect);
      const found = names.length === 0 ? [] : await byKeys(names);
      const cause = names.flatMap((name) => found.filter(({ key }) => key === name))[0];
      if (cause === undefined || seen.has(cause.key)) break;
      seen.add(cause.key);
      causes.push(cause);
      effect = cause;
    }
    return causes;
  }

  /** Breadth first; one more than asked for tells that there are more. */
  async function effectsOf(event: EventRecord): Promise<LinkedEvent[]> {
    const effects: LinkedEvent[] = [];
    const seen = new Set([event.key]);
    let level = [event];
    for (let depth = 1; level.length > 0 && effects.length <= MAX_EFFECTS; depth += 1) {
      const causes = level;
      const rows = await graph.read(statements.get('explore/caused-by'), {
        causes: [...new Set(causes.flatMap(({ key, eventId }) => [key, eventId]))],
        limit: int(MAX_EFFECTS + 1 - effects.length + seen.size),
      });
      level = rows.map(toEvent).filter((effect) => {
        const names = namesOfCause(effect);
        if (seen.has(effect.key) || !causes.some(({ key }) => names.includes(key))) return false;
        seen.add(effect.key);
        return true;
      });
      for (const effect of level) effects.push({ event: effect, depth });
    }
    return effects.slice(0, MAX_EFFECTS + 1);
  }
}

/** A causation id is the identity of an event (`source id`), or the id of one from the same source. */
function namesOfCause({ causationId, source }: EventRecord): string[] {
  return causationId === null ? [] : [causationId, `${source} ${causationId}`];
}
