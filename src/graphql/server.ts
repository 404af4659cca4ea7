import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { StemmaError } from '../errors.ts';
import type { Reader } from '../graph/read/reader.ts';
import type { DeadLetterStore } from '../model/dead-letters.ts';
import type { ReadBusState } from '../model/bus-state.ts';
import type { Intake } from '../model/receipt.ts';
import type { Log } from '../telemetry.ts';
import { createContext, type Context, type EntityHistory, type SubmitDocument } from './context.ts';
import { createClosures } from '../questions/ask/closures.ts';
import type { DocumentLinks } from '../questions/gather/readers.ts';
import { createCursors } from './cursors.ts';
import { createExecution, toGateway } from './execute.ts';
import { measured, type GraphqlMetrics } from './measured.ts';
import { presentError, toRefusal } from './errors.ts';
import type { Live } from '../live/live.ts';
import { createStreaming, type Streaming } from './streaming.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createSchema } from './schema.ts';
import { createValidation, type OperationRequest, type Validation } from './validate.ts';

export type GraphqlOptions = {
  readonly reader: Reader;
  readonly intake: Intake;
  /** For documents that one event cannot carry. */
  readonly submitDocument?: SubmitDocument;
  /** How far the writers have come; left out: answers do not tell. */
  readonly busState?: ReadBusState;
  /** Left out: dead letters are not served. */
  readonly deadLetters?: DeadLetterStore;
  /** Left out: questions about the past of a thing itself are refused. */
  readonly history?: EntityHistory;
  /** Left out: links into other documents lead nowhere. */
  readonly links?: DocumentLinks;
  /** Left out: nobody can watch. */
  readonly live?: Pick<Live, 'watch' | 'watchDeadLetters'>;
  /** Signs cursors: the same for every process of the service and after a restart; at least 16 characters. */
  readonly cursorSecret: string;
  /** Milliseconds since the epoch; left out: the clock of this machine. */
  readonly now?: () => number;
  /** Left out: nothing is counted. */
  readonly metrics?: GraphqlMetrics;
  readonly log: Log;
  readonly limits?: Partial<Limits>;
  /** Default true: analysts need it. */
  readonly introspection?: boolean;
};

export type GraphqlRequest = {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Iterable<readonly [string, string]>;
  /** The parsed JSON of a POST; undefined for GET. */
  readonly body: unknown;
  /** With the question mark; empty where there is none. */
  readonly search: string;
  /** Names the request in errors and logs; left out: a new one. */
  readonly requestId?: string;
};

export type GraphqlResponse = {
  readonly status: number;
  readonly headers: Map<string, string>;
  readonly body: string | AsyncIterable<string>;
};

/** GraphQL without a transport: that is src/http. */
export interface Graphql {
  readonly schema: GraphQLSchema;
  /** For connections that stay open. */
  readonly streaming: Streaming;
  /** One context for each operation. */
  createContext(): Context;
  handle(request: GraphqlRequest): Promise<GraphqlResponse>;
  /** Lets running operations finish. May be called twice. */
  stop(): Promise<void>;
}

export async function createGraphql(options: GraphqlOptions): Promise<Graphql> {
  const { log, metrics } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const schema = createSchema();
  const validation = createValidation(schema, limits, {
    ...(options.introspection === undefined ? {} : { introspection: options.introspection }),
    ...(metrics === undefined
      ? {}
      : {
          onCost: (name, points) => {
            metrics.cost(name, points);
          },
        }),
  });
  const cursors = createCursors(options.cursorSecret);
  const requestIds = new AsyncLocalStorage<string>();
  const contextParts = {
    reader: options.reader,
    intake: options.intake,
    submitDocument: options.submitDocument ?? null,
    cursors,
    closures: createClosures(),
    history: options.history ?? null,
    links: options.links ?? null,
    live: options.live ?? null,
    busState: options.busState ?? null,
    deadLetters: options.deadLetters ?? null,
    now: options.now ?? Date.now,
  };

  const newContext = (onDropped: Context['onDropped'] = () => undefined): Context =>
    createContext({ ...contextParts, onDropped });
  const run = measured(createExecution(schema), metrics);
  const server = new ApolloServer<Context>({
    gateway: toGateway(schema, run),
    introspection: options.introspection ?? true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) =>
      presentError(formatted, error, requestIds.getStore() ?? randomUUID(), log),
    // cache control would wrap the resolver of every field, which a lineage of 40,000 nodes feels
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginCacheControlDisabled()],
    logger: {
      debug: (message: unknown) => {
        log.debug({ message }, 'apollo');
      },
      info: (message: unknown) => {
        log.info({ message }, 'apollo');
      },
      warn: (message: unknown) => {
        log.warn({ message }, 'apollo');
      },
      error: (message: unknown) => {
        log.error({ message }, 'apollo');
      },
    },
  });
  await server.start();

  return {
    schema,
    createContext: () => newContext(),
    streaming: createStreaming({ schema, validation, run, newContext, log }),

    async handle(request) {
      const requestId = request.requestId ?? randomUUID();
      const headers = new HeaderMap(request.headers);
      const { method } = request;
      const { body, search } = withoutEmptyName(request);
      const response = await requestIds.run(requestId, async () =>
        server.executeHTTPGraphQLRequest({
          httpGraphQLRequest: { method, headers, body, search },
          context: async () => {
            // after the check for foreign web pages and before anything is parsed by others
            refuseTooMuch(validation, operationOf(request));
            return newContext();
          },
        }),
      );
      response.headers.set('x-request-id', requestId);
      return {
        status: response.status ?? 200,
        headers: response.headers,
        body:
          response.body.kind === 'complete' ? response.body.string : response.body.asyncIterator,
      };
    },

    async stop() {
      await server.stop();
    },
  };
}

function refuseTooMuch(validation: Validation, operation: OperationRequest | null): void {
  try {
    if (operation !== null) validation.checkLimits(operation);
  } catch (error) {
    throw error instanceof StemmaError ? toRefusal(error) : error;
  }
}

/** An empty or null name of an operation says what a missing one says: there are clients that always send the parameter. */
function withoutEmptyName({
  body,
  search,
}: GraphqlRequest): Pick<GraphqlRequest, 'body' | 'search'> {
  const parameters = new URLSearchParams(search);
  const isEmpty = parameters.getAll('operationName').join('') === '';
  if (isEmpty) parameters.delete('operationName');
  return {
    body: isObject(body) && body['operationName'] === '' ? { ...body, operationName: null } : body,
    search: isEmpty && search !== '' ? `?${parameters.toString()}` : search,
  };
}

/** The operation of a request, as far as it has one: what is amiss is for Apollo Server to say. */
function operationOf({ method, body, search }: GraphqlRequest): OperationRequest | null {
  if (method === 'GET') {
    const parameters = new URLSearchParams(search);
    const query = parameters.get('query');
    return query === null ? null : { query, variables: variablesOf(parameters.get('variables')) };
  }
  if (typeof body !== 'object' || body === null || !('query' in body)) return null;
  if (typeof body.query !== 'string') return null;
  const variables = 'variables' in body ? body.variables : null;
  return { query: body.query, variables: isObject(variables) ? variables : null };
}

function variablesOf(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
