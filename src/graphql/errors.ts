import { GraphQLError, Kind, type GraphQLFormattedError } from 'graphql';
import { ERROR_CODES, REFUSED_MESSAGE, StemmaError, type ErrorCode } from '../errors.ts';
import type { Log } from '../telemetry.ts';

/** What other parts say, in our words. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_FOUND: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_REQUEST',
};

const MASKED = 'Something went wrong inside the service. Its log tells more under this request id.';

/**
 * An error as clients see it: a code of the closed list, and a sentence that was written for them. Whatever was not written for
 * them goes to the log, with the request id.
 */
export function presentError(
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId: string,
  log: Pick<Log, 'error'>,
): GraphQLFormattedError {
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  const known = stemmaErrorOf(error);
  if (known !== null) {
    if (known.cause !== undefined) log.error({ err: known, requestId }, 'request failed');
    // an error in an argument: graphql-js has put in front which one it is
    const message =
      known.code === 'DEPENDENCY_REFUSED'
        ? REFUSED_MESSAGE
        : formatted.path === undefined
          ? formatted.message
          : known.message;
    const extensions = {
      ...known.details,
      code: known.code,
      requestId,
      retryable: known.retryable,
    };
    return { message, ...place, extensions };
  }
  const code = codeOf(formatted, error);
  if (code === 'INTERNAL_SERVER_ERROR') {
    log.error({ err: rootOf(error), requestId }, 'request failed');
    return { message: MASKED, ...place, extensions: { code, requestId, retryable: false } };
  }
  return {
    message: formatted.message,
    ...place,
    extensions: { code, requestId, retryable: false },
  };
}

/** A StemmaError for Apollo Server, with the HTTP status of a request that was refused before it ran. */
export function toRefusal(error: StemmaError): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { http: { status: 400 } },
  });
}

function codeOf(formatted: GraphQLFormattedError, error: unknown): ErrorCode {
  const code = formatted.extensions?.['code'];
  if (formatted.extensions?.['validationErrorCode'] === 'INTROSPECTION_DISABLED') {
    return 'INTROSPECTION_DISABLED';
  }
  if (isAboutValue(error)) return 'BAD_USER_INPUT';
  if (typeof code !== 'string')
    return isAboutVariable(error) ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR';
  return CODES[code] ?? ERROR_CODES.find((known) => known === code) ?? 'INTERNAL_SERVER_ERROR';
}

/** graphql-js found that a value does not fit where it stands: those errors point at the value. */
function isAboutValue(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || hasForeignCause(error)) return false;
  const kind: string = error.nodes?.[0]?.kind ?? '';
  return (
    kind.endsWith('Value') ||
    kind === 'ObjectField' ||
    (kind === 'Variable' && error.path !== undefined)
  );
}

/** The value of a variable does not fit: Apollo Server gives that its code, graphql-js none. */
function isAboutVariable(error: unknown): boolean {
  return error instanceof GraphQLError && error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;
}

function hasForeignCause(error: GraphQLError): boolean {
  const cause = error.originalError;
  if (cause === undefined) return false;
  return cause instanceof GraphQLError ? hasForeignCause(cause) : true;
}

function stemmaErrorOf(error: unknown): StemmaError | null {
  const root = rootOf(error);
  return root instanceof StemmaError ? root : null;
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError !== undefined)
    root = root.originalError;
  return root;
}
