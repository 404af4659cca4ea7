import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';

const statements = loadStatements();

describe('plans of the statements that look around', () => {
  let seed: Seed;
  beforeAll(async () => {
    seed = await createSeed();
  });
  afterAll(async () => seed.close());
  const planOf = async (name: string) =>
    (await seed.explain(statements.get(`explore/${name}`).text)).join('\n');

  it.each([
    ['by-prefix', 'NodeUniqueIndexSeekByRange'],
    ['unresolved/asc', 'NodeUniqueIndexSeekByRange'],
    ['unresolved/desc', 'NodeUniqueIndexSeekByRange'],
    ['caused-by', 'Event(causationId)'],
    ['timeline/asc', 'Event(subjectRef, n)'],
    ['timeline/desc', 'Event(subjectRef, n)'],
    ['event-counts', 'Event(type, at)'],
    ['event-totals', 'Event(at)'],
    ['event-counts-then', 'Event(at)'],
    ['deployments', 'Event(type, at)'],
    ['around', 'NodeByIdSeek'],
    ['full-text-names', 'ProcedureCall'],
    ['full-text-keys', 'ProcedureCall'],
  ])('%s seeks in an index', async (name, operator) => {
    const plan = await planOf(name);
    expect(plan).toContain(operator);
    expect(plan).not.toMatch(/NodeByLabelScan|AllNodesScan/);
  });

  it('figures of the past read the events since, and the deployments that these are about', async () => {
    const plan = (await seed.explain(statements.get('history/deployments-then').text)).join('\n');
    for (const index of ['Event(type, n)', 'Event(type, at)', 'Event(subjectRef, n)']) {
      expect(plan).toContain(index);
    }
    expect(plan).not.toMatch(/AllNodesScan|NodeByLabelScan/);
  });

  it('what was withdrawn of deployments is found among the withdrawals of events, not among those of documents', async () => {
    const { text } = statements.get('history/withdrawn-deployments');
    const plan = (await seed.explain(text)).join('\n');
    expect(plan).toContain('Withdrawal(ofEvent)');
    expect(plan).not.toMatch(/AllNodesScan|NodeByLabelScan/);
  });

  it('deployments meets each commit after another one once, however many ways lead to it', async () => {
    const plan = await planOf('deployments');
    expect(plan).toMatch(/VarLengthExpand\(Pruning,BFS[^\n]*PARENT/);
    expect(plan).not.toMatch(/VarLengthExpand\(All[^\n]*PARENT/);
  });

  it.each([
    ['registered-types', 'Event(type, n)'],
    ['automation/log', 'Event(type, n)'],
    ['automation/statements', 'Event(type, n)'],
    ['automation/progress', 'AutomationProgress(key)'],
    ['gates/states', 'GateState(key)'],
    ['gates/of-key', 'GateState(on, gate)'],
    ['gates/of-gate/asc', 'GateState(gate, on)'],
    ['gates/of-gate/desc', 'GateState(gate, on)'],
    ['gates/of-outcome/asc', 'GateState(gate, outcome, on)'],
    ['gates/of-outcome/desc', 'GateState(gate, outcome, on)'],
  ])('what is defined, and what gates know: %s seeks in an index', async (name, index) => {
    const plan = (await seed.explain(statements.get(`lookup/${name}`).text)).join('\n');
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/NodeByLabelScan|AllNodesScan/);
  });

  it.each(['automation/log', 'gates/of-gate/asc', 'gates/of-outcome/desc'])(
    '%s stops at its limit',
    async (name) => {
      const plan = (await seed.explain(statements.get(`lookup/${name}`).text)).join('\n');
      expect(plan).not.toMatch(/^\s*Sort/m);
    },
  );

  it.each([['event-counts'], ['event-totals']])('%s never reads an event', async (name) => {
    expect(await planOf(name)).toContain('cache[e.at]');
  });

  it('counts reads the count store alone', async () => {
    const plan = await planOf('counts');
    expect(plan).toContain('NodeCountFromCountStore');
    expect(plan).not.toMatch(/Scan|Seek/);
  });

  it.each([['unresolved-counts'], ['trust-counts']])('%s stops at its bound', async (name) => {
    const lines = await seed.explain(statements.get(`explore/${name}`).text);
    const scans = lines.flatMap((line, at) => (line.includes('LabelScan') ? [lines[at - 1]] : []));
    expect(scans).not.toEqual([]);
    for (const above of scans) expect(above).toMatch(/^Limit/);
  });
});
