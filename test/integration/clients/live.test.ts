import { ApolloClient, gql as apolloGql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, gql as urqlGql, subscriptionExchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { hex } from '../../support/events.ts';
import { startField, type Field } from '../../support/field.ts';

const SOURCE = 'https://ci.example/clients-live';
const WATCH = `subscription Watch($source: String!) {
  events(filter: { source: $source }) { position event { id eventId type } }
}`;

type Watched = {
  readonly events: {
    readonly position: number;
    readonly event: { readonly eventId: string } | null;
  };
};

describe('clients that watch', () => {
  let field: Field;
  beforeAll(async () => {
    field = await startField();
  });
  afterAll(() => field.stop());

  const sockets = () =>
    createWsClient({ url: `${field.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });

  /** Reports two events once the first item says that it watches, and gives the ids that it was told. */
  async function watched(
    name: string,
    subscribe: (source: string, next: (data: Watched | undefined) => void) => () => void,
  ): Promise<string[]> {
    const source = `${SOURCE}/${name}`;
    const ids: string[] = [];
    const done = Promise.withResolvers<undefined>();
    let isWatching = false;
    const end = subscribe(source, (data) => {
      if (data === undefined) done.reject(new Error('an answer without data'));
      else if (data.events.event !== null) ids.push(data.events.event.eventId);
      else if (!isWatching) {
        isWatching = true;
        const events = ['1', '2'].map((id) => ({
          ...{ specversion: '1.0', source, id, type: 'artifact.created' },
          data: { digest: `sha256:${hex(`live-${name}-${id}`)}` },
        }));
        field.post(events).catch(done.reject);
      }
      if (ids.length === 2) done.resolve(undefined);
    });
    await done.promise;
    end();
    return ids;
  }

  it('Apollo Client, over graphql-ws', async () => {
    const client = new ApolloClient({
      link: new GraphQLWsLink(sockets()),
      cache: new InMemoryCache(),
    });
    const ids = await watched('apollo', (source, next) => {
      const watching = client
        .subscribe<Watched>({ query: apolloGql(WATCH), variables: { source } })
        .subscribe(({ data }) => {
          next(data);
        });
      return () => {
        watching.unsubscribe();
      };
    });
    expect(ids).toEqual(['1', '2']);
    client.stop();
  });

  it.each(['graphql-ws', 'graphql-sse'])('urql, over %s', async (library) => {
    const transport =
      library === 'graphql-ws' ? sockets() : createSseClient({ url: `${field.url}/graphql` });
    const client = new Client({
      url: `${field.url}/graphql`,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: transport.subscribe(
                { query, variables: variables as Record<string, unknown> },
                sink as never, // both libraries and urql have the same kind of sink
              ),
            }),
          }),
        }),
      ],
    });
    const ids = await watched(`urql-${library}`, (source, next) => {
      const watching = client
        .subscription<Watched>(urqlGql(WATCH), { source })
        .subscribe(({ data }) => {
          next(data);
        });
      return () => {
        watching.unsubscribe();
      };
    });
    expect(ids).toEqual(['1', '2']);
    await transport.dispose();
  });
});
