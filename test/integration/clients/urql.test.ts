import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { getIntrospectionQuery } from 'graphql';
import { startField, type Field } from '../../support/field.ts';

const SOURCE = 'https://cd.example/clients-urql';
const DEPLOYMENT = `${SOURCE}#d1`;

describe('urql', () => {
  let field: Field;
  let id: string;
  let schema: object;
  /** As the browser's, and it is told what is sent. */
  const send = jest.fn(fetch);

  beforeAll(async () => {
    field = await startField();
    const data = { deployment: 'd1', environment: 'prod', scope: 'clients-urql', service: 's' };
    const digests = ['1', '2', '3', '4', '5'].map((byte) => `sha256:${byte.repeat(64)}`);
    await field.post([
      event('created', '2024-01-01T00:00:00Z', { ...data, artifacts: digests }),
      event('completed', '2024-01-01T01:00:00Z', { deployment: 'd1' }),
      event('rolledback', '2024-01-01T02:00:00Z', { deployment: 'd1' }),
    ]);
    id = (await field.idOf(DEPLOYMENT)) ?? '';
    schema = (await field.ask(getIntrospectionQuery())) as object;
  });
  afterAll(() => field.stop());

  const url = () => `${field.url}/graphql`;
  const plain = (options: object = {}) =>
    new Client({ url: url(), exchanges: [fetchExchange], fetch: send, ...options });

  const ENVIRONMENTS = gql`
    query Environments($scope: String!) {
      environments(scope: $scope) {
        nodes {
          key
        }
      }
    }
  `;
  const environments = { environments: { nodes: [{ key: 'clients-urql/prod' }] } };

  it('asks by GET, as it does by default, with the header against foreign pages', async () => {
    send.mockClear();
    const headers = { 'apollo-require-preflight': 'true' };
    const client = plain({ fetchOptions: { headers } });
    const { data, error } = await client.query(ENVIRONMENTS, { scope: 'clients-urql' });
    expect(error).toBeUndefined();
    expect(data).toMatchObject(environments);
    const [asked, options] = send.mock.calls[0]!;
    expect(options?.method).toBe('GET');
    expect(asked).toContain('?query=');
  });

  it('is told what is missing where it sends GET as it is', async () => {
    const { data, error } = await plain().query(ENVIRONMENTS, {
      scope: 'clients-urql',
    });
    expect(data).toBeUndefined();
    expect(error?.graphQLErrors.map(({ message }) => message).join()).toContain(
      'apollo-require-preflight',
    );
  });

  it('asks by POST without anything more', async () => {
    send.mockClear();
    const client = plain({ preferGetMethod: false });
    const { data, error } = await client.query(ENVIRONMENTS, { scope: 'clients-urql' });
    expect(error).toBeUndefined();
    expect(data).toMatchObject(environments);
    expect(send.mock.calls[0]![1]?.method).toBe('POST');
  });

  function normalised() {
    return new Client({
      ...{ url: url(), preferGetMethod: false },
      exchanges: [
        cacheExchange({
          schema: schema as never, // the introspection, as it is served
          keys: KEYS,
          resolvers: { Deployment: { artifacts: relayPagination() } },
        }),
        fetchExchange,
      ],
    });
  }

  it('keeps two moments of one thing apart in its normalised cache', async () => {
    const query = gql`
      query Moments($id: ID!, $then: AsOf!) {
        now: node(id: $id) {
          id
          ... on Deployment {
            state
          }
        }
        then: entityAt(id: $id, asOf: $then) {
          id
          ... on Deployment {
            state
          }
        }
      }
    `;
    const variables = { id, then: { valid: '2024-01-01T01:30:00Z' } };
    const client = normalised();
    const answer = await client.query(query, variables);
    expect(answer.error).toBeUndefined();
    const expected = { now: { state: 'ROLLED_BACK' }, then: { state: 'COMPLETED' } };
    expect(answer.data).toMatchObject(expected);
    const cached = await client.query(query, variables, { requestPolicy: 'cache-only' });
    expect(cached.data).toMatchObject(expected);
  });

  it('puts the pages of a nested connection together', async () => {
    const query = gql`
      query Artifacts($id: ID!, $after: String) {
        node(id: $id) {
          id
          ... on Deployment {
            artifacts(first: 2, after: $after) {
              edges {
                cursor
                node {
                  id
                  key
                }
              }
              pageInfo {
                hasNextPage
                endCursor
              }
            }
          }
        }
      }
    `;
    const client = normalised();
    const page = async (after: string | null): Promise<Artifacts | undefined> => {
      type Answer = { node: { artifacts: Artifacts } };
      const { data, error } = await client.query<Answer>(query, { id, after });
      expect(error).toBeUndefined();
      return data?.node.artifacts;
    };
    let list = await page(null);
    while (list?.pageInfo.hasNextPage === true) list = await page(list.pageInfo.endCursor);
    expect(list?.edges.map(({ node }) => node.key)).toEqual(
      ['1', '2', '3', '4', '5'].map((byte) => `sha256:${byte.repeat(64)}`),
    );
  });
});

type Artifacts = {
  readonly edges: { readonly node: { readonly key: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
};

/** Parts of an answer have no key: they are kept where they were found. */
const KEYS = { DeploymentConnection: () => null };

function event(type: string, time: string, data: object): object {
  return {
    ...{ specversion: '1.0', source: SOURCE, id: type, time },
    ...{ type: `deployment.${type}`, data },
  };
}
