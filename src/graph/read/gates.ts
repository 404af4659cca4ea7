import type { GateOutcome, GateStateRecord } from '../../model/gates.ts';
import { int, type Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

/** The most gates that are told of one correlation key. */
const MAX_OF_KEY = 1_000;
/** Behind every key. */
const LAST = '\u{10ffff}';

export type GatePage = {
  readonly limit: number;
  readonly position: string | null;
  readonly backward: boolean;
};

export interface GateReader {
  /** What all gates know of a correlation key, by gate. */
  gateStatesOf(on: string): Promise<GateStateRecord[]>;
  /** What a gate (`name@version`) knows of its keys, by key; one more than asked for tells that there are more. */
  gateStates(gate: string, outcome: GateOutcome | null, page: GatePage): Promise<GateStateRecord[]>;
}

export function createGateReader(graph: Pick<Graph, 'read'>, statements: Statements): GateReader {
  return {
    async gateStatesOf(on) {
      const limit = int(MAX_OF_KEY);
      return (await graph.read(statements.get('lookup/gates/of-key'), { on, limit })).map(toState);
    },

    async gateStates(gate, outcome, { limit, position, backward }) {
      const order = backward ? 'desc' : 'asc';
      const parameters = {
        ...{ gate, limit: int(limit + 1) },
        position: position ?? (backward ? LAST : ''),
      };
      const rows =
        outcome === null
          ? await graph.read(statements.get('lookup/gates/of-gate', order), parameters)
          : await graph.read(statements.get('lookup/gates/of-outcome', order), {
              ...{ ...parameters, outcome },
            });
      return rows.map(toState);
    },
  };
}

/** A row of any statement that returns a state. */
export function toState(row: { get(name: string): unknown }): GateStateRecord {
  const id = String(row.get('gate'));
  const at = id.lastIndexOf('@');
  const since = row.get('since');
  return {
    ...{ gate: id.slice(0, at), version: Number(id.slice(at + 1)), on: String(row.get('on')) },
    outcome: row.get('outcome') as GateOutcome, // as it is written
    since: since === null ? null : Number(since),
    inputs: JSON.parse(String(row.get('inputs'))) as GateStateRecord['inputs'], // as it is written
  };
}
