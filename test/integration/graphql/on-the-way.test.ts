import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toId } from '../../../src/graphql/ids.ts';
import { startField, type Field } from '../../support/field.ts';
import { until } from '../../support/until.ts';

/** Questions about what was accepted and is not in the graph yet. */

const COMMIT = '0712e77a0712e77a0712e77a0712e77a0712e77a';
const RESOLVE = `{ resolve(ref: "${COMMIT}") { key } }`;
const LINEAGE = `{ lineage(of: "${toId({ label: 'Commit', key: COMMIT })}", direction: UPSTREAM) {
  nodes { depth } completeness { acceptedPosition throughPosition } } }`;

let field: Field;
beforeAll(async () => {
  field = await startField(true);
}, 60_000);
afterAll(() => field.stop());

test('while the writer is held back, an answer that misses something tells that it may be on its way; afterwards it does not', async () => {
  expect(await field.gql(RESOLVE)).toEqual({ data: { resolve: null } });

  const response = await fetch(`${field.url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify([
      {
        ...{ specversion: '1.0', id: 'on-the-way', source: 'https://ci.example/on-the-way' },
        ...{ type: 'source.commit.created', time: '2026-11-30T10:00:00Z' },
        data: { commit: COMMIT, repository: 'https://git.example/on/the-way' },
      },
    ]),
  });
  const sent = (await response.json()) as { receipts: { status: string; position: number }[] };
  expect(sent).toMatchObject({ receipts: [{ status: 'ACCEPTED' }] });
  const position = sent.receipts[0]!.position;
  const onTheWay = { acceptedPosition: position, throughPosition: position - 1 };
  const words = `accepted up to ${position}, applied up to ${position - 1}`;

  expect(await field.gql(RESOLVE)).toEqual({ data: { resolve: null }, extensions: { onTheWay } });
  const { errors, extensions } = await field.gql(LINEAGE);
  expect(errors).toMatchObject([
    {
      message: expect.stringContaining(words),
      extensions: { code: 'NOT_FOUND', onTheWay },
    },
  ]);
  expect(extensions).toEqual({ onTheWay });
  const asked = await field.cli(['get', COMMIT]);
  expect([asked.exitCode, asked.stderr]).toEqual([4, expect.stringContaining(words)]);
  const asJson = await field.cli(['lineage', COMMIT, '--up', '--json']);
  expect(JSON.parse(asJson.stderr)).toMatchObject({
    error: { code: 'NOT_FOUND', message: expect.stringContaining(words) },
  });

  await field.release();
  await until(async () => (await field.gql(RESOLVE)).data.resolve !== null, 30_000);
  expect(await field.gql(RESOLVE)).toEqual({ data: { resolve: { key: COMMIT } } });
  expect((await field.gql(LINEAGE)).data.lineage.completeness).toEqual({
    ...{ acceptedPosition: position, throughPosition: position },
  });
  const missing = RESOLVE.replace(COMMIT, COMMIT.replace('0', '1'));
  await until(async () => (await field.gql(missing)).extensions === undefined, 30_000);
  expect((await field.cli(['get', COMMIT.replace('0', '1')])).stderr).not.toContain('on their way');
}, 120_000);
