import { pino, type Logger } from 'pino';

/** The part of a logger that modules use; constant messages, facts as fields. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** Structured logs on standard error: standard output belongs to the commands. */
export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      redact: {
        paths: ['password', '*.password', 'authorization', '*.authorization'],
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

export const SILENT: Log = pino({ level: 'silent' });
