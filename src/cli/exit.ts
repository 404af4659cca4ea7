import { StemmaError, messageOf, type ErrorCode } from '../errors.ts';

/** Exit codes: stable, for scripts. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  verification: 3,
  notFound: 4,
  auth: 5,
  unavailable: 6,
  interrupted: 130,
} as const;

/** A failure that ends a command: one sentence, a code for machines, an exit code for scripts. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: {
      readonly exitCode: number;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.code = code;
    this.exitCode = options.exitCode;
    this.details = options.details ?? {};
  }
}

/** How a command line could be right. */
export function usage(message: string): CliError {
  return new CliError('USAGE', message, { exitCode: EXIT.usage });
}

const EXIT_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  BAD_USER_INPUT: EXIT.usage,
  BAD_REQUEST: EXIT.usage,
  EVENT_MALFORMED: EXIT.usage,
  AMBIGUOUS: EXIT.usage,
  CURSOR_INVALID: EXIT.usage,
  PAGE_SIZE_TOO_LARGE: EXIT.usage,
  CONFIGURATION_INVALID: EXIT.usage,
  NOT_FOUND: EXIT.notFound,
  BACKPRESSURE: EXIT.unavailable,
  DEPENDENCY_UNAVAILABLE: EXIT.unavailable,
  DEPENDENCY_REFUSED: EXIT.auth,
  SERVER_UNAVAILABLE: EXIT.unavailable,
  STREAM_MISSING: EXIT.unavailable,
  STREAM_REWOUND: EXIT.unavailable,
  SCHEMA_MISSING: EXIT.unavailable,
};

export type Failure = {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly details: Readonly<Record<string, unknown>>;
};

/** Anything that was thrown, as what the user is told. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CliError) return error;
  if (error instanceof StemmaError) {
    const { code, message, details } = error;
    return { code, message, details, exitCode: EXIT_OF_CODE[code] ?? EXIT.unexpected };
  }
  if (isAbort(error)) {
    return {
      code: 'INTERRUPTED',
      message: 'Interrupted.',
      exitCode: EXIT.interrupted,
      details: {},
    };
  }
  return {
    code: 'INTERNAL_SERVER_ERROR',
    message: messageOf(error),
    exitCode: EXIT.unexpected,
    details: {},
  };
}

function isAbort(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
  );
}
