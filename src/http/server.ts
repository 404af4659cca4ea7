import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Schemas } from '../intake/schemas.ts';
import { StemmaError } from '../errors.ts';
import type { Intake } from '../model/receipt.ts';
import { addCors, type CorsOptions } from './cors.ts';
import { addDocuments, type Documents } from './documents.ts';
import { addEvents, type EventLimits } from './events.ts';
import { addGraphiql } from './graphiql.ts';
import { addGraphql, type GraphqlHandler } from './graphql.ts';
import { addHome } from './home.ts';
import { createHostCheck } from './hosts.ts';
import { addLineage, type LineageStream } from './lineage.ts';
import { toBody, toProblem } from './problem.ts';
import { addSockets } from './sockets.ts';
import { addMetrics, addProbes, addSchemas, type HttpMetrics, type Readiness } from './state.ts';
import { addWebhook } from './webhook.ts';

export type HttpLimits = EventLimits & { readonly graphqlBytes: number };

const DEFAULT_LIMITS: HttpLimits = {
  graphqlBytes: 4 * 1024 * 1024,
  batchBytes: 16 * 1024 * 1024,
  batchEvents: 10_000,
};

export type HttpOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Host names, without port, that clients may use besides those of the loopback interface. */
  readonly allowedHosts?: readonly string[];
  /** Left out: web pages of other origins may not use the service. */
  readonly cors?: CorsOptions;
  readonly intake: Intake;
  readonly graphql: GraphqlHandler;
  /** Left out: documents are taken in events only. */
  readonly documents?: Documents;
  /** Left out: lineage is not streamed. */
  readonly lineage?: LineageStream;
  readonly readiness: () => Promise<Readiness>;
  readonly schemas: Schemas;
  /** Left out: nothing is counted. */
  readonly metrics?: HttpMetrics;
  readonly log: { error(fields: object, message: string): void };
  readonly limits?: Partial<HttpLimits>;
  /** How long requests in flight may take after stop(), before their connections are cut. */
  readonly graceMs?: number;
};

export interface HttpServer {
  /** Such as `http://127.0.0.1:4000`. */
  readonly address: string;
  /** Accepts nothing new, lets requests in flight finish, closes idle connections. May be called twice. */
  stop(): Promise<void>;
}

/** Everything over HTTP: GraphQL, events, schemas, probes. Listens when the promise resolves. */
export async function createHttp(options: HttpOptions): Promise<HttpServer> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return serve(options, async (app) => {
    if (options.cors !== undefined) await addCors(app, options.cors);
    if (options.metrics !== undefined) addMetrics(app, options.metrics);
    addGraphql(app, options.graphql, limits.graphqlBytes);
    const { streaming } = options.graphql;
    if (streaming !== undefined) {
      addSockets(app, {
        ...{ streaming, log: options.log, maxBytes: limits.graphqlBytes },
        isAllowedHost: createHostCheck(options.host, options.allowedHosts ?? []),
        origins: options.cors?.origins ?? [],
        ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
      });
    }
    addEvents(app, options.intake, limits);
    addWebhook(app);
    if (options.documents !== undefined) addDocuments(app, options.documents);
    if (options.lineage !== undefined) addLineage(app, options.lineage);
    addSchemas(app, options.schemas);
    addHome(app, options.graphql);
    addGraphiql(app);
    addProbes(app, options.readiness);
  });
}

/** The probes and figures alone, for processes without an API. Listens when the promise resolves. */
export async function createHealthHttp(
  options: ServeOptions & Pick<HttpOptions, 'readiness' | 'metrics'>,
): Promise<HttpServer> {
  return serve(options, (app) => {
    if (options.metrics !== undefined) addMetrics(app, options.metrics);
    addProbes(app, options.readiness);
    return Promise.resolve();
  });
}

type ServeOptions = Pick<HttpOptions, 'host' | 'port' | 'allowedHosts' | 'log' | 'graceMs'>;

async function serve(
  options: ServeOptions,
  addRoutes: (app: FastifyInstance) => Promise<void>,
): Promise<HttpServer> {
  const { host, port, log, graceMs = 10_000 } = options;
  const isAllowedHost = createHostCheck(host, options.allowedHosts ?? []);
  let stopping: Promise<void> | null = null;

  const app = fastify({
    logger: false,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    // errors before a route is found: a broken URL, say
    frameworkErrors: (error, request, reply) => {
      void refuse(error, request, reply, log);
    },
  });
  // bodies are read by the routes, which know their limits
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cross-origin-resource-policy', 'same-origin');
    if (stopping !== null) reply.header('connection', 'close');
    if (!isAllowedHost(request.headers.host)) throw badHost();
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping !== null) reply.header('connection', 'close');
  });
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url.slice(0, 200)}: GET / lists what there is.`;
    return refuse(new StemmaError('NOT_FOUND', message), request, reply, log);
  });

  await addRoutes(app);
  await listen(app, host, port);

  return {
    address: addressOf(app, host),
    stop: async () => (stopping ??= close(app, graceMs)),
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause; // all that listen throws is one of these
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `Port ${port} is in use: stop what listens there, or set another (STEMMA_PORT, STEMMA_HEALTH_PORT; 0 picks a free one).`,
      { cause },
    );
  }
}

async function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: HttpOptions['log'],
): Promise<FastifyReply> {
  const problem = toProblem(error);
  if (problem.unexpected) {
    log.error(
      { err: error, requestId: request.id, method: request.method, url: request.url.slice(0, 200) },
      'A request failed',
    );
  }
  const shape = /^\/graphql(?:[/?]|$)/.test(request.url) ? 'graphql' : 'plain';
  const text = JSON.stringify(toBody(problem, request.id, shape));
  reply.code(problem.status).type('application/json; charset=utf-8');
  if (problem.retryAfterSeconds !== null) reply.header('retry-after', problem.retryAfterSeconds);
  if (problem.status !== 413 || request.raw.complete) return reply.send(text);
  // The rest of the body stays unread, so this connection cannot be used again.
  reply.header('connection', 'close').header('content-length', Buffer.byteLength(text));
  return reply.send(lingering(text, request));
}

/**
 * The answer to a client that is still sending. Closing at once would reset the connection, and the client would see that
 * instead of the answer; so the end waits until the client has hung up, or a moment has passed.
 */
function lingering(text: string, { raw: { socket } }: FastifyRequest): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(text);
  const end = (): void => {
    clearTimeout(timer);
    socket.off('close', end);
    if (!stream.readableEnded) stream.push(null);
  };
  const timer = setTimeout(end, 500);
  socket.once('close', end);
  return stream;
}

function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
}

function badHost(): StemmaError {
  return new StemmaError(
    'BAD_REQUEST',
    'This host name is not served: use localhost, or add the name to the configuration.',
    {
      details: { reason: 'HOST_NOT_ALLOWED' },
    },
  );
}

function addressOf(app: FastifyInstance, host: string): string {
  const bound = app.server.address();
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function close(app: FastifyInstance, graceMs: number): Promise<void> {
  // a connection whose request was in flight becomes idle only later
  const idle = setInterval(() => {
    app.server.closeIdleConnections();
  }, 50);
  const cut = setTimeout(() => {
    app.server.closeAllConnections();
  }, graceMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}
