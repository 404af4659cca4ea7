import { spawn } from 'node:child_process';
import { StemmaError } from '../../errors.ts';

/** Settings of a foreign repository that would change the output, or run a program of its choice. */
const NEUTRAL = [
  ...['-c', 'log.showSignature=false', '-c', 'core.quotePath=false'],
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.mailmap=false'],
];

/**
 * What git sees of this process: the programs, and nothing that changes what is read. A hook or a linked worktree sets GIT_DIR;
 * a person's configuration rewrites URLs; grafts give a commit other parents than its object names.
 */
export function gitEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    PATH: environment['PATH'],
    LC_ALL: 'C',
    HOME: '/dev/null',
    XDG_CONFIG_HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_GRAFT_FILE: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** How much of git's error output is kept. */
const MAX_ERROR = 4096;

/**
 * Runs git in a directory, without a shell, and gives its output in fields that each end in `separator`. Nothing is buffered but
 * the field that is being read. Leaving the loop ends the process.
 *
 * @throws StemmaError CONFIGURATION_INVALID without git, BAD_USER_INPUT where git refuses; AbortError
 */
export async function* gitFields(
  dir: string,
  args: readonly string[],
  separator: '\0' | '\n',
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  signal?.throwIfAborted();
  const child = spawn(
    'git',
    ['-C', dir, '--no-pager', '--no-replace-objects', ...NEUTRAL, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: gitEnvironment(process.env),
      signal,
    },
  );
  let problem = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    problem = (problem + chunk).slice(0, MAX_ERROR);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  ended.catch(() => undefined); // awaited below; until then nobody listens
  try {
    let rest = '';
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      const fields = (rest + chunk).split(separator);
      rest = fields.pop() ?? '';
      yield* fields;
    }
    const code = await ended;
    if (code !== 0) throw refused(dir, problem);
  } catch (error) {
    signal?.throwIfAborted();
    throw isMissing(error) ? gitMissing(error) : error;
  } finally {
    child.kill();
  }
}

/** The whole output as lines. */
export async function gitLines(
  dir: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of gitFields(dir, args, '\n', signal)) lines.push(line);
  return lines;
}

function refused(dir: string, problem: string): StemmaError {
  const message =
    problem
      .trim()
      .replace(/^fatal: /, '')
      .split('\n')[0] ?? '';
  return new StemmaError(
    'BAD_USER_INPUT',
    `git cannot read '${dir}': ${message === '' ? 'it gave no reason' : message}.`,
    {
      details: { path: dir },
    },
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function gitMissing(cause: unknown): StemmaError {
  return new StemmaError(
    'CONFIGURATION_INVALID',
    'git was not found on the path: install git to read a repository.',
    {
      cause,
    },
  );
}
