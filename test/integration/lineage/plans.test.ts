import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';

const statements = loadStatements();
const named = (pattern: RegExp) => statements.names.filter((name) => pattern.test(name));

describe('plans of lineage', () => {
  let seed: Seed;
  beforeAll(async () => {
    seed = await createSeed();
  });
  afterAll(async () => seed.close());

  it.each(named(/^lineage\/(walk\/\w+\/typed|totals\/\w+\/\w+)\/(2|10|100000)$/))(
    '%s prunes breadth first',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toMatch(/VarLengthExpand\(Pruning,BFS,All\)/);
      expect(plan).toContain(`*..${name.slice(name.lastIndexOf('/') + 1)}]`);
      expect(plan).not.toMatch(/Scan|Sort|Top/);
    },
  );

  it.each(named(/^path\/shortest\//))('%s searches from both ends', async (name) => {
    const plan = (await seed.explain(statements.get(name).text)).join('\n');
    expect(plan).toMatch(/ShortestPath/);
    expect(plan).not.toMatch(/Scan|VarLengthExpand/);
  });

  it.each(['lineage/nodes', 'lineage/where', 'path/nodes', 'history/events-about'])(
    '%s seeks its nodes',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toContain('NodeByIdSeek');
      expect(plan).not.toMatch(/AllNodesScan|NodeByLabelScan/);
    },
  );
});
