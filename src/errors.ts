/**
 * Every code that a client can meet, in `extensions.code`, in a receipt, in an HTTP body or on the CLI.
 * The list is closed; docs/api.md explains each of them.
 */
export const ERROR_CODES = [
  // the caller's input
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_TOO_DEEP',
  'EVENT_MALFORMED',
  'EVENT_TYPE_UNKNOWN',
  'SCHEMA_VERSION_UNKNOWN',
  'IDEMPOTENCY_CONFLICT',
  'DOCUMENT_MALFORMED',
  'DOCUMENT_UNSUPPORTED',
  'AMBIGUOUS',
  'NOT_FOUND',
  'CURSOR_INVALID',
  'PAGE_SIZE_TOO_LARGE',
  'QUERY_TOO_LARGE',
  'QUERY_TOO_DEEP',
  'QUERY_TOO_COSTLY',
  'QUERY_TIMEOUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTROSPECTION_DISABLED',
  // the service and what it stands on
  'BACKPRESSURE',
  'DEPENDENCY_UNAVAILABLE',
  'DEPENDENCY_REFUSED',
  'SERVER_UNAVAILABLE',
  'STREAM_MISSING',
  'STREAM_REWOUND',
  'POSITION_EXPIRED',
  'SLOW_CONSUMER',
  'CONSUMER_NAME_IN_USE',
  'ENTRIES_PENDING',
  'SCHEMA_MISSING',
  'CONFIGURATION_INVALID',
  'TOO_LARGE_TO_APPLY',
  'HANDLER_FAILED',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** DEPENDENCY_REFUSED as clients of the service hear it: what exactly is amiss is for the log. */
export const REFUSED_MESSAGE =
  'A service that Stemma depends on refuses it: an operator has to mend the configuration, see the log.';

/** Codes after which the same request may succeed later, unchanged. */
const RETRYABLE = new Set<ErrorCode>(['BACKPRESSURE', 'DEPENDENCY_UNAVAILABLE']);

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error with a code of the closed list and one sentence that names the input and the remedy. */
export class StemmaError extends Error {
  readonly code: ErrorCode;
  /** Further facts for machines: `path` (of the input), `limit`, `candidates`, `retryAfterMs`, … */
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StemmaError';
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
