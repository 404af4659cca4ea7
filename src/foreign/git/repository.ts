import { Readable } from 'node:stream';
import { StemmaError } from '../../errors.ts';
import type { Envelope } from '../../model/event.ts';
import { repositoryKey } from '../../model/keys.ts';
import { toCommitEnvelope, toRefEnvelope, type GitRef } from './commit.ts';
import { readObjects } from './objects.ts';
import { parseCommit, parseTag } from './parse.ts';
import { gitLines } from './process.ts';

export type GitRepositoryOptions = {
  /** The working tree, or a bare repository. */
  readonly dir: string;
  /** Leaves out commits before this moment. */
  readonly since?: Date;
  readonly signal?: AbortSignal;
  /** Called with what of the history is not there, in a sentence. */
  readonly onWarning?: (text: string) => void;
};

/** Every ref but those that no clone gets, and that are nobody's history. */
const REVISIONS = [
  '--exclude=refs/stash',
  '--exclude=refs/notes/*',
  '--exclude=refs/replace/*',
  '--all',
];

const REF_FIELDS = ['%(refname)', '%(objectname)', '%(objecttype)'];

/**
 * Reads a git repository: its commits, then its tags and branches. Identities are commit ids within the repository, so reading it
 * again adds only what is new. The repository is the URL of `origin`; without one it is named by its first commit.
 *
 * Of a shallow clone what is there is read: the parents of the commits at its boundary are known by their ids, which the commits name, and
 * nothing else is known of them.
 *
 * @throws StemmaError BAD_USER_INPUT where there is no repository, where objects are missing, and where nothing names a shallow clone;
 *   CONFIGURATION_INVALID without git
 * @see https://git-scm.com/docs/shallow
 */
export async function* readGitRepository(options: GitRepositoryOptions): AsyncGenerator<Envelope> {
  const { dir, since, signal, onWarning } = options;
  const isShallow =
    (await firstLine(dir, ['rev-parse', '--is-shallow-repository'], signal)) === 'true';
  const origin = await originOf(dir, signal);
  if (isShallow && origin === null) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'${dir}' is a shallow clone without the first commit, which would name it where 'origin' has no URL: run 'git fetch --unshallow' there, or set the URL of origin.`,
      { details: { path: dir } },
    );
  }
  const repository = origin ?? (await rootOf(dir, signal));
  if (repository === null) return; // not a commit yet
  if (isShallow) {
    onWarning?.(
      'is a shallow clone: what came before its boundary is known by commit ids alone, until the rest is read (git fetch --unshallow)',
    );
  }
  yield* readCommits(dir, repository, since, signal);
  yield* readRefs(dir, repository, signal);
}

async function* readCommits(
  dir: string,
  repository: string,
  since: Date | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Envelope> {
  const args = ['rev-list'];
  if (since !== undefined) args.push(`--since=${since.toISOString()}`);
  const ids = gitLines(dir, [...args, ...REVISIONS], signal);
  for await (const object of readObjects(dir, ids, signal)) {
    yield toCommitEnvelope(repository, parseCommit(object));
  }
}

/** Tags, and the branches of origin; where nothing was fetched from it (no origin, a bare clone), the branches here. */
async function* readRefs(
  dir: string,
  repository: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Envelope> {
  const format = `--format=${REF_FIELDS.join('%00')}`;
  const patterns = ['refs/tags', 'refs/heads', 'refs/remotes/origin'];
  const lines = await Array.fromAsync(gitLines(dir, ['for-each-ref', format, ...patterns], signal));
  const refs = lines.map((line) => line.split('\0'));
  const tags = await readTags(
    dir,
    refs.flatMap(([, object = '', type]) => (type === 'tag' ? [object] : [])),
    signal,
  );
  const fetched = refs.some(([ref]) => ref?.startsWith('refs/remotes/origin/'));
  const branches = fetched ? 'refs/remotes/origin/' : 'refs/heads/';
  for (const [ref = '', object = '', type = ''] of refs) {
    const prefix = ['refs/tags/', branches].find((start) => ref.startsWith(start));
    if (prefix === undefined || ref === 'refs/remotes/origin/HEAD') continue;
    const name = ref.slice(prefix.length);
    const isTag = prefix === 'refs/tags/';
    const entry: GitRef = {
      ref: isTag ? ref : `refs/heads/${name}`,
      name,
      refType: isTag ? 'tag' : 'branch',
      object,
      commit: peel(tags, object, type),
      time: tags.get(object)?.time,
    };
    yield toRefEnvelope(repository, entry);
  }
}

type Tags = ReadonlyMap<string, ReturnType<typeof parseTag>>;

/** Annotated tags by their ids, with those that they are tags of. */
async function readTags(
  dir: string,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Tags> {
  const tags = new Map<string, ReturnType<typeof parseTag>>();
  for (let left = new Set(ids); left.size > 0;) {
    const asked = Readable.from([...left]) as AsyncIterable<string>;
    left = new Set();
    for await (const object of readObjects(dir, asked, signal)) {
      const tag = parseTag(object);
      tags.set(object.id, tag);
      if (tag.type === 'tag' && !tags.has(tag.object)) left.add(tag.object);
    }
  }
  return tags;
}

/** The commit behind a tag, through any number of tags; null where it is a tree or a file. */
function peel(tags: Tags, object: string, type: string): string | null {
  const tag = type === 'tag' ? tags.get(object) : undefined;
  if (tag !== undefined) return peel(tags, tag.object, tag.type);
  return type === 'commit' ? object : null;
}

/** The first line of the output; undefined where there is none. */
async function firstLine(
  dir: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return (await Array.fromAsync(gitLines(dir, args, signal)))[0];
}

/** The URL of origin; null where there is none, or where it is a path of this machine. */
async function originOf(dir: string, signal: AbortSignal | undefined): Promise<string | null> {
  const remotes = await Array.fromAsync(gitLines(dir, ['remote'], signal));
  if (!remotes.includes('origin')) return null;
  const url = await firstLine(dir, ['remote', 'get-url', 'origin'], signal);
  if (url === undefined || url === '') return null;
  const key = repositoryKey(url);
  return /^https:\/\/\S+$/.test(key) ? key : null;
}

/** The first commit, which every clone has: of several, the oldest. */
async function rootOf(dir: string, signal: AbortSignal | undefined): Promise<string | null> {
  const args = ['rev-list', '--max-parents=0', '--timestamp', ...REVISIONS];
  const lines = await Array.fromAsync(gitLines(dir, args, signal));
  const roots = lines.map((line) => line.split(' '));
  const [first] = roots.sort(
    ([a = '', x = ''], [b = '', y = '']) => Number(a) - Number(b) || (x < y ? -1 : 1),
  );
  return first?.[1] === undefined ? null : `urn:git:${first[1]}`;
}
