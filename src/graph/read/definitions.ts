import type { LoggedDefinition, Named } from '../../model/definitions.ts';
import { parseEvent } from '../../model/event.ts';
import type { EventData } from '../../model/events/catalogue.ts';
import type { GateDefinition } from '../../model/gates.ts';
import type { WatchDefinition } from '../../model/watches.ts';
import type { Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

export interface DefinitionReader {
  /** What was said of gates, in order of the log numbers. */
  gateStatements(): Promise<LoggedDefinition<GateDefinition>[]>;
  /** What was said of watches, likewise. */
  watchStatements(): Promise<LoggedDefinition<WatchDefinition>[]>;
  /** How far gates and watches (`<kind> <name>@<version>`) have looked at the log; those that have not begun are left out. */
  automationProgress(ids: readonly string[]): Promise<Map<string, number>>;
}

export function createDefinitionReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): DefinitionReader {
  async function said<D extends Named>(kind: 'gate' | 'watch'): Promise<LoggedDefinition<D>[]> {
    const types = ['defined', 'enabled', 'disabled'].map((what) => `${kind}.${what}`);
    const rows = await graph.read(statements.get('lookup/automation/statements'), { types });
    return rows.map((row) => {
      const { type, data } = parseEvent(JSON.parse(String(row.get('body')))).body;
      return {
        n: Number(row.get('n')),
        acceptedAt: Number(row.get('acceptedAt')),
        source: String(row.get('source')),
        // of the types that were asked for, whose schema has validated it
        said: type.endsWith('.defined')
          ? { definition: data as D }
          : switched(data as Switch, type.endsWith('.enabled')),
      };
    });
  }

  return {
    gateStatements: async () => said('gate'),
    watchStatements: async () => said('watch'),

    async automationProgress(ids) {
      const keys = ids;
      const rows = await graph.read(statements.get('lookup/automation/progress'), { keys });
      return new Map(rows.map((row) => [String(row.get('key')), Number(row.get('n'))]));
    },
  };
}

type Switch = EventData<'gate.enabled'>;

function switched({ name, reason }: Switch, enabled: boolean) {
  return { name, enabled, reason: reason ?? null };
}
