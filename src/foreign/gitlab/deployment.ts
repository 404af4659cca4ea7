import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import type { Statement } from '../envelope.ts';
import { cutText } from '../../model/text.ts';
import { optionalText } from '../webhook.ts';
import {
  hookTime,
  number,
  parsePayload,
  text,
  toHookEnvelope,
  type GitlabWebhook,
} from './payload.ts';
import { jobKey } from './run.ts';

const deployment = z.looseObject({
  deployment_id: number,
  status: z.string().min(1),
  status_changed_at: text,
  deployable_id: number.nullish().catch(null),
  environment: z.union([
    z.string().min(1),
    z.looseObject({ name: z.string().min(1) }).transform(({ name }) => name),
  ]),
  environment_external_url: text,
  environment_tier: text,
  ref: text,
  commit_url: text,
});

/**
 * GitLab deploys a commit; it says of a deployment only what changed and when, and not when it was created.
 *
 * @see https://docs.gitlab.com/user/project/integrations/webhook_events/#deployment-events
 */
export function mapDeployment(hook: GitlabWebhook): Envelope[] {
  const found = parsePayload(deployment, hook);
  const commit = /\/commit\/([0-9a-f]{64}|[0-9a-f]{40})$/.exec(found.commit_url ?? '')?.[1];
  if (commit === undefined) return [];
  const id = `deployments/${found.deployment_id}`;
  const attributes = {
    time: hookTime(found.status_changed_at),
    subject: id,
    correlationid: found.deployable_id ? jobKey(hook, found.deployable_id) : undefined,
  };
  const created: Statement = {
    type: 'deployment.created',
    data: {
      ...{ deployment: id, commit, environment: found.environment, scope: hook.project },
      url: found.environment_external_url ?? undefined,
      ref: optionalText(found.ref),
      production: PRODUCTION[found.environment_tier ?? ''],
    },
  };
  const statement = statementOf(found.status, id);
  return [created, ...(statement === null ? [] : [statement])].map((one) =>
    toHookEnvelope(hook, { id: `${id}/${found.status}/${one.type}`, ...attributes }, one),
  );
}

/**
 * Whether a tier is for those whom the software is made for. Of the tier `other` nobody knows.
 *
 * @see https://docs.gitlab.com/ci/environments/#deployment-tier-of-environments
 */
const PRODUCTION: Readonly<Partial<Record<string, boolean>>> = {
  production: true,
  staging: false,
  testing: false,
  development: false,
};

/** @see https://docs.gitlab.com/api/deployments (status) */
function statementOf(status: string, deployment: string): Statement | null {
  switch (status) {
    case 'success':
      return { type: 'deployment.completed', data: { deployment } };
    case 'failed':
    case 'canceled':
    case 'cancelled':
      return { type: 'deployment.failed', data: { deployment, reason: status } };
    case 'created':
      return { type: 'deployment.progressed', data: { deployment, phase: 'queued' } };
    case 'blocked':
      return { type: 'deployment.progressed', data: { deployment, phase: 'waiting' } };
    default:
      // `running`; and `skipped` or a word of next year, which do not say that it completed
      return { type: 'deployment.progressed', data: { deployment, phase: cutText(status, 200) } };
  }
}
