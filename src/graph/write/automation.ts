import type { AutomationStore } from '../../model/automation.ts';
import { definitionId } from '../../model/definitions.ts';
import { parseEvent } from '../../model/event.ts';
import { stateKey, type GateStateRecord } from '../../model/gates.ts';
import { int, type Graph } from '../driver.ts';
import { createDefinitionReader } from '../read/definitions.ts';
import { toState } from '../read/gates.ts';
import type { Statements } from '../statement.ts';

/** What gates and watches remember, as nodes of their own beside the graph: no digest, lineage or replay sees them. */
export function createAutomationStore(
  graph: Pick<Graph, 'read' | 'write'>,
  statements: Statements,
): AutomationStore {
  const reader = createDefinitionReader(graph, statements);
  return {
    async log(types, { after, until, limit }) {
      const rows = await graph.read(statements.get('lookup/automation/log'), {
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

    progress: async (ids) => reader.automationProgress(ids),

    async advance({ followers, from, to, states }) {
      const progress = statements.get('write/automation/progress');
      const rows = followers
        .map(({ id, begin }) => ({ key: id, begin: int(begin), from: int(from), to: int(to) }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      try {
        await graph.write(progress.name, async (run) => {
          const [row] = await run(progress, { rows });
          if (Number(row?.get('advanced')) !== rows.length) throw new Overtaken();
          if (states.length === 0) return;
          const known = states.map(toRow);
          await run(statements.get('write/automation/gate-states'), { rows: known });
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
    ...{ key: stateKey(state), gate: definitionId({ ...state, name: state.gate }) },
    ...{ on, outcome, inputs: JSON.stringify(inputs) },
    since: since === null ? null : int(since),
  };
}
