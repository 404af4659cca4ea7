import { int, type Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

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

/** Above every character that keys have. */
const LAST = '\u{10FFFF}';
/** More types than there are of package URLs. */
const MAX_TYPES = 200;
/** Sources on each side of a text that nothing has. */
const BESIDE = 3;

export interface NameReader {
  /** Of some keys or names, those that things of this kind have. */
  known(label: NamedLabel, names: readonly string[]): Promise<Set<string>>;
  /** Keys of this kind, in order, at most so many. */
  keysOf(label: NamedLabel, most: number): Promise<string[]>;
  /** Scopes of environments, in order, at most so many. */
  scopes(most: number): Promise<string[]>;
  /** Types of package URLs that packages have, in order. */
  purlTypes(): Promise<string[]>;
  /** Sources of events that stand beside a text in the order of their names, itself first where it is one. */
  sourcesNear(text: string): Promise<string[]>;
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
    async scopes(most) {
      const rows = await graph.read(statements.get('question/scopes'), { limit: int(most) });
      return rows.map((row) => String(row.get('scope')));
    },
    async purlTypes() {
      const types: string[] = [];
      for (let after = 'pkg:'; types.length < MAX_TYPES;) {
        const [row] = await graph.read(statements.get('question/next-package'), { after });
        const [, type] = /^pkg:([^/]+)\//.exec(String(row?.get('key'))) ?? [];
        if (type === undefined) break;
        types.push(type);
        after = `pkg:${type}/${LAST}`;
      }
      return types;
    },
    async sourcesNear(text) {
      const found: string[] = [];
      for (let after = `${text} `; found.length < BESIDE;) {
        const [row] = await graph.read(statements.get('question/next-event'), { after });
        if (row === undefined) break;
        const source = String(row.get('source'));
        if (source === text) return [text];
        found.push(source);
        after = `${source} ${LAST}`;
      }
      for (let before = `${text} `, most = found.length + BESIDE; found.length < most;) {
        const [row] = await graph.read(statements.get('question/previous-event'), { before });
        if (row === undefined) break;
        const source = String(row.get('source'));
        found.push(source);
        before = `${source} `;
      }
      return found;
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
