import { StemmaError } from '../../errors.ts';
import type { Envelope } from '../../model/event.ts';
import { repositoryKey } from '../../model/keys.ts';
import { timeOf, timeOfSeconds } from '../envelope.ts';
import { toCommitEnvelope, toRefEnvelope, type GitRef } from './commit.ts';
import { gitFields, gitLines } from './process.ts';

export type GitRepositoryOptions = {
  /** The working tree, or a bare repository. */
  readonly dir: string;
  /** Leaves out commits before this moment. */
  readonly since?: Date;
  readonly signal?: AbortSignal;
};

/** Every ref but those that no clone gets, and that are nobody's history. */
const REVISIONS = [
  '--exclude=refs/stash',
  '--exclude=refs/notes/*',
  '--exclude=refs/replace/*',
  '--all',
];

const COMMIT_FIELDS = ['%H', '%P', '%an', '%ae', '%aI', '%at', '%cn', '%ce', '%cI', '%ct', '%B'];

const REF_FIELDS = ['%(refname)', '%(objectname)', '%(objecttype)', '%(taggerdate:iso-strict)'];

/**
 * Reads a git repository: its commits, then its tags and branches. Identities are commit ids within the repository, so reading it
 * again adds only what is new. The repository is the URL of `origin`; without one it is named by its first commit.
 *
 * @throws StemmaError BAD_USER_INPUT where there is no repository or only a part of its history, CONFIGURATION_INVALID without git
 */
export async function* readGitRepository(options: GitRepositoryOptions): AsyncGenerator<Envelope> {
  const { dir, since, signal } = options;
  const [shallow] = await gitLines(dir, ['rev-parse', '--is-shallow-repository'], signal);
  if (shallow === 'true') {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'${dir}' is a shallow clone, whose history is cut off: run 'git fetch --unshallow' there first.`,
      { details: { path: dir } },
    );
  }
  const repository = (await originOf(dir, signal)) ?? (await rootOf(dir, signal));
  if (repository === null) return; // not a commit yet
  yield* readCommits(dir, repository, since, signal);
  yield* readRefs(dir, repository, signal);
}

async function* readCommits(
  dir: string,
  repository: string,
  since: Date | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Envelope> {
  const args = [
    'log',
    '-z',
    '--no-color',
    '--no-notes',
    '--encoding=UTF-8',
    `--format=tformat:${COMMIT_FIELDS.join('%x00')}`,
  ];
  if (since !== undefined) args.push(`--since=${since.toISOString()}`);
  let fields: string[] = [];
  for await (const field of gitFields(dir, [...args, ...REVISIONS], '\0', signal)) {
    fields.push(field);
    if (fields.length < COMMIT_FIELDS.length) continue;
    const [
      sha = '',
      parents = '',
      an = '',
      ae = '',
      authoredAt,
      authoredSeconds,
      cn = '',
      ce = '',
      committedAt,
      committedSeconds,
      message = '',
    ] = fields;
    fields = [];
    yield toCommitEnvelope(repository, {
      sha,
      parents: parents === '' ? [] : parents.split(' '),
      message: message.replace(/\n+$/, ''),
      author: { name: an, email: ae },
      authoredAt: momentOf(authoredAt, authoredSeconds),
      committer: { name: cn, email: ce },
      committedAt: momentOf(committedAt, committedSeconds),
    });
  }
}

/** The time as written; where its offset is none that a clock has (-3407), its seconds, which are good, in UTC. */
function momentOf(written: string | undefined, seconds: string | undefined): string | undefined {
  const time = timeOf(written);
  if (time !== undefined) return time;
  return /^\d+$/.test(seconds ?? '') ? timeOfSeconds(Number(seconds)) : undefined;
}

/** Tags, and the branches of origin; where nothing was fetched from it (no origin, a bare clone), the branches here. */
async function* readRefs(
  dir: string,
  repository: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Envelope> {
  const format = `--format=${REF_FIELDS.join('%00')}`;
  const patterns = ['refs/tags', 'refs/heads', 'refs/remotes/origin'];
  const lines = await gitLines(dir, ['for-each-ref', format, ...patterns], signal);
  const refs = lines.map((line) => line.split('\0'));
  const fetched = refs.some(([ref]) => ref?.startsWith('refs/remotes/origin/'));
  const branches = fetched ? 'refs/remotes/origin/' : 'refs/heads/';
  for (const [ref = '', object = '', type = '', taggedAt] of refs) {
    const prefix = ['refs/tags/', branches].find((start) => ref.startsWith(start));
    if (prefix === undefined || ref === 'refs/remotes/origin/HEAD') continue;
    const name = ref.slice(prefix.length);
    const isTag = prefix === 'refs/tags/';
    const entry: GitRef = {
      ref: isTag ? ref : `refs/heads/${name}`,
      name,
      refType: isTag ? 'tag' : 'branch',
      object,
      commit: type === 'commit' ? object : await peel(dir, object, signal),
      time: taggedAt,
    };
    yield toRefEnvelope(repository, entry);
  }
}

/** The commit behind a tag, through any number of tags; null where it is a tree or a file. */
async function peel(
  dir: string,
  object: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  try {
    const [commit] = await gitLines(
      dir,
      ['rev-parse', '--verify', '--quiet', `${object}^{commit}`],
      signal,
    );
    return commit ?? null;
  } catch (error) {
    if (error instanceof StemmaError && error.code === 'BAD_USER_INPUT') return null;
    throw error;
  }
}

/** The URL of origin; null where there is none, or where it is a path of this machine. */
async function originOf(dir: string, signal: AbortSignal | undefined): Promise<string | null> {
  const remotes = await gitLines(dir, ['remote'], signal);
  if (!remotes.includes('origin')) return null;
  const [url] = await gitLines(dir, ['remote', 'get-url', 'origin'], signal);
  if (url === undefined || url === '') return null;
  const key = repositoryKey(url);
  return /^https:\/\/\S+$/.test(key) ? key : null;
}

/** The first commit, which every clone has: of several, the oldest. */
async function rootOf(dir: string, signal: AbortSignal | undefined): Promise<string | null> {
  const args = ['log', '--max-parents=0', '--no-color', '--format=%ct %H', ...REVISIONS];
  const roots = (await gitLines(dir, args, signal)).map((line) => line.split(' '));
  const [first] = roots.sort(
    ([a = '', x = ''], [b = '', y = '']) => Number(a) - Number(b) || (x < y ? -1 : 1),
  );
  return first?.[1] === undefined ? null : `urn:git:${first[1]}`;
}
