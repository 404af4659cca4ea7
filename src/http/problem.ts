import { REFUSED_MESSAGE, StemmaError, type ErrorCode } from '../errors.ts';

/** An error as a client may see it. */
export type Problem = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | null;
  readonly reason: string | null;
  readonly path: string | null;
  /** True where the error says nothing about the request: it belongs in the log. */
  readonly unexpected: boolean;
};

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  PAYLOAD_TOO_LARGE: 413,
  NOT_FOUND: 404,
  IDEMPOTENCY_CONFLICT: 409,
  BACKPRESSURE: 503,
  DEPENDENCY_UNAVAILABLE: 503,
  DEPENDENCY_REFUSED: 503,
  SERVER_UNAVAILABLE: 503,
  STREAM_MISSING: 503,
  STREAM_REWOUND: 503,
  SCHEMA_MISSING: 503,
  QUERY_TIMEOUT: 504,
  CONFIGURATION_INVALID: 500,
  HANDLER_FAILED: 500,
  INTERNAL_SERVER_ERROR: 500,
};

const STATUS_OF_REASON: Readonly<Record<string, number>> = {
  MEDIA_TYPE_UNSUPPORTED: 415,
  CONTENT_ENCODING_UNSUPPORTED: 415,
  HOST_NOT_ALLOWED: 403,
};

const INTERNAL =
  'The request could not be answered because of a fault in the service; it has been logged.';
/** In place of messages that may name hosts or users. */
const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  DEPENDENCY_UNAVAILABLE: 'A service that Stemma depends on does not answer: try again shortly.',
  DEPENDENCY_REFUSED: REFUSED_MESSAGE,
};

/** What a client is told about anything that was thrown; messages that may hold secrets or host names are replaced. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof StemmaError))
    return isClientError(error) ? badRequest(error.statusCode) : internal();
  const { code, details, retryable } = error;
  const reason = typeof details['reason'] === 'string' ? details['reason'] : null;
  const status = STATUS_OF_REASON[reason ?? ''] ?? STATUS[code] ?? 400;
  if (status === 500) return internal();
  const waitMs = typeof details['retryAfterMs'] === 'number' ? details['retryAfterMs'] : 1_000;
  return {
    status,
    // broken JSON is a broken request; everything else that JSON can get wrong is wrong input
    code: reason === 'JSON_SYNTAX' ? 'BAD_REQUEST' : code,
    message: MESSAGES[code] ?? error.message,
    retryable,
    retryAfterSeconds: retryable ? Math.max(1, Math.ceil(waitMs / 1_000)) : null,
    reason,
    path: typeof details['path'] === 'string' ? details['path'] : null,
    unexpected: status >= 500 && !retryable,
  };
}

function internal(): Problem {
  return { ...badRequest(500), code: 'INTERNAL_SERVER_ERROR', message: INTERNAL, unexpected: true };
}

function badRequest(status: number): Problem {
  return {
    status,
    code: 'BAD_REQUEST',
    message: 'The request is malformed.',
    retryable: false,
    retryAfterSeconds: null,
    reason: null,
    path: null,
    unexpected: false,
  };
}

/** Fastify's own refusals: bad URL, bad header, … */
function isClientError(error: unknown): error is Error & { statusCode: number } {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return false;
  const { statusCode, code } = error;
  return (
    typeof statusCode === 'number' &&
    statusCode >= 400 &&
    statusCode < 500 &&
    String(code).startsWith('FST_ERR_')
  );
}

/** The shape of errors on GraphQL paths and on all others. */
export function toBody(problem: Problem, requestId: string, shape: 'graphql' | 'plain'): object {
  const { code, message, retryable, reason, path } = problem;
  const facts = {
    requestId,
    retryable,
    ...(reason === null ? {} : { reason }),
    ...(path === null || path === '' ? {} : { path }),
  };
  return shape === 'graphql'
    ? { errors: [{ message, extensions: { code, ...facts } }] }
    : { error: { code, message, ...facts } };
}
