import type { DestinationStream } from 'pino';
import { pino, type Logger } from 'pino';

/** The part of a logger that modules use; constant messages, facts as fields. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

export type LogOptions = {
  /** What is never written, wherever it stands: passwords and keys. */
  readonly secrets?: readonly string[];
  /** Left out: standard error, since standard output belongs to the commands. */
  readonly destination?: DestinationStream;
};

const REDACTED = '[redacted]';

/** Structured logs. */
export function createLog(level: LogLevel, options: LogOptions = {}): Logger {
  const { secrets = [], destination = pino.destination({ dest: 2, sync: true }) } = options;
  return pino(
    {
      level,
      base: { pid: process.pid },
      redact: {
        paths: ['password', '*.password', 'authorization', '*.authorization'],
        censor: REDACTED,
      },
      hooks: { streamWrite: redacting(secrets) },
    },
    destination,
  );
}

/** `scheme://user:password@`: whatever library puts a URL into a message. */
const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@"]*):[^\s/?#"]*@/gi;
/** Shorter ones are words that stand in logs anyway. */
const SHORTEST = 6;

/** A line without secrets: as they are, in JSON, and as URLs have them. */
function redacting(secrets: readonly string[]): (line: string) => string {
  const spellings = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return (line) => {
    let safe = line.replace(CREDENTIALS, `$1:${REDACTED}@`);
    for (const spelling of longestFirst) safe = safe.replaceAll(spelling, REDACTED);
    return safe;
  };
}

export const SILENT: Log = pino({ level: 'silent' });
