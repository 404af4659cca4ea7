import type { Envelope } from '../../model/event.ts';
import { timeOf, toEnvelope } from '../envelope.ts';
import { cutText } from '../../model/text.ts';

export type GitPerson = { readonly name: string; readonly email: string };

export type GitCommit = {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: GitPerson;
  readonly authoredAt: string | undefined;
  /** The time as it is written, where it is none that a clock and a calendar have; likewise of the committer. */
  readonly authoredAtText?: string | undefined;
  readonly committer: GitPerson;
  readonly committedAt: string | undefined;
  readonly committedAtText?: string | undefined;
};

export type GitRef = {
  /** Whole name: `refs/tags/v1.0.0`. */
  readonly ref: string;
  readonly name: string;
  readonly refType: 'branch' | 'tag';
  /** What the ref holds: of an annotated tag, the tag object. */
  readonly object: string;
  /** The commit behind it; null where it is none (a tag of a tree). */
  readonly commit: string | null;
  /** When the tag was made; a branch and a lightweight tag do not say. */
  readonly time: string | undefined;
};

/** `(repository, commit id)` is the identity, so that reading a repository again adds only what is new. */
export function toCommitEnvelope(repository: string, commit: GitCommit): Envelope {
  const { sha, parents, authoredAt, committedAt } = commit;
  const time = timeOf(committedAt);
  return toEnvelope(
    { source: repository, id: sha, time, subject: sha },
    {
      type: 'source.commit.created',
      data: {
        commit: sha,
        repository,
        parents: [...parents],
        message: cutText(commit.message),
        author: personOf(commit.author),
        authoredAt: timeOf(authoredAt),
        authoredAtText: commit.authoredAtText,
        committer: personOf(commit.committer),
        committedAt: time,
        committedAtText: commit.committedAtText,
      },
    },
  );
}

/** A ref that moved is a new event: what it holds is part of the identity. */
export function toRefEnvelope(repository: string, ref: GitRef): Envelope {
  return toEnvelope(
    { source: repository, id: `${ref.ref}@${ref.object}`, time: timeOf(ref.time) },
    {
      type: 'source.branch.created',
      data: { repository, name: ref.name, refType: ref.refType, commit: ref.commit ?? undefined },
    },
  );
}

function personOf({ name, email }: GitPerson): { name?: string; email?: string } | undefined {
  if (name === '' && email === '') return undefined;
  return {
    ...(name === '' ? {} : { name: cutText(name) }),
    ...(email === '' ? {} : { email: cutText(email) }),
  };
}
