import { expect, it } from '@jest/globals';
import type { Graph } from '../../../src/graph/driver.ts';
import { migrate } from '../../../src/graph/migrate.ts';
import { loadStatements } from '../../../src/graph/statement.ts';

it('goes on where another process has just created the same index', async () => {
  const statements = loadStatements();
  const commands: string[] = [];
  const created: string[] = [];
  const row = (values: Record<string, unknown>) => ({ get: (name: string) => values[name] });
  const graph = {
    read: async () => [],
    write: async () => undefined,
    execute: async ({ name, text }: { name: string; text: string }) => {
      if (name === 'lookup/indexes')
        return created.map((one) => row({ name: one, state: 'ONLINE' }));
      const isNew = !commands.includes(name);
      commands.push(name);
      if (isNew && name === 'schema/002-event-indexes#1') {
        const code = 'Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists';
        throw Object.assign(new Error('An equivalent index already exists'), { code });
      }
      created.push(/(?:INDEX|CONSTRAINT) (\w+)/.exec(text)?.[1] ?? '');
      return [];
    },
  } as unknown as Graph; // only what migrate uses
  await migrate(graph, statements);
  expect(commands.filter((name) => name === 'schema/002-event-indexes#1')).toHaveLength(2);
});
