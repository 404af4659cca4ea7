import { parseEvent } from '../../model/event.ts';
import type { LoggedTypeStatement, TypeStatement } from '../../model/event-types.ts';
import type { Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

export interface TypeReader {
  /** What producers have said of types of their own, in order of the log numbers. */
  typeStatements(): Promise<LoggedTypeStatement[]>;
}

export function createTypeReader(graph: Pick<Graph, 'read'>, statements: Statements): TypeReader {
  return {
    async typeStatements() {
      const rows = await graph.read(statements.get('lookup/registered-types'), {});
      return rows.map((row) => ({
        n: Number(row.get('n')),
        acceptedAt: Number(row.get('acceptedAt')),
        source: String(row.get('source')),
        body: parseEvent(JSON.parse(String(row.get('body')))).body as TypeStatement, // no other type is read
      }));
    },
  };
}
