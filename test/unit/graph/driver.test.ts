import { afterEach, describe, expect, it, jest } from '@jest/globals';
import neo4j from 'neo4j-driver';
import { createGraph } from '../../../src/graph/driver.ts';

const STATEMENT = { name: 'lookup/nodes', text: 'RETURN 1', params: [] };

describe('time limits of statements', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** What each transaction is begun with; nothing is sent. */
  function watch() {
    const configs: unknown[] = [];
    const result = { records: [], [Symbol.asyncIterator]: () => [][Symbol.iterator]() };
    jest.spyOn(neo4j.Session.prototype, 'run').mockImplementation((_text, _parameters, config) => {
      configs.push(config);
      return result as never;
    });
    jest.spyOn(neo4j.Session.prototype, 'beginTransaction').mockImplementation((config) => {
      configs.push(config);
      return { run: () => result, commit: async () => undefined } as never;
    });
    const graph = createGraph({ uri: 'bolt://127.0.0.1:1', user: 'neo4j', password: 'x' });
    return { graph, configs };
  }
  const limit = (timeout: number, statement = STATEMENT.name) => ({
    timeout,
    metadata: { statement },
  });

  it('S31 every read and write has one, of 30 s where the caller says nothing', async () => {
    const { graph, configs } = watch();
    await graph.read(STATEMENT, {});
    await graph.read(STATEMENT, {}, {});
    await Array.fromAsync(graph.stream(STATEMENT, {}));
    await graph.write('write/some', (run) => run(STATEMENT, {}));
    expect(configs).toEqual([
      ...[limit(30_000), limit(30_000), limit(30_000)],
      limit(30_000, 'write/some'),
    ]);
    await graph.close();
  });

  it('the caller may give another', async () => {
    const { graph, configs } = watch();
    await graph.read(STATEMENT, {}, { timeoutMs: 5 });
    await Array.fromAsync(graph.stream(STATEMENT, {}, { timeoutMs: 6 }));
    await graph.write('write/some', (run) => run(STATEMENT, {}), { timeoutMs: 7 });
    await graph.execute(STATEMENT, {}, { timeoutMs: 8 });
    expect(configs).toEqual([limit(5), limit(6), limit(7, 'write/some'), limit(8)]);
    await graph.close();
  });
});
