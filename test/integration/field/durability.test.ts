import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

test('every receipt tells its client what the disk of the bus has: POST /events, /documents, GraphQL and the command line', async () => {
  const source = 'https://ci.durability.example';
  const WORTH = expect.stringMatching(/^(MEMORY|EVERYSEC|FSYNCED)$/) as unknown;
  const build = {
    ...{ specversion: '1.0', id: 'b1', source, type: 'build.started' },
    data: { build: `${source}/1` },
  };
  const [first] = await field.post([build]);
  const [copy] = await field.post([build]);
  expect([first, copy]).toMatchObject([{ durability: WORTH }, { durability: first!.durability }]);
  const [refused] = await field.post([{ ...build, id: 'b2', data: {} }]);
  expect(refused).toMatchObject({ status: 'REJECTED' });
  expect(refused).not.toHaveProperty('durability');

  const bom = { bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: 'urn:uuid:durability' };
  const answer = await fetch(`${field.url}/documents`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ ...bom, version: 1, components: [] }),
  });
  const { receipts } = (await answer.json()) as { receipts: object[] };
  expect(receipts).toMatchObject([{ durability: WORTH }]);

  const { startBuild } = await field.ask(
    `mutation ($build: String!) { startBuild(input: { build: $build }) { status durability } }`,
    { build: `${source}/2` },
  );
  expect(startBuild.durability).toEqual(WORTH);
  const { stdout } = await field.cli(['record', 'build', `${source}/3`, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ durability: WORTH });
});
