import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';

/** A repository that a test makes by itself, object by object: what git's own commands would refuse to write as well. */
export type TestRepository = {
  readonly dir: string;
  readonly git: (...args: string[]) => string;
  /** Writes the object as it is, and gives its id. */
  commit(object: string | Buffer): string;
  /** A commit object of the usual form; times are `seconds offset`. */
  write(parts: CommitParts): string;
  point(ref: string, commit: string): void;
};

export type CommitParts = {
  readonly parents?: readonly string[];
  readonly author?: string;
  readonly authored?: string;
  readonly committed?: string;
  /** Further lines of the header, each with its end of line. */
  readonly headers?: string;
  readonly message?: string;
};

const PERSON = 'A U Thor <author@example.com>';

/** @param options of `git init`, such as `--bare` or `--object-format=sha256` */
export function createRepository(
  dir: string,
  origin: string,
  options: readonly string[] = [],
): TestRepository {
  const run = (args: readonly string[], more: ExecFileSyncOptions = {}): string =>
    execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      ...more,
    })
      .toString()
      .trim();
  run(['init', '--quiet', '--initial-branch=main', ...options, dir]);
  const git = (...args: string[]) => run(['-C', dir, ...args]);
  git('remote', 'add', 'origin', origin);
  const tree = run(['-C', dir, 'hash-object', '-t', 'tree', '-w', '--stdin'], { input: '' });
  const commit = (object: string | Buffer) =>
    run(['-C', dir, 'hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], {
      input: object,
    });
  return {
    dir,
    git,
    commit,
    write: ({
      parents = [],
      author = PERSON,
      authored = '1500000000 +0000',
      committed = authored,
      headers = '',
      message = 'A change\n',
    }) =>
      commit(
        `tree ${tree}\n${parents.map((parent) => `parent ${parent}\n`).join('')}` +
          `author ${author} ${authored}\ncommitter ${PERSON} ${committed}\n${headers}\n${message}`,
      ),
    point: (ref, id) => {
      git('update-ref', ref, id);
    },
  };
}
