import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SILENT } from '../../../src/telemetry.ts';
import { createTestGraphql, fakeReader, type Asked } from '../../support/graphql.ts';

const GET_HEADERS: [string, string][] = [['apollo-require-preflight', 'true']];
const TWO = 'query A { __typename } query B { node(id: "x") { id } }';
const FRAGMENT = 'fragment F on Query { __typename }';

describe('which operation of a document runs (field-api 16-operation-name-500)', () => {
  let asked: Asked;
  const error = jest.fn();
  beforeAll(async () => {
    asked = await createTestGraphql({
      log: { ...SILENT, error },
      reader: fakeReader({ byRefs: async () => new Map() }),
    });
  });
  beforeEach(() => {
    error.mockClear();
  });
  afterAll(async () => asked.graphql.stop());

  it.each([
    ['an unknown name', 'query A { __typename }', 'B', "'A'"],
    ['a name in another case', 'query A { __typename }', 'a', "'A'"],
    ['a name of white space', 'query A { __typename }', ' ', "'A'"],
    ['a name where the only operation has none', '{ __typename }', 'A', 'leave the name out'],
    ['the name of a fragment', `query A { ...F } ${FRAGMENT}`, 'F', "'A'"],
    ['no name for several', TWO, undefined, "'A', 'B'"],
    ['null for several', TWO, null, "'A', 'B'"],
    ['an empty name for several', TWO, '', "'A', 'B'"],
    ['an unknown name among several', TWO, 'C', "'A', 'B'"],
    [
      'an unknown name of a lineage',
      'query A { lineage(of: "x", direction: UPSTREAM) { truncated } }',
      'B',
      "'A'",
    ],
    ['a very long name', 'query A { __typename }', 'x'.repeat(100_000), "'A'"],
  ])('refuses %s, and says what there is', async (_, query, operationName, remedy) => {
    const answer = await asked.send({ body: json({ query, operationName }) });
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_REQUEST']]);
    expect(answer.data).toBeUndefined();
    expect(answer.errors[0]?.message).toContain(remedy);
    expect(answer.text.length).toBeLessThan(1_000);
    expect(error).not.toHaveBeenCalled();
  });

  it.each([
    ['only fragments', FRAGMENT],
    ['nothing', ''],
    ['only a comment', '# nothing'],
    ['only white space', ' \n'],
  ])('refuses a document of %s', async (_, query) => {
    for (const operationName of [undefined, null, '', 'A']) {
      const answer = await asked.send({ body: json({ query, operationName }) });
      expect(answer.status).toBe(400);
      expect(answer.codes).not.toContain('INTERNAL_SERVER_ERROR');
    }
    expect(error).not.toHaveBeenCalled();
  });

  it.each([1, true, ['A'], { name: 'A' }])('refuses %j as a name', async (operationName) => {
    const body = json({ query: 'query A { __typename }', operationName });
    const answer = await asked.send({ body });
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_REQUEST']]);
    expect(error).not.toHaveBeenCalled();
  });

  it.each([undefined, null, '', 'A'])('runs the only operation for %j', async (operationName) => {
    const body = json({ query: 'query A { __typename }', operationName });
    expect((await asked.send({ body })).data).toEqual({ __typename: 'Query' });
  });

  it('runs an operation without a name for an empty one', async () => {
    const answer = await asked.send({ body: { query: '{ __typename }', operationName: '' } });
    expect(answer.data).toEqual({ __typename: 'Query' });
  });

  it('does the same for GET', async () => {
    const get = async (parameters: Record<string, string>) =>
      asked.send({
        method: 'GET',
        headers: GET_HEADERS,
        search: `?${new URLSearchParams(parameters).toString()}`,
      });
    const query = 'query A { __typename }';
    expect((await get({ query, operationName: '' })).data).toEqual({ __typename: 'Query' });
    expect((await get({ query, operationName: 'A' })).data).toEqual({ __typename: 'Query' });
    expect((await get({ query: TWO, operationName: 'A' })).data).toEqual({ __typename: 'Query' });
    for (const parameters of [{ query, operationName: 'B' }, { query: TWO }]) {
      const answer = await get(parameters);
      expect([answer.status, answer.codes]).toEqual([400, ['BAD_REQUEST']]);
    }
    expect(error).not.toHaveBeenCalled();
  });

  it('refuses a mutation by GET, whichever operation the name picks', async () => {
    const query =
      'query A { __typename } mutation M { discardDeadLetters(ids: [], reason: "x") { outcome } }';
    const search = (operationName: string) =>
      `?${new URLSearchParams({ query, operationName }).toString()}`;
    const get = async (name: string) =>
      asked.send({ method: 'GET', headers: GET_HEADERS, search: search(name) });
    expect((await get('A')).data).toEqual({ __typename: 'Query' });
    const refused = await get('M');
    expect([refused.status, refused.codes]).toEqual([405, ['BAD_REQUEST']]);
  });
});

/** As it comes over the wire: without what is undefined. */
function json(body: object): unknown {
  return JSON.parse(JSON.stringify(body));
}
