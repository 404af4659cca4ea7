import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, OperationTypeNode, type ExecutionResult } from 'graphql';
import { presented, type StreamedOperation, type StreamedOperations } from './streaming.ts';

/** Answers that are under way; what ends each of them. */
export type OpenStreams = Set<() => void>;

/** A client that is too slow may read what was sent before; then it is cut off. */
const DROP_MS = 5_000;

/** Answers that the end of the server cuts off, without a word that they are complete. */
export function createOpenStreams(app: FastifyInstance): OpenStreams {
  const open: OpenStreams = new Set();
  app.addHook('preClose', async () => {
    for (const end of open) end();
    return Promise.resolve();
  });
  return open;
}

/** Whether an answer may come as server-sent events. */
export function isForEvents(accept: string | undefined): boolean {
  return mediaTypes(accept).includes(EVENTS);
}

const EVENTS = 'text/event-stream';

/** Clients such as urql take events beside JSON: for subscriptions, which have no answer in JSON. */
function isForEventsAlone(accept: string | undefined): boolean {
  return mediaTypes(accept).every((type) => type === EVENTS);
}

function mediaTypes(accept = ''): string[] {
  return accept.split(',').map((part) => part.replace(/;.*$/, '').trim().toLowerCase());
}

/** Null where the body is not one: then the answer says so as to every other request. */
export function toOperation(body: object): StreamedOperation | null {
  const { query, variables, operationName } = body as Record<string, unknown>;
  if (typeof query !== 'string') return null;
  return {
    query,
    variables: isObject(variables) ? variables : null,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : null,
  };
}

/**
 * An operation whose results come as server-sent events, over a connection of its own. Nothing is read of a subscription before the
 * client has taken what came before. False where an answer in JSON is wanted as well, and
 * there is one: then nothing was sent.
 *
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
export async function answerEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  streaming: StreamedOperations,
  operation: StreamedOperation,
  open: OpenStreams,
): Promise<boolean> {
  const onDropped = (): void => {
    setTimeout(() => reply.raw.destroy(), DROP_MS).unref();
  };
  const prepared = streaming.prepare({ ...operation, onDropped });
  const isSubscription =
    'document' in prepared && prepared.operation.operation === OperationTypeNode.SUBSCRIPTION;
  if (!isSubscription && !isForEventsAlone(request.headers.accept)) return false;
  if (!('document' in prepared)) {
    const errors = streaming.present(prepared, request.id);
    void reply.code(400).type('application/json; charset=utf-8').send({ errors });
    return true;
  }
  const result = await streaming.run(prepared);
  const results = Symbol.asyncIterator in result ? result : null;
  let isCut = false;
  const cut = (): void => {
    isCut = true;
    open.delete(cut);
    void results?.return();
  };
  open.add(cut);
  reply.raw.once('close', cut);

  async function* messages(): AsyncGenerator<string, void, undefined> {
    for await (const one of results ?? [result as ExecutionResult]) {
      yield `event: next\ndata: ${JSON.stringify(presented(streaming, one, request.id))}\n\n`;
    }
    if (!isCut) yield 'event: complete\ndata:\n\n';
  }
  void reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(withErrors(messages(), streaming, request.id), { highWaterMark: 1 }));
  return true;
}

/** What a subscription ends with is its last answer. */
async function* withErrors(
  messages: AsyncGenerator<string, void, undefined>,
  streaming: StreamedOperations,
  requestId: string,
): AsyncGenerator<string, void, undefined> {
  try {
    yield* messages;
  } catch (error) {
    const originalError = error instanceof Error ? error : new Error(String(error));
    const errors = streaming.present(
      [new GraphQLError(originalError.message, { originalError })],
      requestId,
    );
    yield `event: next\ndata: ${JSON.stringify({ errors })}\n\nevent: complete\ndata:\n\n`;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
