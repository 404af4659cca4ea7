import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { cutText } from '../../model/text.ts';
import {
  hookTime,
  parsePayload,
  sha,
  text,
  toHookEnvelope,
  type GitlabWebhook,
} from './payload.ts';

const push = z.looseObject({
  ref: z.string().min(1),
  before: sha,
  after: sha,
  checkout_sha: sha.nullish().catch(null),
  commits: z
    .array(
      z.looseObject({
        id: sha,
        message: z.string().nullish(),
        timestamp: text,
        url: text,
        author: z.looseObject({ name: text, email: text }).nullish().catch(null),
      }),
    )
    .nullish(),
});

/** The commits of a push (at most 20 are in it), and the branch or tag that it made. A ref that was deleted brings none. */
export function mapPush(hook: GitlabWebhook): Envelope[] {
  const { ref, before, after, checkout_sha: head, commits } = parsePayload(push, hook);
  if (isNone(after)) return [];
  const envelopes = (commits ?? []).map((commit) => {
    const time = hookTime(commit.timestamp);
    const { name, email } = commit.author ?? {};
    return toHookEnvelope(
      hook,
      { id: `push/${commit.id}`, time, subject: commit.id },
      {
        type: 'source.commit.created',
        data: {
          commit: commit.id,
          repository: hook.page,
          message: commit.message ? cutText(commit.message) : undefined,
          author: { name: name ?? undefined, email: email ?? undefined },
          committedAt: time,
          url: commit.url ?? undefined,
        },
      },
    );
  });
  if (!isNone(before)) return envelopes;
  const isTag = ref.startsWith('refs/tags/');
  const data = {
    repository: hook.page,
    name: ref.replace(/^refs\/(?:heads|tags)\//, ''),
    refType: isTag ? ('tag' as const) : ('branch' as const),
    // `after` of an annotated tag is the tag object; what is checked out is its commit
    commit: isTag ? (head ?? undefined) : after,
  };
  return [
    ...envelopes,
    toHookEnvelope(hook, { id: `${ref}/${after}` }, { type: 'source.branch.created', data }),
  ];
}

function isNone(id: string): boolean {
  return /^0+$/.test(id);
}

const release = z.looseObject({
  action: text,
  tag: z.string().min(1),
  released_at: text,
  created_at: text,
  commit: z.looseObject({ id: sha }).nullish().catch(null),
});

/** A release makes its tag known. */
export function mapRelease(hook: GitlabWebhook): Envelope[] {
  const { action, tag, commit, ...times } = parsePayload(release, hook);
  if (action === 'delete') return [];
  const time = hookTime(times.released_at) ?? hookTime(times.created_at);
  const data = { repository: hook.page, name: tag, refType: 'tag' as const, commit: commit?.id };
  return [
    toHookEnvelope(hook, { id: `release/${tag}`, time }, { type: 'source.branch.created', data }),
  ];
}

const merged = z.looseObject({
  object_attributes: z.looseObject({
    url: text,
    state: text,
    title: text,
    target_branch: text,
    merge_commit_sha: sha.nullish().catch(null),
    updated_at: text,
  }),
});

/** Only a merge is provenance; everything before it is talk. */
export function mapMergeRequest(hook: GitlabWebhook): Envelope[] {
  const { object_attributes: request } = parsePayload(merged, hook);
  if (request.state !== 'merged' || !request.url) return [];
  const { url: change, title, target_branch: target, merge_commit_sha: commit } = request;
  return [
    toHookEnvelope(
      hook,
      { id: `${change}/merged`, time: hookTime(request.updated_at), subject: change },
      {
        type: 'source.change.merged',
        data: {
          ...{ change, repository: hook.page, commit: commit ?? undefined },
          ...{ title: title ? cutText(title) : undefined, target: target ?? undefined },
        },
      },
    ),
  ];
}
