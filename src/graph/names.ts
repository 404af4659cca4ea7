import { CATALOGUE } from '../model/events/catalogue.ts';
import { unknownName } from '../model/nearest.ts';
import { int, type Graph } from './driver.ts';
import type { Statements } from './statement.ts';

/** Kinds of things that filters name. */
export type NamedLabel = 'Environment' | 'Service' | 'Repository';

const KNOWN: Readonly<Record<NamedLabel, string>> = {
  Environment: 'question/known-environment',
  Service: 'question/known-service',
  Repository: 'question/known-repository',
};
const KEYS: Readonly<Record<NamedLabel, string>> = {
  Environment: 'question/keys-environment',
  Service: 'question/keys-service',
  Repository: 'question/keys-repository',
};

export interface NameReader {
  /** Of some keys or names, those that things of this kind have. */
  known(label: NamedLabel, names: readonly string[]): Promise<Set<string>>;
  /** Keys of this kind, in order, at most so many. */
  keysOf(label: NamedLabel, most: number): Promise<string[]>;
  /** Whether the log has an event of a type, or its registration. */
  hasType(type: string): Promise<boolean>;
}

export function createNameReader(graph: Pick<Graph, 'read'>, statements: Statements): NameReader {
  return {
    async known(label, names) {
      const statement = statements.get(KNOWN[label]);
      const rows = await graph.read(statement, { names });
      return new Set(rows.flatMap((row) => [String(row.get('key')), String(row.get('name'))]));
    },
    async keysOf(label, most) {
      const statement = statements.get(KEYS[label]);
      const rows = await graph.read(statement, { limit: int(most) });
      return rows.map((row) => String(row.get('key')));
    },
    async hasType(type) {
      const rows = await graph.read(statements.get('question/known-type'), { type });
      if (rows.length > 0) return true;
      const registered = await graph.read(statements.get('lookup/registered-types'), {});
      return registered.some((row) => {
        const { data } = JSON.parse(String(row.get('body'))) as { data: { type?: unknown } }; // validated before it was logged
        return data.type === type;
      });
    },
  };
}

/**
 * A type of events that the catalogue has, that was registered, or that the log has an event of.
 *
 * @throws StemmaError NOT_FOUND naming the nearest of the catalogue
 */
export async function checkEventType(
  reader: Pick<NameReader, 'hasType'>,
  type: string | null,
  path: string,
): Promise<void> {
  if (type === null || Object.hasOwn(CATALOGUE, type) || (await reader.hasType(type))) return;
  throw unknownName('type of events', type, Object.keys(CATALOGUE), path);
}
