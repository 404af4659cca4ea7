import { StemmaError } from '../errors.ts';
import { int, type Graph } from '../graph/driver.ts';
import { tuplesOf } from '../graph/read/records.ts';
import type { Statements } from '../graph/statement.ts';
import { EVENT_TYPES } from '../model/events/catalogue.ts';
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

/** What deployments were at another moment. */
export interface PastReader {
  /**
   * Properties at a moment, by key, of the deployments that are not now what they were then: empty where nothing had been told. Any other
   * one was what it is.
   *
   * @param environments keys, or names in any scope; null = all
   * @throws StemmaError BAD_USER_INPUT where there are too many
   */
  deploymentsThen(
    at: Moment,
    environments: readonly string[] | null,
  ): Promise<ReadonlyMap<string, Properties>>;
}

/** Deployments that are folded again at most: each is a few events. */
const MOST_CHANGED = 20_000;
const DEPLOYMENT_TYPES = EVENT_TYPES.filter((type) => type.startsWith('deployment.'));

type Tuple = readonly [string, string, number, number, string, [number, number][]];

export function createStandingReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): StandingReader & PastReader {
  return {
    async standing(keys) {
      const rows = await graph.read(statements.get('history/withdrawn-deployments'), { keys });
      const folded = foldAll(rows, NOW);
      return new Map([...folded].map(([key, properties]) => [key, partOf(properties, true)]));
    },
    async deploymentsThen(at, environments) {
      const rows = await graph.read(statements.get('history/deployments-then'), {
        ...{ environments, types: DEPLOYMENT_TYPES, valid: int(at.valid), known: int(at.known) },
        most: int(MOST_CHANGED + 1),
      });
      const folded = foldAll(rows, at);
      if (folded.size <= MOST_CHANGED) return folded;
      throw new StemmaError(
        'BAD_USER_INPUT',
        `More than ${MOST_CHANGED} deployments have changed since that moment: ask about a later one.`,
        { details: { path: 'asOf', limit: MOST_CHANGED } },
      );
    },
  };
}

function foldAll(rows: Parameters<typeof tuplesOf>[0], at: Moment): Map<string, Properties> {
  const lives = new Map<string, Properties>();
  for (const [key, group] of Map.groupBy(tuplesOf<Tuple>(rows), ([of]) => of)) {
    const events = group.map(([, type, n, acceptedAt, body, endings]) => ({
      ...{ type, n, acceptedAt, body, endings },
    }));
    lives.set(key, foldDeployment(events, { label: 'Deployment', key }, at) ?? {});
  }
  return lives;
}
