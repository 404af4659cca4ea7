import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Graph } from '../../../src/graph/driver.ts';
import { createReader } from '../../../src/graph/read/reader.ts';
import { loadStatements, type Statements } from '../../../src/graph/statement.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';

const LIST = 'lookup/list/builds/asc';
/** Never ends by itself, and reads nothing. */
const ENDLESS = `UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b UNWIND range(1, 1000000) AS c
  WITH count(a + b + c) AS n RETURN n AS id, 'Build' AS label, {} AS properties`;

describe('the time limit of statements', () => {
  let seed: Seed;
  let asked: Asked;
  const error = jest.fn();

  beforeAll(async () => {
    seed = await createSeed();
    const statements = loadStatements();
    const withEndless: Statements = {
      names: statements.names,
      get: (...path) => {
        const statement = statements.get(...path);
        return statement.name === LIST ? { ...statement, text: ENDLESS } : statement;
      },
    };
    const graph: Pick<Graph, 'read' | 'stream'> = {
      ...seed.graph,
      read: async (statement, parameters) =>
        seed.graph.read(statement, parameters, statement.name === LIST ? { timeoutMs: 1 } : {}),
    };
    const reader = createReader(graph, withEndless);
    asked = await createTestGraphql({ reader, log: { ...SILENT, error } });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  it('S31 a question past its time limit is QUERY_TIMEOUT, not retryable, without host or Cypher', async () => {
    const { data, errors, text } = await asked.ask(
      '{ builds { nodes { id } } environments(first: 1) { pageInfo { hasPreviousPage } } }',
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toMatchObject({ code: 'QUERY_TIMEOUT', retryable: false });
    expect(errors[0]?.message).toContain('ask for less');
    const { host, hostname } = new URL(process.env['STEMMA_TEST_NEO4J_URI'] ?? '');
    for (const secret of [host, hostname, 'bolt', 'neo4j', 'Neo.', 'UNWIND', 'RETURN', 'range(']) {
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    }
    // what the database said is in the log
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({
        err: expect.objectContaining({
          cause: expect.objectContaining({ code: expect.stringContaining('TransactionTimedOut') }),
        }),
      }),
      expect.any(String),
    );
    // one question that takes too long is not the end of the others
    expect(data).toBeNull();
    const after = await asked.ask('{ environments(first: 1) { pageInfo { hasPreviousPage } } }');
    expect(after.data).toEqual({ environments: { pageInfo: { hasPreviousPage: false } } });
  });
});
