import { z } from 'zod';
import { repositoryKey } from '../../model/repository-key.ts';
import type { Envelope } from '../../model/event.ts';
import {
  parseShape,
  timeOf,
  timeOfSeconds,
  toEnvelope,
  type EnvelopeAttributes,
  type Statement,
} from '../envelope.ts';
import { number } from '../webhook.ts';

export { number, sha, text } from '../webhook.ts';

const repository = z.looseObject({
  html_url: z.string({ error: 'is missing: a URL is required' }).min(1),
  pushed_at: z.union([z.number(), z.string()]).nullish().catch(null),
});

const workflowRun = z.looseObject({
  id: number,
  run_attempt: number.nullish().catch(null),
});

export function isNoCommit(id: string): boolean {
  return /^0+$/.test(id);
}

/** One webhook: its payload, and what its envelopes have in common. */
export type Webhook = {
  readonly event: string;
  readonly payload: unknown;
  /** URL of the repository; the source of every envelope. */
  readonly repository: string;
  readonly deliveryid: string | undefined;
};

/** @throws StemmaError EVENT_MALFORMED naming the path within the payload */
export function parsePayload<T extends z.ZodType>(schema: T, webhook: Webhook): z.output<T> {
  return parseShape(schema, webhook.payload, `GitHub ${webhook.event}`);
}

/** @throws StemmaError EVENT_MALFORMED where the payload has no repository */
export function repositoryOf(payload: unknown, event: string): string {
  const shape = z.looseObject({ repository });
  return repositoryKey(parseShape(shape, payload, `GitHub ${event}`).repository.html_url, true);
}

/** When the repository was last pushed to: the only time that a push or a new ref states for itself. */
export function pushedAt(webhook: Webhook): string | undefined {
  const { pushed_at: at } = parsePayload(z.looseObject({ repository }), webhook).repository;
  return typeof at === 'number' ? timeOfSeconds(at) : timeOf(at);
}

/** The workflow run that a payload belongs to, as `run/attempt`. */
export function runOf(run: unknown): { run: number | string; attempt: number | string } | null {
  const result = workflowRun.safeParse(run);
  return result.success ? { run: result.data.id, attempt: result.data.run_attempt ?? 1 } : null;
}

export function toWebhookEnvelope(
  webhook: Webhook,
  attributes: Omit<EnvelopeAttributes, 'source'>,
  statement: Statement,
): Envelope {
  const { repository: source, deliveryid } = webhook;
  return toEnvelope({ source, deliveryid, ...attributes }, statement);
}
