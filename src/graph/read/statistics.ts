import type { Record as Row } from 'neo4j-driver';
import { TRUST_LEVELS, type Trust } from '../../model/edge.ts';
import { EVENT_TYPES } from '../../model/events/catalogue.ts';
import { slotOf } from '../../model/liveness.ts';
import { isNow, NOW, type Moment } from '../../model/moment.ts';
import { undoneIn, type Shipped } from '../../model/rollbacks.ts';
import { int, type Graph } from '../driver.ts';
import { tuplesOf } from './records.ts';
import type { Statements } from '../statement.ts';

/** Times in ms; `since` included, `until` not. */
export type Span = { readonly since: number; readonly until: number };

/** A span within which local clocks are `offset` ms ahead of UTC. */
export type LocalSpan = Span & { readonly offset: number };

/** `day`: number of whole days since the epoch, by local clocks. */
export type EventCount = { readonly day: number; readonly type: string; readonly count: number };

export type DeploymentFacts = {
  readonly at: number;
  readonly failed: boolean;
  /** Whether it was rolled back, by its own word or by a later deployment that brings back what ran before it. */
  readonly rolledBack: boolean;
  /** Whether it brings back what ran before: it is no change of its own. */
  readonly rollback: boolean;
  /** Of the newest commit that went into it; null where none is known, or an earlier deployment there had it already. */
  readonly committedAt: number | null;
};

export type UnresolvedCount = {
  readonly label: string;
  readonly examined: number;
  readonly unresolved: number;
};

export type TrustCount = { readonly trust: Trust; readonly count: number };

export interface StatisticsReader {
  /** Nodes by label, and the events of the log, from the count store. */
  countsByLabel(): Promise<{ readonly label: string; readonly count: number }[]>;
  /** Events per day and type; types of their owners are counted together as `custom`. */
  eventCounts(span: LocalSpan, at: Moment): Promise<EventCount[]>;
  /**
   * At most `most`; more are not looked at.
   *
   * @param standing of the deployments of which something was withdrawn, or that are not now what they were at the moment: what stands of
   *   their lives, or what they were, by key
   */
  deploymentFacts(
    span: Span & { readonly at: Moment } & {
      readonly environments: readonly string[] | null;
      readonly most: number;
    },
    standing: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  ): Promise<DeploymentFacts[]>;
  unresolvedCounts(examined: number): Promise<UnresolvedCount[]>;
  /** Attestations by the best trust of what they claim. */
  trustCounts(examined: number): Promise<TrustCount[]>;
}

/** What event types outside of the catalogue are counted as. */
const CUSTOM = 'custom';
const OF_CATALOGUE: ReadonlySet<string> = new Set(EVENT_TYPES);

export function createStatisticsReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): StatisticsReader {
  return {
    async countsByLabel() {
      const rows = await graph.read(statements.get('explore/counts'), {});
      return rows.map((row) => ({
        label: String(row.get('label')),
        count: Number(row.get('count')),
      }));
    },

    async eventCounts({ since, until, offset }, at) {
      const times = {
        since: int(since),
        until: int(Math.min(until, at.valid + 1)),
        offset: int(offset),
      };
      if (at.known !== NOW.known) {
        const rows = await graph.read(statements.get('explore/event-counts-then'), {
          ...{ ...times, known: int(at.known) },
        });
        return withCustom(rows.map(toCount));
      }
      const [typed, totals] = await Promise.all([
        graph.read(statements.get('explore/event-counts'), { types: EVENT_TYPES, ...times }),
        graph.read(statements.get('explore/event-totals'), times),
      ]);
      const counts = typed.map(toCount);
      const known = new Map<number, number>();
      for (const { day, count } of counts) known.set(day, (known.get(day) ?? 0) + count);
      const others = totals.flatMap((row) => {
        const day = Number(row.get('day'));
        const count = Number(row.get('count')) - (known.get(day) ?? 0);
        return count > 0 ? [{ day, type: CUSTOM, count }] : [];
      });
      return [...counts, ...others].sort(byDay);
    },

    async deploymentFacts({ since, until, environments, at, most }, standing) {
      const asked = {
        ...{ since: int(since), environments },
        ...{ isNow: isNow(at), valid: int(at.valid), known: int(at.known) },
        standing: Object.fromEntries(standing),
      };
      const [rows, backs] = await Promise.all([
        graph.read(statements.get('explore/deployments'), {
          ...{ ...asked, until: int(until), most: int(most) },
        }),
        graph.read(statements.get('explore/rollbacks'), asked),
      ]);
      const undone = undoneIn([...tuplesOf<ShippedTuple>(backs)].map(toShipped));
      return rows.map((row) => {
        const { key, ...facts } = row.toObject() as DeploymentFacts & { readonly key: string }; // the columns of the statement
        return { ...facts, rolledBack: facts.rolledBack || undone.has(key) };
      });
    },

    async unresolvedCounts(examined) {
      const rows = await graph.read(statements.get('explore/unresolved-counts'), {
        examined: int(examined),
      });
      return rows.map((row) => row.toObject() as UnresolvedCount); // the columns of the statement
    },

    async trustCounts(examined) {
      const rows = await graph.read(statements.get('explore/trust-counts'), {
        examined: int(examined),
      });
      const counts = new Map(
        rows.map((row) => [Number(row.get('trust')), Number(row.get('count'))]),
      );
      return TRUST_LEVELS.map((trust, rank) => ({ trust, count: counts.get(rank) ?? 0 }));
    },
  };
}

function toCount(row: Row): EventCount {
  return {
    day: Number(row.get('day')),
    type: String(row.get('type')),
    count: Number(row.get('count')),
  };
}

const byDay = (a: EventCount, b: EventCount): number =>
  a.day - b.day || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0);

/** Types that are not in the catalogue counted together. */
function withCustom(counts: readonly EventCount[]): EventCount[] {
  const named = counts.map((one) => (OF_CATALOGUE.has(one.type) ? one : { ...one, type: CUSTOM }));
  const groups = Map.groupBy(named, ({ day, type }) => `${day} ${type}`);
  return [...groups.values()]
    .flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : [{ ...first, count: others.reduce((sum, { count }) => sum + count, first.count) }],
    )
    .sort(byDay);
}

type ShippedTuple = readonly [
  ...[key: string, environment: string, service: string | null, instance: string | null],
  ...[at: number, rollback: boolean, failed: boolean],
];

function toShipped(tuple: ShippedTuple): Shipped {
  const [key, environment, service, instance, at, rollback, failed] = tuple;
  return { key, slot: slotOf(environment, service, instance), at, rollback, failed };
}
