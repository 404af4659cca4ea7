import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MAX_JSON_DEPTH } from '../model/json-problem.ts';
import { parseStrictJson } from '../intake/json.ts';
import { StemmaError } from '../errors.ts';
import { wantsHtml } from './accept.ts';
import { readBody, toText } from './body.ts';
import { answerEvents, createOpenStreams, isForEvents, toOperation } from './sse.ts';
import type { StreamedOperations } from './streaming.ts';
import { sendGraphiql } from './graphiql.ts';

export type GraphqlRequest = {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Map<string, string>;
  /** The parsed JSON object of a POST; undefined for GET. */
  readonly body: unknown;
  /** With the question mark; empty where there is none. */
  readonly search: string;
  /** Named in errors and logs; the answer's `x-request-id`. */
  readonly requestId: string;
};

export type GraphqlResponse = {
  readonly status: number;
  readonly headers: Map<string, string>;
  readonly body: string | AsyncIterable<string>;
};

export interface GraphqlHandler {
  handle(request: GraphqlRequest): Promise<GraphqlResponse>;
  /** Left out: no connection stays open. */
  readonly streaming?: StreamedOperations;
}

/** Levels that a request puts around an event: the body, its variables, a list. */
const BODY_LEVELS = 4;

/** `/graphql`: an editor for browsers; of everything else, what is checked before a query is parsed: media type, size, JSON, depth. */
export function addGraphql(app: FastifyInstance, graphql: GraphqlHandler, maxBytes: number): void {
  const open = createOpenStreams(app);
  app.get('/graphql', async (request, reply) => {
    reply.header('vary', 'accept');
    if (wantsHtml(request)) return sendGraphiql(reply);
    checkPreflight(request);
    return answer(reply, await graphql.handle(toRequest(request, undefined)));
  });

  app.post('/graphql', async (request, reply) => {
    const { headers } = request;
    if (!isJson(headers['content-type'])) throw csrf();
    const bytes = await readBody(request.raw, {
      encoding: headers['content-encoding'],
      length: headers['content-length'],
      limitOf: () => maxBytes,
    });
    const { value } = parseStrictJson(toText(bytes), { maxDepth: MAX_JSON_DEPTH + BODY_LEVELS });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new StemmaError(
        'BAD_REQUEST',
        "The body must be one JSON object with 'query'; lists of operations are not read.",
      );
    }
    const { streaming } = graphql;
    const operation = isForEvents(headers.accept) ? toOperation(value) : null;
    if (operation !== null && streaming !== undefined) {
      if (await answerEvents(request, reply, streaming, operation, open)) return reply;
    }
    return answer(reply, await graphql.handle(toRequest(request, value)));
  });
}

function toRequest(request: FastifyRequest, body: unknown): GraphqlRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const at = request.url.indexOf('?');
  const search = at === -1 ? '' : request.url.slice(at);
  return { method: request.method, headers, body, search, requestId: request.id };
}

async function answer(
  reply: FastifyReply,
  { status, headers, body }: GraphqlResponse,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store'); // an answer to GET is as little to be kept as any other
  for (const [name, value] of headers) reply.header(name, value);
  // bytes, because writing a long text encodes it twice: once to count and once to send
  return reply
    .code(status)
    .send(typeof body === 'string' ? Buffer.from(body) : Readable.from(body));
}

/**
 * A browser sends these only after asking us first, which we never allow to other origins; so a request that has none of them
 * may have been made by any web page.
 */
function checkPreflight({ headers, url }: FastifyRequest): void {
  const isQuery = /[?&](?:query|extensions)=/.test(url);
  const hasHeader = ['apollo-require-preflight', 'x-apollo-operation-name'].some(
    (name) => headers[name],
  );
  if (isQuery && !hasHeader && !isJson(headers['content-type'])) throw csrf();
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}

function csrf(): StemmaError {
  return new StemmaError(
    'BAD_REQUEST',
    "The request could come from a foreign web page: send 'content-type: application/json', or with GET the header 'apollo-require-preflight: true'.",
    { details: { reason: 'CSRF' } },
  );
}
