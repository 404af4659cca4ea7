import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { int, type Plan } from '../../../src/graph/driver.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await createPipeline(sharedServers());
});
afterAll(() => pipeline.stop());

function operators(plan: Plan): string[] {
  return [plan.operatorType.replace(/@.*$/, ''), ...(plan.children ?? []).flatMap(operators)];
}

describe('plans of the writing statements', () => {
  const statements = loadStatements();
  // the key of every label is looked up by write/node; of edges, two pairs of labels
  const names = statements.names.filter(
    (name) =>
      name.startsWith('write/') &&
      (!/-?edge\//.test(name) || /(USED\/Build|BUILT_FROM)\//.test(name)),
  );

  test.each(names)('%s finds every node by its key', async (name) => {
    const statement = statements.get(name);
    const parameters = Object.fromEntries(
      statement.params.map((param) => [param, param === 'n' ? int(1) : []]),
    );
    const plan = await pipeline.graph.explain(statement, { ...parameters });
    const found = operators(plan);
    expect(
      found.filter((operator) => /AllNodesScan|LabelScan|RelationshipTypeScan/.test(operator)),
    ).toEqual([]);
  });

  test('a claim of which nothing is known is written without a look at the others between its ends', async () => {
    const explain = async (name: string) =>
      operators(await pipeline.graph.explain(statements.get(name), { rows: [] }));
    const [found, created] = [
      await explain('write/edge/CONTAINS/Artifact/PackageVersion'),
      await explain('write/new-edge/CONTAINS/Artifact/PackageVersion'),
    ];
    expect(found.filter((operator) => operator.startsWith('Expand'))).toHaveLength(1);
    expect(created.filter((operator) => operator.startsWith('Expand'))).toEqual([]);
  });

  test.each([
    'write/log/events',
    'write/node/Build',
    'write/edge/BUILT_FROM/Build/Commit',
    'write/new-edge/BUILT_FROM/Build/Commit',
  ])('%s is planned once for batches of any length', async (name) => {
    const row = { key: '', f: [], a: '', b: '', c: '', p: {} };
    const explain = (length: number) =>
      pipeline.graph.explain(statements.get(name), { rows: Array<object>(length).fill(row) });
    // what is planned for a length estimates rows by it
    expect(await explain(1_000)).toEqual(await explain(1));
  });
});

describe('plans of what is asked about dead letters', () => {
  const statements = loadStatements();
  const names = statements.names.filter((name) => /^(lookup|replay)\/dead-letters/.test(name));

  test.each([...names, 'lookup/greatest-position'])(
    '%s reads an index in its order',
    async (name) => {
      const statement = statements.get(name);
      const numbers = { scan: int(1), limit: int(1) };
      const parameters = Object.fromEntries(statement.params.map((param) => [param, 'a']));
      const lists = { keys: ['a'], positions: [int(1)] };
      const given = Object.entries({ ...parameters, ...numbers, ...lists });
      const plan = await pipeline.graph.explain(
        statement,
        Object.fromEntries(given.filter(([param]) => statement.params.includes(param))),
      );
      const unwanted = /AllNodesScan|NodeByLabelScan|^Top|^Sort/;
      const allowed = name === 'lookup/dead-letters/by-position' ? /^Sort/ : /^never/;
      expect(
        operators(plan).filter((operator) => unwanted.test(operator) && !allowed.test(operator)),
      ).toEqual([]);
    },
  );
});
