import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { cutText } from '../../model/text.ts';
import { timeOf } from '../envelope.ts';
import {
  isNoCommit,
  parsePayload,
  pushedAt,
  sha,
  text,
  toWebhookEnvelope,
  type Webhook,
} from './payload.ts';

const person = z.looseObject({ name: text, email: text }).nullish().catch(null);

const commit = z.looseObject({
  id: sha,
  message: z.string().nullish(),
  timestamp: text,
  url: text,
  author: person,
  committer: person,
});

const push = z.looseObject({
  ref: z.string().min(1),
  before: sha,
  after: sha,
  created: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
  commits: z.array(commit).nullish(),
  head_commit: commit.nullish(),
});

const create = z.looseObject({ ref: z.string().min(1), ref_type: z.string() });

type Commit = z.output<typeof commit>;

/** The commits of a push, and the branch or tag that it made. A deleted ref brings none. */
export function mapPush(webhook: Webhook): Envelope[] {
  const payload = parsePayload(push, webhook);
  if (payload.deleted === true || isNoCommit(payload.after)) return [];
  const commits = [...(payload.commits ?? [])];
  const head = payload.head_commit;
  if (head && !commits.some(({ id }) => id === head.id)) commits.push(head);
  const envelopes = commits.map((entry) => commitEnvelope(webhook, entry));
  if (payload.created === true || isNoCommit(payload.before)) {
    // `after` of an annotated tag is the tag object.
    const isTag = payload.ref.startsWith('refs/tags/');
    const points = isTag ? head?.id : payload.after;
    envelopes.push(
      refEnvelope(webhook, payload.ref, isTag ? 'tag' : 'branch', payload.after, points),
    );
  }
  return envelopes;
}

/** `create`: a branch or tag, without the commit that it points to. */
export function mapCreate(webhook: Webhook): Envelope[] {
  const { ref, ref_type: refType } = parsePayload(create, webhook);
  if (refType !== 'branch' && refType !== 'tag') return [];
  return [refEnvelope(webhook, ref, refType, refType, undefined)];
}

function commitEnvelope(webhook: Webhook, entry: Commit): Envelope {
  const time = timeOf(entry.timestamp);
  return toWebhookEnvelope(
    webhook,
    { id: `push/${entry.id}`, time, subject: entry.id },
    {
      type: 'source.commit.created',
      data: {
        commit: entry.id,
        repository: webhook.repository,
        message: typeof entry.message === 'string' ? cutText(entry.message) : undefined,
        author: personOf(entry.author),
        committer: personOf(entry.committer),
        committedAt: time,
        url: entry.url ?? undefined,
      },
    },
  );
}

function refEnvelope(
  webhook: Webhook,
  ref: string,
  refType: 'branch' | 'tag',
  at: string,
  points: string | undefined,
): Envelope {
  const name = ref.replace(/^refs\/(?:heads|tags)\//, '');
  const time = pushedAt(webhook);
  return toWebhookEnvelope(
    webhook,
    // The same ref may be made again, so its time is part of the identity.
    { id: `${webhook.event}/${ref}/${at}/${time ?? '-'}`, time },
    {
      type: 'source.branch.created',
      data: { repository: webhook.repository, name, refType, commit: points },
    },
  );
}

function personOf(entry: z.output<typeof person>): { name?: string; email?: string } | undefined {
  if (!entry) return undefined;
  return {
    ...(entry.name ? { name: cutText(entry.name) } : {}),
    ...(entry.email ? { email: cutText(entry.email) } : {}),
  };
}
