import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { int, type Graph, type Plan } from '../../../src/graph/driver.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { event } from '../../support/events.ts';
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

  test.each(['write/log/events', 'write/node/Build', 'write/edge/BUILT_FROM/Build/Commit'])(
    '%s is planned once for batches of any length',
    async (name) => {
      const row = { key: '', f: [], a: '', b: '', c: '', p: {} };
      const explain = (length: number) =>
        pipeline.graph.explain(statements.get(name), { rows: Array<object>(length).fill(row) });
      // what is planned for a length estimates rows by it
      expect(await explain(1_000)).toEqual(await explain(1));
    },
  );
});

describe('a writer that has its plans compiled', () => {
  const source = 'https://ci.example/plans';
  const build = (id: string) =>
    event('build.started', { build: `${source}/${id}` }, { id, source });

  /** The graph, which compiles when it is told to. */
  function gated(compile: () => Promise<unknown>): Graph {
    const { graph } = pipeline;
    return {
      ...graph,
      write: async (name, work, options) => {
        if (name === 'write/plans') await compile();
        return graph.write(name, work, options);
      },
    };
  }

  test('takes nothing before that, and says so', async () => {
    const gate = Promise.withResolvers<null>();
    const graph = gated(() => gate.promise);
    const writer = await pipeline.startWriter({ graph, compilePlans: true });
    await pipeline.publish([build('waits')]);
    expect(writer.state()).toEqual({ phase: 'preparing' });
    expect(writer.counts()).toMatchObject({ applied: 0 });
    gate.resolve(null);
    await pipeline.caughtUp();
    expect(writer.state()).toEqual({ phase: 'running' });
    expect(writer.counts()).toMatchObject({ applied: 1 });
    await writer.stop();
  });

  test('goes on without them where the database does not compile', async () => {
    const graph = gated(() => Promise.reject(new Error('no')));
    const writer = await pipeline.startWriter({ graph, compilePlans: true });
    await pipeline.publish([build('goes-on')]);
    await pipeline.caughtUp();
    expect(writer.counts()).toMatchObject({ applied: 1 });
    await writer.stop();
  });

  test('stops at the next statement when it is told to stop meanwhile', async () => {
    const { graph } = pipeline;
    let planned = 0;
    const first = Promise.withResolvers<null>();
    const go = Promise.withResolvers<null>();
    const slow: Graph = {
      ...graph,
      write: (name, work, options) =>
        graph.write(
          name,
          (run) =>
            work(async (statement, parameters) => {
              planned += 1;
              first.resolve(null);
              await go.promise;
              return run(statement, parameters);
            }),
          options,
        ),
    };
    const writer = await pipeline.startWriter({ graph: slow, compilePlans: true });
    await first.promise;
    const stopped = writer.stop();
    go.resolve(null);
    await stopped;
    expect(planned).toBe(1);
    expect(writer.state()).toEqual({ phase: 'stopped' });
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
