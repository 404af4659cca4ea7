import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

const SOURCE = 'https://agents.workflows-list.example';
const PREFIX = 'workflows-list';

let field: Field;
let count = 0;
const tell = (verb: string, workflow: string, hour: string, rest: object = {}) => {
  count += 1;
  return {
    ...{ specversion: '1.0', id: `e${count}`, source: SOURCE, type: `workflow.${verb}` },
    time: `1998-03-01T${hour}:00:00Z`,
    data: { workflow, name: `${PREFIX} ${workflow}`, ...rest },
  };
};

beforeAll(async () => {
  field = await startField();
  const receipts = await field.post([
    tell('created', 'waiting', '07'),
    tell('started', 'early', '08'),
    tell('started', 'late', '11'),
    tell('progressed', 'late', '12', { percentage: 40 }),
    tell('started', 'done', '09'),
    tell('completed', 'done', '10'),
    tell('progressed', 'done', '13', { percentage: 90 }),
    tell('started', 'broken', '06'),
    tell('failed', 'broken', '07'),
    tell('started', 'dropped', '05'),
    tell('cancelled', 'dropped', '06'),
  ]);
  for (const { status } of receipts) expect(status).toBe('APPLIED');
});
afterAll(() => field.stop());

async function names(filter: string): Promise<string[]> {
  const { workflows } = await field.ask(
    `{ workflows(namePrefix: "${PREFIX}", orderBy: OLDEST_FIRST ${filter}) { totalCount nodes { name } } }`,
  );
  const found = workflows.nodes.map(({ name }: { name: string }) => name.slice(PREFIX.length + 1));
  expect(workflows.totalCount).toBe(found.length);
  return found;
}

describe('workflows', () => {
  it('come in the order in which they were started, by their state', async () => {
    expect(await names('')).toEqual(['dropped', 'broken', 'waiting', 'early', 'done', 'late']);
    expect(await names('state: RUNNING')).toEqual(['early', 'late']);
    expect(await names('state: CREATED')).toEqual(['waiting']);
    expect(await names('state: FAILURE')).toEqual(['broken']);
    expect(await names('state: CANCELLED')).toEqual(['dropped']);
    expect(await names('since: "1998-03-01T09:00:00Z"')).toEqual(['done', 'late']);
  });

  it('that are stuck were begun before a time and have no end; what has ended stays so, whatever comes later', async () => {
    expect(await names('stuck: true')).toEqual(['waiting', 'early', 'late']);
    const before = 'startedBefore: "1998-03-01T10:00:00Z"';
    expect(await names(`stuck: true, ${before}`)).toEqual(['waiting', 'early']);
    expect(await names(`stuck: false, ${before}`)).toEqual(['dropped', 'broken', 'done']);
    expect(await names('state: SUCCESS')).toEqual(['done']);
  });

  it('are read from both ends', async () => {
    const page = async (place: string) =>
      (
        await field.ask(
          `{ workflows(namePrefix: "${PREFIX}", orderBy: NEWEST_FIRST, ${place}) { nodes { name } pageInfo { endCursor startCursor } } }`,
        )
      ).workflows;
    const first = await page('first: 2');
    const rest = await page(`first: 10, after: "${first.pageInfo.endCursor}"`);
    const back = await page(`last: 2, before: "${rest.pageInfo.startCursor}"`);
    expect([...first.nodes, ...rest.nodes]).toHaveLength(6);
    expect(back.nodes).toEqual(first.nodes);
  });
});
