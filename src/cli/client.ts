import { DelegateBackoff, handleWhen, retry } from 'cockatiel';
import { ERROR_CODES, messageOf, StemmaError, type ErrorCode } from '../errors.ts';
import type { Receipt, WaitFor } from '../model/receipt.ts';
import { isEventStream, messagesIn } from './event-stream.ts';
import { CliError, EXIT } from './exit.ts';

export type PostOptions = { readonly wait: WaitFor; readonly waitMs: number };

type Operation = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
};

type GraphqlAnswer = { readonly body: object; readonly errors: readonly Error[] };

/** The service, over HTTP. */
export interface Client {
  readonly url: string;
  /** @throws StemmaError or CliError with what the service says */
  graphql<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /**
   * The whole answer to an operation, with its errors, each as it would have been thrown. Sent once: a mutation need not be one that
   * may be sent again.
   *
   * @throws StemmaError where there is no answer of GraphQL
   */
  ask(operation: Operation): Promise<GraphqlAnswer>;
  /**
   * The answers of a subscription, until the connection ends.
   *
   * @throws StemmaError or CliError with what the service says; DEPENDENCY_UNAVAILABLE where it was there before
   */
  subscribe<T>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined>;
  /**
   * Sends events (each as JSON) and answers with a receipt for each. Where the service is busy or away for a moment it is asked
   * again, so that no event is lost; sending twice is harmless, since an event has an identity.
   */
  postEvents(events: readonly string[], options: PostOptions): Promise<readonly Receipt[]>;
}

export type ClientOptions = {
  readonly url: string;
  readonly signal?: AbortSignal;
  readonly retry?: Partial<RetryLimits>;
  /** How long an answer may take, beside the time that the service was asked to wait; default 30 s, to events 60 s. */
  readonly timeoutMs?: number;
  /** Told of each wait, for the progress line. */
  readonly onRetry?: (reason: string, delayMs: number) => void;
};

export type RetryLimits = {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
};

const RETRY: RetryLimits = { attempts: 60, firstDelayMs: 250, longestDelayMs: 15_000 };
/** How long an answer may take, beside the time that the service was asked to wait: as long as one statement of the graph may. */
const TIMEOUT_MS = 30_000;
/** The same for sending events, which is tried again. */
const POST_TIMEOUT_MS = 60_000;

export function createClient(options: ClientOptions): Client {
  const url = options.url.replace(/\/+$/, '');
  const limits = { ...RETRY, ...options.retry };
  let hasAnswered = false;

  async function send(path: string, init: RequestInit, timeoutMs: number) {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal =
      options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, { ...init, signal });
      text = await response.text();
    } catch (cause) {
      options.signal?.throwIfAborted();
      // events are sent again, which is harmless; a question would only take as long again
      if (timeout.aborted && path === '/graphql') throw tooSlow(url, path, timeoutMs);
      throw unreachable(url, cause, hasAnswered);
    }
    hasAnswered = true;
    return { response, text };
  }

  async function request(path: string, init: RequestInit, timeoutMs: number): Promise<unknown> {
    const { response, text } = await send(path, init, timeoutMs);
    return read(response, text, url);
  }

  /** A mutation may ask the service to wait. */
  const patienceFor = ({ wait, waitMs }: Operation['variables']): number =>
    (options.timeoutMs ?? TIMEOUT_MS) +
    (wait === 'APPLIED' && typeof waitMs === 'number' ? waitMs : 0);

  /** What can heal by itself: the service is busy, or was there and is away for a moment. */
  const again = retry(
    handleWhen((error) => isTransient(error)),
    {
      maxAttempts: limits.attempts,
      backoff: new DelegateBackoff(({ attempt, result }) =>
        delayOf(attempt, 'error' in result ? result.error : null, limits),
      ),
    },
  );
  again.onRetry((event) => {
    options.onRetry?.('error' in event ? event.error.message : 'again', event.delay);
  });

  async function execute<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await again.execute(action, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted(); // between two attempts
      throw error;
    }
  }

  async function post(events: readonly string[], { wait, waitMs }: PostOptions) {
    const query = `wait=${wait.toLowerCase()}&waitMs=${waitMs}`;
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: `[${events.join(',')}]`,
    };
    const answer = await request(
      `/events?${query}`,
      init,
      waitMs + (options.timeoutMs ?? POST_TIMEOUT_MS),
    );
    return receiptsIn(answer, events.length, url);
  }

  return {
    url,
    async graphql<T>(query: string, variables: Readonly<Record<string, unknown>> = {}) {
      const init = toPost({ query, variables });
      const answer = await execute(() => request('/graphql', init, patienceFor(variables)));
      if (!isObject(answer) || !isObject(answer['data'])) throw notStemma(url);
      if (isObject(answer['extensions'])) extensions.set(answer['data'], answer['extensions']);
      return answer['data'] as T; // the query decides the shape
    },
    async ask(operation) {
      const { response, text } = await send(
        '/graphql',
        toPost(operation),
        patienceFor(operation.variables),
      );
      const body = tryParse(text);
      if (!isObject(body) || !('data' in body || Array.isArray(body['errors']))) {
        read(response, text, url); // says what else it is
        throw notStemma(url);
      }
      const found = Array.isArray(body['errors']) ? body['errors'].filter(isObject) : [];
      return { body, errors: found.map((error) => toError(error, response)) };
    },
    async *subscribe<T>(
      query: string,
      variables: Readonly<Record<string, unknown>>,
      signal: AbortSignal,
    ) {
      const { headers, ...init } = toPost({ query, variables });
      const accept = { ...headers, accept: 'text/event-stream' };
      try {
        const response = await fetch(`${url}/graphql`, { ...init, headers: accept, signal });
        hasAnswered = true;
        if (response.body === null || !isEventStream(response)) {
          read(response, await response.text(), url); // says what else it is
          throw notStemma(url);
        }
        for await (const data of messagesIn(response.body)) {
          const answer = tryParse(data);
          if (!isObject(answer)) throw notStemma(url);
          const [error] = Array.isArray(answer['errors']) ? answer['errors'].filter(isObject) : [];
          if (error !== undefined) throw toError(error, response);
          yield answer['data'] as T; // the query decides the shape
        }
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof StemmaError || error instanceof CliError
          ? error
          : unreachable(url, error, hasAnswered);
      }
    },
    async postEvents(events, post_) {
      const receipts: Receipt[] = [];
      let open = events.map((_, index) => index);
      // a receipt, too, may say "again later" while its neighbours were taken
      return execute(async () => {
        const answers = await post(
          open.map((index) => events[index] ?? ''),
          post_,
        );
        for (const [at, index] of open.entries()) {
          const answer = answers[at];
          if (answer !== undefined) receipts[index] = answer;
        }
        open = open.filter((index) => isRetryable(receipts[index]));
        const error = receipts[open[0] ?? -1]?.error;
        if (error) throw new StemmaError(error.code, error.message);
        return receipts;
      });
    },
  };
}

