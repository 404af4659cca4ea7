import { Readable } from 'node:stream';
import type { CliIo } from '../../src/cli/io.ts';

/** What a command wrote, line by line, and what it exits with. */
export type Written = { readonly out: string[]; readonly err: string[]; exit: number };

/** The world of a command that runs within a test: its output is not a terminal. */
export function createTestIo(
  env: CliIo['env'] = {},
  { input = '', signal = new AbortController().signal } = {},
): { readonly io: CliIo; readonly written: Written } {
  const written: Written = { out: [], err: [], exit: 0 };
  const io: CliIo = {
    out: (line) => void written.out.push(line),
    err: (line) => void written.err.push(line),
    progress: () => undefined,
    stdin: Readable.from([Buffer.from(input)]),
    env,
    isTerminal: false,
    columns: 80,
    paint: (_style, text) => text,
    interrupted: () => signal,
    exitWith: (code) => {
      written.exit = code;
    },
  };
  return { io, written };
}
