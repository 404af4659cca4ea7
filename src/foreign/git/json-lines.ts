import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { sha } from '../../model/events/fields.ts';
import { repositoryKey } from '../../model/keys.ts';
import { isObject, parseShape, timeOfSeconds } from '../envelope.ts';
import { toCommitEnvelope, toRefEnvelope } from './commit.ts';

const commitLine = z.looseObject({
  sha,
  parents: z.array(sha),
  author: z.string().nullish(),
  committed_at: z.number(),
  authored_at: z.number().nullish(),
  subject: z.string().nullish(),
});

const refLine = z.looseObject({
  ref: z.string().regex(/^refs\/(?:heads|tags)\/./, 'is not a branch or tag'),
  object: sha,
  peeled: sha,
});

/**
 * One line of an exported history: a commit or a ref. An export says less of a commit than the repository does (no e-mail address,
 * the first line of the message), so its ids begin with `jsonl/`: the two are different events about the same commit.
 *
 * @throws StemmaError EVENT_MALFORMED naming the path
 */
export function readGitJsonLine(value: unknown, repository: string): Envelope {
  const envelope = readLine(value, repository);
  return { ...envelope, id: `jsonl/${envelope.id}` };
}

function readLine(value: unknown, repository: string): Envelope {
  const key = repositoryKey(repository);
  if (isObject(value) && 'ref' in value) {
    const { ref, object, peeled } = parseShape(refLine, value, 'git ref');
    return toRefEnvelope(key, {
      ref,
      name: ref.replace(/^refs\/(?:heads|tags)\//, ''),
      refType: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
      object,
      commit: peeled,
      time: undefined,
    });
  }
  const line = parseShape(commitLine, value, 'git commit');
  return toCommitEnvelope(key, {
    sha: line.sha,
    parents: line.parents,
    message: line.subject ?? '',
    author: { name: line.author ?? '', email: '' },
    authoredAt: line.authored_at == null ? undefined : timeOfSeconds(line.authored_at),
    committer: { name: '', email: '' },
    committedAt: timeOfSeconds(line.committed_at),
  });
}

/** The repository that a file of the data set is named after: `cli_cli.commits.jsonl` is https://github.com/cli/cli. */
export function repositoryOfFile(name: string): string | null {
  const parts = /(?:^|\/)([a-z\d-]+)_([\w.-]+)\.(?:commits|tags)\.jsonl$/i.exec(name);
  return parts === null ? null : `https://github.com/${parts[1] ?? ''}/${parts[2] ?? ''}`;
}
