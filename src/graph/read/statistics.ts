import { TRUST_LEVELS, type Trust } from '../../model/edge.ts';
import { EVENT_TYPES } from '../../model/events/catalogue.ts';
import { slotOf } from '../../model/liveness.ts';
import { undoneIn, type Shipped } from '../../model/rollbacks.ts';
import { int, type Graph } from '../driver.ts';
import { tuplesOf } from './records.ts';
import type { Statements } from '../statement.ts';

/** Times in ms; `since` included, `until` not. */
export type Span = { readonly since: number; readonly until: number };

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
  /** Events per day (UTC, ms of its beginning) and type; types of their owners are counted together as `custom`. */
  eventCounts(span: Span): Promise<EventCount[]>;
  /**
   * At most `most`; more are not looked at.
   *
   * @param standing of the deployments of which something was withdrawn: what stands of their lives, by key
   */
  deploymentFacts(
    span: Span & { readonly environments: readonly string[] | null; readonly most: number },
    standing: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  ): Promise<DeploymentFacts[]>;
  unresolvedCounts(examined: number): Promise<UnresolvedCount[]>;
  /** Attestations by the best trust of what they claim. */
  trustCounts(examined: number): Promise<TrustCount[]>;
}

const DAY_MS = 86_400_000;
/** What event types outside of the catalogue are counted as. */
const CUSTOM = 'custom';

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

    async eventCounts(span) {
      const times = { since: int(span.since), until: int(span.until) };
      const [typed, totals] = await Promise.all([
        graph.read(statements.get('explore/event-counts'), { types: EVENT_TYPES, ...times }),
        graph.read(statements.get('explore/event-totals'), times),
      ]);
      const counts = typed.map((row) => ({
        day: Number(row.get('day')) * DAY_MS,
        type: String(row.get('type')),
        count: Number(row.get('count')),
      }));
      const known = new Map<number, number>();
      for (const { day, count } of counts) known.set(day, (known.get(day) ?? 0) + count);
      const others = totals.flatMap((row) => {
        const day = Number(row.get('day')) * DAY_MS;
        const count = Number(row.get('count')) - (known.get(day) ?? 0);
        return count > 0 ? [{ day, type: CUSTOM, count }] : [];
      });
      return [...counts, ...others].sort(
        (a, b) => a.day - b.day || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0),
      );
    },

    async deploymentFacts({ since, until, environments, most }, standing) {
      const asked = { since: int(since), environments, standing: Object.fromEntries(standing) };
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

type ShippedTuple = readonly [
  ...[key: string, environment: string, service: string | null, instance: string | null],
  ...[at: number, rollback: boolean, failed: boolean],
];

function toShipped(tuple: ShippedTuple): Shipped {
  const [key, environment, service, instance, at, rollback, failed] = tuple;
  return { key, slot: slotOf(environment, service, instance), at, rollback, failed };
}
