import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { timeOf } from '../envelope.ts';
import { cutText } from '../../model/text.ts';
import { parsePayload, sha, text, toWebhookEnvelope, type Webhook } from './payload.ts';

const pullRequest = z.looseObject({
  action: z.string(),
  pull_request: z.looseObject({
    html_url: z.string().min(1),
    merged: z.boolean().nullish(),
    merged_at: text,
    merge_commit_sha: sha.nullish().catch(null),
    title: text,
    base: z.looseObject({ ref: text }).nullish().catch(null),
  }),
});

/** Only a merge is provenance; everything before it is talk. */
export function mapPullRequest(webhook: Webhook): Envelope[] {
  const { action, pull_request: subject } = parsePayload(pullRequest, webhook);
  if (action !== 'closed' || subject.merged !== true) return [];
  const time = timeOf(subject.merged_at);
  return [
    toWebhookEnvelope(
      webhook,
      // A pull request is merged once.
      { id: `${subject.html_url}/merged`, time, subject: subject.html_url },
      {
        type: 'source.change.merged',
        data: {
          change: subject.html_url,
          repository: webhook.repository,
          commit: subject.merge_commit_sha ?? undefined,
          title: subject.title ? cutText(subject.title) : undefined,
          target: subject.base?.ref ?? undefined,
        },
      },
    ),
  ];
}
