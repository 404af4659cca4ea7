import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';

const statements = loadStatements();
const named = (pattern: RegExp) => statements.names.filter((name) => pattern.test(name));

describe('plans of questions', () => {
  let seed: Seed;
  beforeAll(async () => {
    seed = await createSeed();
  });
  afterAll(async () => seed.close());

  it.each(named(/^question\/(walk|step|beside|nodes|seen)/))('%s seeks its nodes', async (name) => {
    const plan = (await seed.explain(statements.get(name).text)).join('\n');
    expect(plan).toContain('NodeByIdSeek');
    expect(plan).not.toContain('Scan');
    if (name.includes('walk')) expect(plan).toMatch(/VarLengthExpand\(Pruning,BFS,All\)/);
  });

  it.each(named(/^question\/(slot-mates|deployment-events|triage)/))(
    '%s uses an index',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toMatch(/Index/);
      expect(plan).not.toMatch(/NodeByLabelScan|AllNodesScan/);
    },
  );

  it.each([
    ...named(/^question\/concerns-/),
    ...named(/^question\/(names|namesakes|packages-below)$/),
  ])(
    '%s, which an advisory is judged with, reads no package that it does not name',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toMatch(/NodeByIdSeek|NodeIndexSeek|NodeUniqueIndexSeek/);
      expect(plan).not.toMatch(/LabelScan|AllNodesScan|IndexScan/);
    },
  );

  it.each(['question/deployments', 'question/live'])(
    '%s looks at environments, never at all deployments',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toMatch(/Environment/);
      expect(plan).not.toMatch(/AllNodesScan|Scan "[^"]*:Deployment/);
    },
  );
});
