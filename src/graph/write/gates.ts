import { parseEvent } from '../../model/event.ts';
import { gateId, stateKey, type GateStateRecord, type GateStore } from '../../model/gates.ts';
import { int, type Graph } from '../driver.ts';
import { toState } from '../read/gates.ts';
import type { Statements } from '../statement.ts';

/** What gates know, as nodes of their own beside the graph: no digest, lineage or replay sees them. */
export function createGateStore(
  graph: Pick<Graph, 'read' | 'write'>,
  statements: Statements,
): GateStore {
  return {
    async log(types, { after, until, limit }) {
      const rows = await graph.read(statements.get('lookup/gates/log'), {
        ...{ types, after: int(after), until: int(until), limit: int(limit) },
      });
      return rows.map((row) => ({
        ...{ n: Number(row.get('n')), key: String(row.get('key')), at: Number(row.get('at')) },
        subjectRef: row.get('subjectRef') as string | null, // as it is written
        outcome: row.get('outcome') as string | null, // as it is written
        event: parseEvent(JSON.parse(String(row.get('body'))), () => undefined), // it was accepted
      }));
    },

    async states(keys) {
      if (keys.length === 0) return new Map();
      const rows = await graph.read(statements.get('lookup/gates/states'), { keys });
      return new Map(rows.map(toState).map((state) => [stateKey(state), state]));
    },

    async known(identities) {
      if (identities.length === 0) return new Set();
      const keys = identities;
      const rows = await graph.read(statements.get('lookup/known-events'), { keys });
      return new Set(rows.map((row) => String(row.get('key'))));
    },

    async advance({ gates, from, to, states }) {
      const progress = statements.get('write/gates/progress');
      const rows = gates.toSorted().map((key) => ({ key, from: int(from), to: int(to) }));
      try {
        await graph.write(progress.name, async (run) => {
          const [row] = await run(progress, { rows });
          if (Number(row?.get('advanced')) !== gates.length) throw new Overtaken();
          if (states.length === 0) return;
          await run(statements.get('write/gates/states'), { rows: states.map(toRow) });
        });
        return true;
      } catch (error) {
        if (error instanceof Overtaken) return false;
        throw error;
      }
    },
  };
}

/** Ends a transaction whose work somebody else has done. */
class Overtaken extends Error {}

function toRow(state: GateStateRecord) {
  const { on, outcome, since, inputs } = state;
  return {
    ...{ key: stateKey(state), gate: gateId({ name: state.gate, version: state.version }) },
    ...{ on, outcome, inputs: JSON.stringify(inputs) },
    since: since === null ? null : int(since),
  };
}
