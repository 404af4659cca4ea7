import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { releaseOf } from '../../../bench/cold.ts';
import { int, type Graph, type Plan } from '../../../src/graph/driver.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { compilePlans } from '../../../src/graph/write/plans.ts';
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

  /** The graph, and the names of the statements that were sent to it in transactions of one name. */
  function noting(transaction: string): { readonly graph: Graph; readonly sent: Set<string> } {
    const { graph } = pipeline;
    const sent = new Set<string>();
    const write: Graph['write'] = (name, work, options) =>
      graph.write(
        name,
        (run) =>
          work((statement, parameters) => {
            if (name === transaction) sent.add(statement.name);
            return run(statement, parameters);
          }),
        options,
      );
    return { graph: { ...graph, write }, sent };
  }

  test('takes nothing before that', async () => {
    const gate = Promise.withResolvers<null>();
    await pipeline.publish([build('waits')]);
    const starting = pipeline.startWriter({
      ...{ graph: gated(() => gate.promise), compilePlans: true },
    });
    const first = await Promise.race([starting, new Promise((done) => setTimeout(done, 300))]);
    expect(first).toBeUndefined();
    gate.resolve(null);
    const writer = await starting;
    await pipeline.caughtUp();
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

  test('has all that it needs for the first release of a service', async () => {
    const compiled = noting('write/plans');
    await compilePlans(compiled.graph, pipeline.statements);
    const { graph, sent } = noting('write/batch');
    const writer = await pipeline.startWriter({ graph });
    await pipeline.publish(releaseOf('plans', 1));
    await pipeline.caughtUp();
    await writer.stop();
    expect(sent.size).toBeGreaterThan(15);
    expect([...sent].filter((name) => !compiled.sent.has(name))).toEqual([]);
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
