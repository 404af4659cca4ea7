import { z } from 'zod';
import { githubRunKey } from '../../model/keys.ts';
import type { Envelope } from '../../model/event.ts';
import { timeOf } from '../envelope.ts';
import { cutText } from '../../model/text.ts';
import {
  parsePayload,
  runOf,
  sha,
  text,
  toWebhookEnvelope,
  number,
  type Webhook,
} from './payload.ts';

const workflowRun = z.looseObject({
  action: z.string(),
  workflow_run: z.looseObject({
    id: number,
    run_attempt: number.nullish(),
    name: text,
    html_url: text,
    head_sha: sha,
    event: text,
    conclusion: text,
    created_at: text,
    run_started_at: text,
    updated_at: text,
    head_repository: z.looseObject({ html_url: text }).nullish(),
  }),
  workflow: z.looseObject({ name: text }).nullish().catch(null),
});

/** Outcomes of the conclusions that are known; any other one is kept as it is. */
const OUTCOMES = {
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  timed_out: 'failure',
  cancelled: 'cancelled',
  skipped: 'cancelled',
  stale: 'cancelled',
  startup_failure: 'error',
} as const;

/**
 * A workflow run as a Build: key = run URL + attempt, where the SLSA statements of the same run meet it.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run
 */
export function mapWorkflowRun(webhook: Webhook): Envelope[] {
  const { action, workflow_run: run, workflow } = parsePayload(workflowRun, webhook);
  const attempt = run.run_attempt ?? 1;
  const build = githubRunKey(webhook.repository, run.id, attempt);
  const id = `workflow_run/${run.id}/${attempt}/${action}`;
  const data = {
    build,
    name: run.name ?? workflow?.name ?? undefined,
    url: run.html_url ?? undefined,
    repository: repositoryOfHead(run.head_repository, webhook),
    commit: run.head_sha,
    trigger: run.event ?? undefined,
  };
  const attributes = { id, subject: build, correlationid: build };
  const startedAt = timeOf(run.run_started_at) ?? timeOf(run.created_at);
  // `created_at` is the time of the first attempt.
  const queuedAt = Number(attempt) > 1 ? startedAt : (timeOf(run.created_at) ?? startedAt);
  switch (action) {
    case 'requested':
      return [
        toWebhookEnvelope(
          webhook,
          { ...attributes, time: queuedAt },
          { type: 'build.queued', data },
        ),
      ];
    case 'in_progress':
      return [
        toWebhookEnvelope(
          webhook,
          { ...attributes, time: startedAt },
          { type: 'build.started', data },
        ),
      ];
    case 'completed': {
      const outcome = outcomeOf(run.conclusion);
      if (outcome === null) return [];
      return [
        toWebhookEnvelope(
          webhook,
          { ...attributes, id: `${id}/started`, time: startedAt },
          { type: 'build.started', data },
        ),
        toWebhookEnvelope(
          webhook,
          { ...attributes, time: timeOf(run.updated_at) },
          { type: 'build.completed', data: { ...data, outcome } },
        ),
      ];
    }
    default:
      return [];
  }
}

/** The key of the run that a payload belongs to (`workflow_run` beside a deployment). */
export function runKeyOf(webhook: Webhook, run: unknown): string | undefined {
  const found = runOf(run);
  return found === null ? undefined : githubRunKey(webhook.repository, found.run, found.attempt);
}

/**
 * The commit of a pull request from a fork is in the fork, which the base need not hold. GitHub says null where the fork is gone:
 * then nobody knows where the commit is.
 */
function repositoryOfHead(
  head: { html_url?: string | null | undefined } | null | undefined,
  webhook: Webhook,
): string | undefined {
  return head === null ? undefined : (head?.html_url ?? webhook.repository);
}

/** `action_required` does not end the run: it waits for somebody. */
function outcomeOf(conclusion: string | null | undefined): string | null {
  if (!conclusion || conclusion === 'action_required') return null;
  return Object.hasOwn(OUTCOMES, conclusion)
    ? OUTCOMES[conclusion as keyof typeof OUTCOMES] // it is a key of the table
    : cutText(conclusion, 200);
}
