import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { StemmaError } from '../../errors.ts';

/** Settings of a foreign repository that would change the output, or run a program of its choice. */
const NEUTRAL = [
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'],
  // a cache beside the objects, which may say something else than they do
  ...['-c', 'core.commitGraph=false', '-c', 'core.quotePath=false'],
];

/**
 * What git sees of this process: the programs, and nothing that changes what is read. A hook or a linked worktree sets GIT_DIR;
 * a person's configuration rewrites URLs; grafts give a commit other parents than its object names. Nothing is fetched: a partial
 * clone would ask its remote for what it lacks, by a program that its configuration may choose.
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
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: '', // none
  };
}

/** How much of git's error output is kept. */
const MAX_ERROR = 4096;

/**
 * Runs git in a directory, without a shell, and gives its output as it comes. `input` is written to it line by line. Leaving the
 * loop ends the process.
 *
 * Git refuses a repository that another user owns, because its configuration could run programs. Here none of them runs, and the
 * person has named the directory, so that one is read; not one that git would find above it.
 *
 * @throws StemmaError CONFIGURATION_INVALID without git, BAD_USER_INPUT where git refuses; AbortError; what `input` throws
 */
export async function* gitBytes(
  dir: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  input?: AsyncIterable<string>,
): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  const safe = ['-c', `safe.directory=${realPath(dir)}`];
  const child = spawn(
    'git',
    ['-C', dir, '--no-pager', '--no-replace-objects', ...NEUTRAL, ...safe, ...args],
    {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: gitEnvironment(process.env),
      signal,
    },
  );
  let problem = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    problem = (problem + chunk).slice(0, MAX_ERROR);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  ended.catch(() => undefined); // awaited below; until then nobody listens
  let failure: unknown = null;
  if (input !== undefined && child.stdin !== null) {
    child.stdin.on('error', () => undefined); // git has ended: its exit code says why
    void feed(child.stdin, input).catch((error: unknown) => {
      failure = error;
      child.kill();
    });
  }
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const code = await ended;
    if (failure !== null) throw failure as Error;
    if (code !== 0) throw refused(dir, problem);
  } catch (error) {
    signal?.throwIfAborted();
    throw isMissing(error) ? gitMissing(error) : error;
  } finally {
    child.kill();
  }
}

async function feed(stdin: NodeJS.WritableStream, lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (!stdin.writable) return;
    if (!stdin.write(`${line}\n`)) await once(stdin, 'drain');
  }
  stdin.end();
}

/** The output in lines, each without its end. Nothing is buffered but the line that is being read. */
export async function* gitLines(
  dir: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of gitBytes(dir, args, signal)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function realPath(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return dir; // git says that it is not there
  }
}

function refused(dir: string, problem: string): StemmaError {
  // advice comes first, and is not the reason
  const said = /^(?:fatal|error): (.*)$/m.exec(problem)?.[1] ?? problem.trim().split('\n')[0] ?? '';
  const message = said.includes('dubious ownership')
    ? 'the repository around it belongs to another user: name its top directory'
    : said;
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
