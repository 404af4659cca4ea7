import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';

const statements = loadStatements();
const named = (pattern: RegExp) => statements.names.filter((name) => pattern.test(name));

describe('plans', () => {
  let seed: Seed;
  beforeAll(async () => {
    seed = await createSeed();
  });
  afterAll(async () => seed.close());

  it.each(named(/^lineage\/walk\/\w+\/(plain|history)\/(2|10|100000)$/))(
    '%s prunes breadth first and stops at its limit',
    async (name) => {
      const plan = await seed.explain(statements.get(name).text);
      const bound = name.slice(name.lastIndexOf('/') + 1);
      expect(plan.join('\n')).toMatch(/VarLengthExpand\(Pruning,BFS,All\)/);
      expect(plan.join('\n')).toContain(`*..${bound}]`);
      expect(plan.join('\n')).not.toMatch(/Scan|Sort|Top/);
      // an aggregation of depths below the limit would walk to the end before it stops
      const limit = plan.findIndex((line) => line.startsWith('Limit'));
      expect(limit).toBeGreaterThan(-1);
      const walk = plan.slice(
        limit,
        plan.findIndex((line, at) => at > limit && line.startsWith('Argument')),
      );
      expect(walk.join('\n')).toMatch(/VarLengthExpand/);
      expect(walk.join('\n')).not.toMatch(/Aggregation/);
    },
  );

  it.each(named(/^lineage\/(step\/\w+\/(plain|history)|context|attested)$/))(
    '%s stops at its limit',
    async (name) => {
      const plan = await seed.explain(statements.get(name).text);
      const limit = plan.findIndex((line) => line.startsWith('Limit'));
      expect(limit).toBeGreaterThan(-1);
      expect(plan.slice(limit).join('\n')).not.toMatch(/Aggregation|Sort|Top/);
    },
  );

  it.each(named(/^lineage\/((edges|beyond)\/.*|context|context-edges|attested)$/))(
    '%s seeks its nodes',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toContain('NodeByIdSeek');
      expect(plan).not.toContain('Scan');
    },
  );

  it.each(named(/^lookup\/neighbors\/(USED|AFFECTS)\//))('%s seeks its nodes', async (name) => {
    const plan = (await seed.explain(statements.get(name).text)).join('\n');
    expect(plan).toContain('NodeByIdSeek');
    expect(plan).not.toContain('Scan');
  });

  it.each(named(/^lookup\/(nodes|events-by-key|events-of\/.*|.*-by-prefix|events\/.*)$/))(
    '%s uses an index',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).toMatch(/Index(Unique)?(Seek|SeekByRange)|IndexSeek/);
      expect(plan).not.toMatch(/NodeByLabelScan|AllNodesScan/);
    },
  );

  it('lookup/position-at reads the events of one moment, and no more', async () => {
    const plan = (await seed.explain(statements.get('lookup/position-at').text)).join('\n');
    expect(plan).toContain('NodeIndexSeekByRange');
    expect(plan).toContain('NodeIndexSeek@');
    expect(plan).not.toMatch(/Scan|Sort|Top/);
  });

  it.each(named(/^lookup\/list\//))(
    '%s scans no more than an index, in its order',
    async (name) => {
      const plan = (await seed.explain(statements.get(name).text)).join('\n');
      expect(plan).not.toContain('AllNodesScan');
      if (name.includes('-latest/')) expect(plan).not.toContain('NodeByLabelScan');
      if (name.includes('-among/')) expect(plan).toContain('NodeUniqueIndexSeek');
      // what is put in order by time, or counted, is all that fits
      if (/\/(newest|oldest|count)$/.test(name)) return;
      if (!/-of-|-in-|-at\/|-among\/|-latest\//.test(name)) {
        expect(plan).not.toMatch(/NodeByLabelScan|Sort|Top/);
      }
    },
  );
});
