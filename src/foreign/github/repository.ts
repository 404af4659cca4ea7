import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { repositoryKey } from '../../model/repository-key.ts';
import { timeOf } from '../envelope.ts';
import { number, parsePayload, text, toWebhookEnvelope, type Webhook } from './payload.ts';

const numbered = z.looseObject({
  repository: z
    .looseObject({ id: number, html_url: z.string().min(1), updated_at: text })
    .nullish()
    .catch(null),
});

const owner = z.looseObject({ login: text }).nullish().catch(null);

const changed = z.looseObject({
  action: z.string(),
  repository: z.looseObject({ name: text }),
  changes: z
    .looseObject({
      repository: z.looseObject({ name: z.looseObject({ from: text }).nullish() }).nullish(),
      owner: z
        .looseObject({ from: z.looseObject({ user: owner, organization: owner }).nullish() })
        .nullish(),
    })
    .nullish()
    .catch(null),
});

/**
 * The repository that a webhook is about, by its number: a later webhook of the same number under another name is about the same
 * repository, and one of another number under the same name is not. None where the payload has no number.
 *
 * @param time when the webhook was about it
 */
export function nameOf(webhook: Webhook, time: string | undefined, formerly?: string): Envelope[] {
  const { repository } = parsePayload(numbered, webhook);
  if (!repository) return [];
  return [
    toWebhookEnvelope(
      webhook,
      { id: `repository/${repository.id}/${time ?? '-'}`, time },
      {
        type: 'source.repository.named',
        data: {
          repository: repository.html_url,
          hostId: String(repository.id),
          formerly,
        },
      },
    ),
  ];
}

/**
 * `repository`: a rename or a transfer says what it was called before; every other action says at least which number it has.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
 */
export function mapRepository(webhook: Webhook): Envelope[] {
  const { action, repository, changes } = parsePayload(changed, webhook);
  const time = timeOf(parsePayload(numbered, webhook).repository?.updated_at);
  if (action === 'deleted') return [];
  return nameOf(webhook, time, formerName(webhook.repository, repository.name, changes));
}

function formerName(
  now: string,
  name: string | null | undefined,
  changes: z.output<typeof changed>['changes'],
): string | undefined {
  const [, server = '', holder = '', current = ''] = /^(.*)\/([^/]+)\/([^/]+)$/.exec(now) ?? [];
  const oldName = changes?.repository?.name?.from;
  if (oldName) return repositoryKey(`${server}/${holder}/${oldName}`, true);
  const from = changes?.owner?.from;
  const oldOwner = from?.user?.login ?? from?.organization?.login;
  return oldOwner ? repositoryKey(`${server}/${oldOwner}/${name ?? current}`, true) : undefined;
}
