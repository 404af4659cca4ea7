import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { StemmaError } from '../errors.ts';
import type { HttpMetrics } from './state.ts';
import { presented, type PreparedOperation, type StreamedOperations } from './streaming.ts';

export type SocketOptions = {
  readonly streaming: StreamedOperations;
  /** Of one message. */
  readonly maxBytes: number;
  readonly isAllowedHost: (host: string | undefined) => boolean;
  /** Of web pages that may connect, beside our own. */
  readonly origins: readonly string[];
  /** Left out: they are not counted. */
  readonly metrics?: Pick<HttpMetrics, 'openSockets'>;
  readonly log: { error(fields: object, message: string): void };
};

/** The client was too slow. Not among the codes after which clients of graphql-ws give up. */
const SLOW = 4_499;
const GOING_AWAY = 1_001;
/** Who has not answered a ping by the next one is gone. */
const PING_MS = 12_000;
/** A connection that is being closed may read what was sent before; then it is cut off. */
const CLOSE_MS = 5_000;
/** The same at the end of the process. */
const END_MS = 500;
/** Of a reason, by the WebSocket protocol. */
const MAX_REASON = 123;

/**
 * `/graphql` over WebSocket: queries, mutations and subscriptions.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function addSockets(app: FastifyInstance, options: SocketOptions): void {
  const server = new WebSocketServer({
    ...{ noServer: true, maxPayload: options.maxBytes, handleProtocols, clientTracking: true },
  });
  options.metrics?.openSockets(() => server.clients.size);
  const serve = createProtocol(options);
  app.server.on('upgrade', (request, socket, head) => {
    const status = refusalOf(request, options);
    if (status !== null) {
      refuse(socket, status);
      return;
    }
    server.handleUpgrade(request, socket, head, serve);
  });
  app.addHook('preClose', async () => {
    for (const socket of server.clients) {
      socket.close(GOING_AWAY, 'Subscribe again, after the position of the last item that came.');
    }
    const ended = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    const cut = setTimeout(() => {
      for (const socket of server.clients) socket.terminate();
    }, END_MS);
    await ended;
    clearTimeout(cut);
  });
}

/** A web page may connect to any server, and its browser sends our cookies along: the header Origin gives it away. */
function refusalOf(
  { headers, url }: IncomingMessage,
  { isAllowedHost, origins }: SocketOptions,
): string | null {
  if (!isAllowedHost(headers.host)) return '421 Misdirected Request';
  if (!/^\/graphql(?:\?|$)/.test(url ?? '')) return '404 Not Found';
  const { origin } = headers;
  const isOwn = origin === undefined || hostOf(origin) === headers.host;
  return isOwn || origins.includes('*') || origins.includes(origin) ? null : '403 Forbidden';
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined); // it is gone already
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

type Extra = { readonly socket: WebSocket; readonly requestId: string };

function createProtocol({ streaming, log }: SocketOptions): (socket: WebSocket) => void {
  const protocol = makeServer<Record<string, unknown>, Extra>({
    onSubscribe({ extra: { socket } }, _id, { query, variables, operationName }) {
      const onDropped = ({ code, details }: StemmaError): void => {
        const place = `after position ${String(details['position'])} or the last that came`;
        close(socket, SLOW, `${code}: subscribe again, ${place}`);
      };
      const prepared = streaming.prepare({ query, variables, operationName, onDropped });
      // to the library these are the arguments of an execution, which it hands on
      return 'document' in prepared ? { ...prepared, contextValue: prepared } : prepared;
    },
    execute: async ({ contextValue }) => run(contextValue),
    subscribe: async ({ contextValue }) => run(contextValue),
    onNext: ({ extra: { requestId } }, _id, _payload, _args, result) =>
      presented(streaming, result, requestId),
    onError: ({ extra: { requestId } }, _id, _payload, errors) =>
      streaming.present(errors, requestId),
  });

  async function run(
    contextValue: unknown,
  ): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, undefined>> {
    return streaming.run(contextValue as PreparedOperation); // as onSubscribe has made it
  }

  return (socket) => {
    const requestId = randomUUID();
    const failed = (error: unknown): void => {
      log.error({ err: error, requestId }, 'A WebSocket failed');
      close(socket, 4_500, 'Internal server error');
    };
    socket.on('error', () => undefined); // a broken frame, too long a message: it is closed with a code that says so
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: async (text) => send(socket, text),
        close: (code, reason) => {
          close(socket, code ?? 1_000, reason ?? '');
        },
        onMessage: (take) => {
          socket.on('message', (data: Buffer) => {
            take(data.toString()).catch(failed);
          });
        },
      },
      { socket, requestId },
    );
    const ping = pinging(socket);
    socket.once('close', (code, reason) => {
      clearInterval(ping);
      closed(code, reason.toString()).catch(failed);
    });
  };
}

/** Resolves when the text is on its way, so that nothing more is read for a client that does not keep up. */
async function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve();
    // where it fails the connection is closing, which ends what is sent on it
    else {
      socket.send(text, () => {
        resolve();
      });
    }
  });
}

function close(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason.slice(0, MAX_REASON));
  setTimeout(() => {
    socket.terminate();
  }, CLOSE_MS).unref();
}

function pinging(socket: WebSocket): NodeJS.Timeout {
  let isThere = true;
  socket.on('pong', () => (isThere = true));
  return setInterval(() => {
    if (!isThere) socket.terminate();
    isThere = false;
    socket.ping();
  }, PING_MS).unref();
}
