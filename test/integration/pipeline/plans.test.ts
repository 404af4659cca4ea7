import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { int } from '../../../src/graph/driver.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await createPipeline(sharedServers());
});
afterAll(() => pipeline.stop());

type Plan = { readonly operatorType: string; readonly children?: readonly Plan[] };

function operators(plan: Plan): string[] {
  return [plan.operatorType.replace(/@.*$/, ''), ...(plan.children ?? []).flatMap(operators)];
}

describe('plans of the writing statements', () => {
  const statements = loadStatements();
  const names = statements.names.filter((name) => name.startsWith('write/'));

  test.each(names)('%s finds every node by its key', async (name) => {
    const statement = statements.get(name);
    const parameters = Object.fromEntries(
      statement.params.map((param) => [param, param === 'n' ? int(1) : []]),
    );
    const plan = await pipeline.graph.explain(statement, { ...parameters });
    const found = operators(plan as Plan);
    expect(
      found.filter((operator) => /AllNodesScan|LabelScan|RelationshipTypeScan/.test(operator)),
    ).toEqual([]);
  });
});
