import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR_CODES, StemmaError } from '../../../src/errors.ts';
import { SILENT } from '../../../src/telemetry.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createTestGraphql, fakeReader, type Asked } from '../../support/graphql.ts';

const SECRET = 'bolt://db.internal password=hunter2';

describe('errors as clients see them', () => {
  let asked: Asked;
  const error = jest.fn();
  beforeAll(async () => {
    asked = await createTestGraphql({
      log: { ...SILENT, error },
      reader: fakeReader({
        builds: () => {
          throw new Error(SECRET);
        },
        artifacts: () => {
          const cause = new Error(SECRET);
          throw new StemmaError(
            'DEPENDENCY_UNAVAILABLE',
            'The graph database does not answer: try again shortly.',
            {
              cause,
            },
          );
        },
        byRefs: async () => new Map(),
      }),
    });
  });
  afterAll(async () => asked.graphql.stop());

  it('S33 masks whatever was not written for clients, and logs it with the request id', async () => {
    const { errors, text } = await asked.ask('{ builds { nodes { id } } }');
    expect(errors[0]?.extensions).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      retryable: false,
    });
    expect(text).not.toContain('hunter2');
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({
        requestId: errors[0]?.extensions['requestId'],
        err: expect.objectContaining({ message: SECRET }),
      }),
      expect.any(String),
    );
  });

  it('S32 says that Neo4j is down, that it helps to try again, and names no host', async () => {
    const { errors, text } = await asked.ask('{ artifacts { nodes { id } } }');
    expect(errors[0]?.extensions).toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      retryable: true,
    });
    expect(text).not.toContain('internal');
  });

  it('S16 tells a malformed global id, and answers null for one that names nothing', async () => {
    for (const id of ['x', 'QnVpbGQ6', 'Build:1', '', toId({ label: 'Build', key: 'a' }) + '=']) {
      const { codes, data } = await asked.ask('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect([codes, data]).toEqual([['BAD_USER_INPUT'], { node: null }]);
    }
    const id = toId({ label: 'Build', key: 'unknown' });
    expect((await asked.ask('query ($id: ID!) { node(id: $id) { id } }', { id })).data).toEqual({
      node: null,
    });
  });

  it('S16 refuses the id of an event where a thing is asked for', async () => {
    const of = toId({ label: 'Event', key: 'urn:x 1' });
    const query = 'query ($of: ID!) { lineage(of: $of, direction: UPSTREAM) { truncated } }';
    expect((await asked.ask(query, { of })).codes).toEqual(['BAD_USER_INPUT']);
    const unknown = toId({ label: 'Build', key: 'unknown' });
    expect((await asked.ask(query, { of: unknown })).codes).toEqual(['NOT_FOUND']);
  });

  it('S17 refuses introspection where it is off', async () => {
    const closed = await createTestGraphql({ introspection: false });
    const answer = await closed.ask('{ __schema { types { name } } }');
    expect([answer.status, answer.codes]).toEqual([400, ['INTROSPECTION_DISABLED']]);
    await closed.graphql.stop();
  });

  it('S18 does not suggest names', async () => {
    const answer = await asked.ask('{ build { nodes { id } } }');
    expect([answer.status, answer.codes]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
    expect(answer.text).not.toContain('Did you mean');
  });

  it('S20 refuses what a foreign web page could send', async () => {
    const text = await asked.send({
      headers: [['content-type', 'text/plain']],
      body: { query: '{ __typename }' },
    });
    const get = await asked.send({ method: 'GET', headers: [], search: '?query=%7B__typename%7D' });
    expect([text.status, text.codes, get.status, get.codes]).toEqual([
      400,
      ['BAD_REQUEST'],
      400,
      ['BAD_REQUEST'],
    ]);
  });

  it('S21 refuses a mutation over GET', async () => {
    const query = encodeURIComponent('mutation { publishEvents(events: [1]) { status } }');
    const answer = await asked.send({
      method: 'GET',
      headers: [['apollo-require-preflight', 'true']],
      search: `?query=${query}`,
    });
    expect([answer.status, answer.codes]).toEqual([405, ['BAD_REQUEST']]);
  });

  it.each([
    ['Int 2^31', '{ builds(first: 2147483648) { nodes { id } } }', {}, 'PAGE_SIZE_TOO_LARGE'],
    [
      'Int 2^31 as maxDepth',
      '{ lineage(of: "x", direction: UPSTREAM, maxDepth: 2147483648) { truncated } }',
      {},
      'BAD_USER_INPUT',
    ],
    [
      'a day that does not exist',
      '{ builds(since: "2026-02-30T00:00:00Z") { nodes { id } } }',
      {},
      'BAD_USER_INPUT',
    ],
    [
      'a date without time',
      'query ($t: DateTime) { builds(since: $t) { nodes { id } } }',
      { t: '2026-02-01' },
      'BAD_USER_INPUT',
    ],
    ['a digest of wrong length', mutation('digest: "sha256:abc"'), {}, 'BAD_USER_INPUT'],
    ['a digest in capitals', mutation(`digest: "sha256:${'A'.repeat(64)}"`), {}, 'BAD_USER_INPUT'],
    [
      'a size with a fraction',
      mutation(`digest: "sha256:${'a'.repeat(64)}", size: 1.5`),
      {},
      'BAD_USER_INPUT',
    ],
    [
      'a bad purl',
      mutation(`digest: "sha256:${'a'.repeat(64)}", purl: "npm/x"`),
      {},
      'BAD_USER_INPUT',
    ],
    ['an unknown enum value', '{ builds(state: LOST) { nodes { id } } }', {}, 'BAD_USER_INPUT'],
  ])('S26 refuses %s', async (_, query, variables, code) => {
    const answer = await asked.ask(query, variables);
    expect([answer.status, answer.codes]).toEqual([400, [code]]);
  });

  it('S26 names the field of a variable that does not fit', async () => {
    const query = 'mutation ($i: RecordArtifactInput!) { recordArtifact(input: $i) { status } }';
    const answer = await asked.ask(query, { i: { digest: 'sha256:abc' } });
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_USER_INPUT']]);
    expect(answer.errors[0]?.message).toContain('i.digest');
  });

  it('gives every error a code of the closed list, a request id and retryable', async () => {
    for (const query of ['{', '', '{ nothing }', 'query A { __typename } query B { __typename }']) {
      for (const { extensions } of (await asked.ask(query)).errors) {
        expect(ERROR_CODES).toContain(extensions['code']);
        expect(extensions).toMatchObject({ requestId: expect.any(String), retryable: false });
      }
    }
  });

  it('answers a syntax error with 400 GRAPHQL_PARSE_FAILED', async () => {
    const answer = await asked.ask('{');
    expect([answer.status, answer.codes]).toEqual([400, ['GRAPHQL_PARSE_FAILED']]);
  });
});

function mutation(input: string): string {
  return `mutation { recordArtifact(input: { ${input} }) { status } }`;
}
