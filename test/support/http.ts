import { createHttp, type HttpOptions, type HttpServer } from '../../src/http/server.ts';
import type { GraphqlRequest } from '../../src/http/graphql.ts';
import { createSchemas } from '../../src/intake/schemas.ts';
import { edgeIntake } from './edge.ts';

/** An answer as parsed: tests look at it as they like. */
export type Json = ReturnType<typeof JSON.parse>;

export type TestHttp = HttpServer & {
  /** What reached the GraphQL handler. */
  readonly graphqlRequests: GraphqlRequest[];
  readonly logged: object[];
};

/** A real server on a free port, with fakes behind it. */
export async function startHttp(changes: Partial<HttpOptions> = {}): Promise<TestHttp> {
  const graphqlRequests: GraphqlRequest[] = [];
  const logged: object[] = [];
  const server = await createHttp({
    host: '127.0.0.1',
    port: 0,
    intake: edgeIntake().intake,
    graphql: {
      handle: async (request) => {
        graphqlRequests.push(request);
        return {
          status: 200,
          headers: new Map([['content-type', 'application/json; charset=utf-8']]),
          body: '{"data":{}}',
        };
      },
    },
    readiness: async () => ({ ready: true, healthy: true, checks: [] }),
    schemas: createSchemas(),
    log: { error: (fields) => logged.push(fields) },
    ...changes,
  });
  return { ...server, graphqlRequests, logged };
}
