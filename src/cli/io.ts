import type { Readable } from 'node:stream';
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** What a command may use of the world. */
export interface CliIo {
  /** A line of data, on standard output. */
  out(line: string): void;
  /** A line for people, on standard error. */
  err(line: string): void;
  /** Replaces the last progress line; does nothing where standard error is not a terminal. */
  progress(line: string): void;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output is a terminal: tables there, plain lines elsewhere. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where it does not say. */
  readonly columns: number;
  /** Colours, where a terminal reads them and nobody has switched them off. */
  paint(style: Style, text: string): string;
  /** From the first call on, Ctrl-C aborts this signal instead of ending the process; a second one ends it. */
  interrupted(): AbortSignal;
  /** How long one call of the service may take; left out: its client's default. */
  readonly timeoutMs?: number;
  /** What the process exits with, unless a command throws. */
  exitWith(code: number): void;
}

export function createIo(isColourOff: boolean): CliIo & { timeoutMs?: number } {
  const { stdout, stderr } = process;
  let hasProgress = false;
  let controller: AbortController | null = null;
  // `stemma events | head` closes the pipe: nobody reads on, so there is nothing left to do
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  const clear = (): void => {
    if (hasProgress) stderr.write('\r\u001b[K');
    hasProgress = false;
  };
  return {
    out(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    err(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!stderr.isTTY || process.env['TERM'] === 'dumb') return;
      stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
      hasProgress = line !== '';
    },
    stdin: process.stdin,
    env: process.env,
    isTerminal: stdout.isTTY,
    columns: stdout.columns || 80,
    paint: (style, text) => (isColourOff ? text : styleText(style, text, { stream: stdout })),
    interrupted() {
      if (controller !== null) return controller.signal;
      const created = new AbortController();
      controller = created;
      for (const name of ['SIGINT', 'SIGTERM'] as const) {
        process.once(name, () => {
          process.once(name, () => process.exit(130));
          created.abort();
        });
      }
      return created.signal;
    },
    exitWith(code) {
      process.exitCode = code;
    },
  };
}