function toPost(operation: Operation) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(operation),
  };
}

const extensions = new WeakMap<object, Readonly<Record<string, unknown>>>();

/** What an answer that misses something says of events that may bring it: a sentence with a blank before it, or nothing. */
export function onTheWay(answer: object): string {
  const { onTheWay: found } = extensions.get(answer) ?? {};
  if (!isObject(found)) return '';
  return ` Events are on their way to the graph (accepted up to ${String(found['acceptedPosition'])}, applied up to ${String(found['throughPosition'])}): ask again shortly.`;
}

/** Exponential with full jitter; never sooner than the service asked for. */
export function delayOf(
  attempt: number,
  error: unknown,
  limits: RetryLimits,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(limits.longestDelayMs, limits.firstDelayMs * 2 ** (attempt - 1));
  const asked = error instanceof StemmaError ? error.details['retryAfterMs'] : null;
  return Math.round(random() * ceiling) + (typeof asked === 'number' ? asked : 0);
}

function isTransient(error: unknown): boolean {
  return error instanceof StemmaError && error.retryable;
}

function isRetryable(receipt: Receipt | undefined): boolean {
  return receipt?.status === 'REJECTED' && receipt.error?.retryable === true;
}

function tooSlow(url: string, path: string, timeoutMs: number): CliError {
  return new CliError(
    'TIMEOUT',
    `${url}${path} did not answer within ${timeoutMs / 1000} s: ask for less, or wait longer with --timeout.`,
    { exitCode: EXIT.unavailable },
  );
}

/** A service that never answered is not there; one that did is away for a moment. */
function unreachable(url: string, cause: unknown, hasAnswered: boolean): StemmaError {
  const details = { url, reason: codeOf(cause) ?? messageOf(cause) };
  if (hasAnswered) {
    const message = `The service at ${url} does not answer any more.`;
    return new StemmaError('DEPENDENCY_UNAVAILABLE', message, { cause, details });
  }
  return new StemmaError(
    'SERVER_UNAVAILABLE',
    `No service answers at ${url}: start it with npm start, or set STEMMA_URL or STEMMA_PORT.`,
    { cause, details },
  );
}

function codeOf(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : null;
  if (!(cause instanceof Error) || !('code' in cause)) return null;
  return typeof cause.code === 'string' ? cause.code : null;
}

function read(response: Response, text: string, url: string): unknown {
  const body = tryParse(text);
  const errors =
    isObject(body) && Array.isArray(body['errors']) ? (body['errors'] as unknown[]) : [];
  const error = isObject(body) ? (body['error'] ?? errors[0]) : undefined;
  if (isObject(error)) throw toError(error, response);
  if (response.status === 401 || response.status === 403) {
    throw new CliError('UNAUTHENTICATED', `The service at ${url} refuses this caller.`, {
      exitCode: EXIT.auth,
    });
  }
  if (body === undefined) throw notStemma(url);
  return body;
}

/** `{error: {code, message}}` beside GraphQL, `{errors: [{message, extensions: {code}}]}` of it. */
function toError(error: Readonly<Record<string, unknown>>, response: Response): Error {
  const extensions = isObject(error['extensions']) ? error['extensions'] : error;
  const code = String(extensions['code']);
  const message = String(error['message']);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const details = {
    ...extensions,
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  };
  if (isErrorCode(code)) return new StemmaError(code, message, { details });
  const isAuth =
    response.status === 401 || response.status === 403 || /^UNAUTH|^FORBIDDEN/.test(code);
  return new CliError(code, message, {
    exitCode: isAuth ? EXIT.auth : EXIT.unexpected,
    details,
  });
}

function isErrorCode(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}

function receiptsIn(answer: unknown, count: number, url: string): readonly Receipt[] {
  const receipts = isObject(answer) ? answer['receipts'] : undefined;
  if (!Array.isArray(receipts) || receipts.length !== count) throw notStemma(url);
  return receipts as Receipt[]; // the service's own form
}

function notStemma(url: string): CliError {
  return new CliError(
    'SERVER_UNAVAILABLE',
    `What answers at ${url} is not a Stemma service: check STEMMA_URL.`,
    { exitCode: EXIT.unavailable },
  );
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
