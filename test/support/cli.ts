import { Readable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { toFailure } from '../../src/cli/exit.ts';
import type { CliIo } from '../../src/cli/io.ts';

export type CliRun = {
  readonly status: number;
  /** Lines of standard output. */
  readonly out: readonly string[];
  /** Lines of standard error, and the sentence of the failure, if any, as the last one. */
  readonly err: readonly string[];
};

type Options = {
  readonly url: string;
  readonly isTerminal?: boolean;
  readonly input?: string;
  readonly columns?: number;
};

/** Runs a command against a service within this process. */
export async function runCli(
  commands: readonly ((program: Command, io: CliIo) => void)[],
  args: readonly string[],
  { url, isTerminal = false, input = '', columns = 200 }: Options,
): Promise<CliRun> {
  const [out, err]: [string[], string[]] = [[], []];
  let status = 0;
  const io: CliIo = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    progress: () => undefined,
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    env: { STEMMA_URL: url },
    isTerminal,
    columns,
    paint: (_, shown) => shown,
    interrupted: () => new AbortController().signal,
    exitWith(code) {
      status = code;
    },
  };
  const program = new Command().exitOverride().configureOutput({ outputError: () => undefined });
  for (const add of commands) add(program, io);
  for (const command of program.commands) command.option('--json', 'as cli.ts adds it');
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const failure = toFailure(error);
    status = error instanceof CommanderError ? 2 : failure.exitCode;
    err.push(failure.message);
  }
  return { status, out, err };
}
