import type { Graph } from '../graph/driver.ts';
import { tuplesOf } from '../graph/read/records.ts';
import type { Statements } from '../graph/statement.ts';
import { NOW, type Moment } from '../model/moment.ts';
import { LIFE_PROPERTIES, type NodeRef } from '../model/node.ts';
import { foldNode, type PastEvent, type Properties } from './fold.ts';

/** An entry of the log, with the withdrawals of what it claims: empty for nearly all. */
export type ClaimingEvent = PastEvent & {
  readonly type: string;
  /** When it was withdrawn (ms), and the log number at which that is known. */
  readonly endings: readonly (readonly [valid: number, known: number])[];
};

const LIFE: ReadonlySet<string> = new Set(LIFE_PROPERTIES);

/**
 * A deployment's properties at a moment, without what was withdrawn by then. Where every claim that it was created is withdrawn,
 * nothing of its life is left, whatever else was told of it. Null where none of the events had mentioned it. Pure.
 */
export function foldDeployment(
  events: readonly ClaimingEvent[],
  ref: NodeRef,
  at: Moment,
): Properties | null {
  const said = foldNode(events, ref, at);
  const isWithdrawn = ({ endings }: ClaimingEvent): boolean =>
    endings.some(([valid, known]) => valid <= at.valid && known <= at.known);
  if (said === null || !events.some(isWithdrawn)) return said;
  const created = events.filter(({ type, n }) => type === 'deployment.created' && n <= at.known);
  const isGone = created.length > 0 && created.every(isWithdrawn);
  const standing = isGone
    ? {}
    : (foldNode(
        events.filter((event) => !isWithdrawn(event)),
        ref,
        at,
      ) ?? {});
  return { ...partOf(said, false), ...partOf(standing, true) };
}

/** Properties of its life alone, or all others. */
function partOf(properties: Properties, isLife: boolean): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => LIFE.has(name) === isLife),
  );
}

/** Facets keep the last word that was said; this says of which deployments some of it was withdrawn, and what still stands. */
export interface StandingReader {
  /**
   * Properties of their lives that stand now, by key. Only deployments of which something was withdrawn.
   *
   * @param keys null = of all
   */
  standing(keys: readonly string[] | null): Promise<Map<string, Properties>>;
}

type Tuple = readonly [string, string, number, number, string, [number, number][]];

export function createStandingReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): StandingReader {
  return {
    async standing(keys) {
      const rows = await graph.read(statements.get('history/withdrawn-deployments'), { keys });
      const tuple = [...tuplesOf<Tuple>(rows)];
      const lives = new Map<string, Properties>();
      for (const [key, group] of Map.groupBy(tuple, ([of]) => of)) {
        const events = group.map(([, type, n, acceptedAt, body, endings]) => ({
          ...{ type, n, acceptedAt, body, endings },
        }));
        const folded = foldDeployment(events, { label: 'Deployment', key }, NOW);
        lives.set(key, partOf(folded ?? {}, true));
      }
      return lives;
    },
  };
}
