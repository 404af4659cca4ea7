import {
  ApolloClient,
  HttpLink,
  InMemoryCache,
  gql,
  type TypedDocumentNode,
  type TypePolicies,
} from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

const SOURCE = 'https://cd.example/clients-apollo';

describe('Apollo Client', () => {
  let field: Field;
  let id: string;
  let possibleTypes: Record<string, string[]>;
  beforeAll(async () => {
    field = await startField();
    await field.post([
      ...deployment('one', 1, ['completed', 'rolledback']),
      ...deployment('two', 3, ['completed']),
      ...deployment('three', 5, ['completed']),
      ...deployment('four', 7, ['failed']),
      ...deployment('five', 9, ['completed']),
    ]);
    id = (await field.idOf(`${SOURCE}#one`)) ?? '';
    possibleTypes = await possibleTypesOf(field);
  });
  afterAll(() => field.stop());

  function client(typePolicies: TypePolicies = {}, useGETForQueries = false) {
    return new ApolloClient({
      link: new HttpLink({ uri: `${field.url}/graphql`, useGETForQueries }),
      cache: new InMemoryCache({ possibleTypes, typePolicies }),
    });
  }

  it('keeps two moments of one thing apart in its cache (field-api 18-node-as-of-cache)', async () => {
    const query = gql`
      query Moments($id: ID!, $then: AsOf!) {
        now: node(id: $id) {
          id
          ... on Deployment {
            state
            isLive
          }
        }
        then: entityAt(id: $id, asOf: $then) {
          id
          ... on Deployment {
            state
            isLive
          }
        }
      }
    `;
    const apollo = client();
    const then = { valid: '2024-01-01T00:30:00Z' };
    const { data } = await apollo.query({ query, variables: { id, then } });
    const expected = {
      now: { __typename: 'Deployment', id, state: 'ROLLED_BACK', isLive: false },
      then: { __typename: 'Deployment', id: expect.not.stringMatching(id), state: 'CREATED' },
    };
    expect(data).toMatchObject(expected);
    // what the cache alone answers, which is what a screen shows that is drawn again
    expect(apollo.readQuery({ query, variables: { id, then } })).toMatchObject(expected);
  });

  it('reads an earlier moment again by the id that came with it', async () => {
    const apollo = client();
    const at: TypedDocumentNode<{ entityAt: { id: string; state: string } }> = gql`
      query Then($id: ID!) {
        entityAt(id: $id, asOf: { valid: "2024-01-01T01:30:00Z" }) {
          id
          ... on Deployment {
            state
          }
        }
      }
    `;
    const { data } = await apollo.query({
      query: at,
      variables: { id },
    });
    expect(data?.entityAt.state).toBe('COMPLETED');
    const again = gql`
      query Again($id: ID!) {
        node(id: $id) {
          id
          ... on Deployment {
            state
          }
        }
      }
    `;
    const refetched = await apollo.query({ query: again, variables: { id: data?.entityAt.id } });
    expect(refetched.data).toEqual({ node: data?.entityAt });
  });

  it('puts the pages of a connection together, from the front and from the back', async () => {
    type Answer = {
      deployments: {
        edges: { node: { key: string } }[];
        pageInfo: Record<'hasNextPage' | 'hasPreviousPage', boolean> &
          Record<'startCursor' | 'endCursor', string>;
      };
    };
    const query: TypedDocumentNode<Answer> = gql`
      query Page($first: Int, $after: String, $last: Int, $before: String) {
        deployments(
          environment: "clients-apollo/prod"
          first: $first
          after: $after
          last: $last
          before: $before
        ) {
          edges {
            cursor
            node {
              id
              key
            }
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
        }
      }
    `;
    const policies = {
      Query: { fields: { deployments: relayStylePagination(['environment']) } },
    };
    const keys = ['five', 'four', 'one', 'three', 'two'].map((name) => `${SOURCE}#${name}`);
    const keysIn = (answer: Answer | null | undefined) =>
      answer?.deployments.edges.map(({ node }) => node.key);

    const pageInfoOf = async (apollo: ApolloClient, variables: object) => {
      // not from the cache, which has the list already, as far as it goes
      const asked = { query, variables, fetchPolicy: 'network-only' } as const;
      return (await apollo.query(asked)).data?.deployments.pageInfo;
    };
    const forwards = client(policies);
    for (let after: string | undefined, page = 0; page < 3; page += 1) {
      after = (await pageInfoOf(forwards, { first: 2, after }))?.endCursor;
    }
    const all = forwards.readQuery({ query, variables: { first: 2 } });
    expect(keysIn(all)).toEqual(keys);
    expect(all?.deployments.pageInfo.hasNextPage).toBe(false);

    const backwards = client(policies);
    for (let before: string | undefined, page = 0; page < 3; page += 1) {
      before = (await pageInfoOf(backwards, { last: 2, before }))?.startCursor;
    }
    const same = backwards.readQuery({ query, variables: { last: 2 } });
    expect(keysIn(same)).toEqual(keys);
    expect(same?.deployments.pageInfo.hasPreviousPage).toBe(false);
  });

  it('asks by GET, with the name of the operation as its header', async () => {
    const query = gql`
      query Environments($scope: String!) {
        environments(scope: $scope) {
          nodes {
            id
            name
          }
        }
      }
    `;
    const apollo = client({}, true);
    const { data } = await apollo.query({ query, variables: { scope: 'clients-apollo' } });
    expect(data).toMatchObject({ environments: { nodes: [{ name: 'prod' }] } });
  });

  it('gets errors with their code', async () => {
    const query = gql`
      query Wrong {
        node(id: "nothing of ours") {
          id
        }
      }
    `;
    const { error } = await client().query({ query, errorPolicy: 'all' });
    expect(error).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

/** A deployment that was created at an hour, and what became of it in the hours that follow. */
function deployment(name: string, hour: number, then: readonly string[]): object[] {
  const event = (type: string, at: number, data: object) => ({
    ...{ specversion: '1.0', source: SOURCE, id: `${name}-${type}`, type: `deployment.${type}` },
    ...{ time: new Date(Date.UTC(2024, 0, 1, at - 1)).toISOString(), data },
  });
  return [
    event('created', hour, {
      ...{ deployment: name, environment: 'prod', scope: 'clients-apollo', service: name },
      artifacts: [`sha256:${Buffer.from(name.padEnd(32, '.')).toString('hex')}`],
    }),
    ...then.map((type, at) => event(type, hour + at + 1, { deployment: name })),
  ];
}

/** As the documentation of Apollo Client has it generated. */
async function possibleTypesOf(field: Field): Promise<Record<string, string[]>> {
  const { __schema } = await field.ask(
    '{ __schema { types { kind name possibleTypes { name } } } }',
  );
  type Type = { name: string; possibleTypes: { name: string }[] | null };
  return Object.fromEntries(
    (__schema.types as Type[]).flatMap(({ name, possibleTypes }) =>
      possibleTypes === null ? [] : [[name, possibleTypes.map((one) => one.name)]],
    ),
  );
}
