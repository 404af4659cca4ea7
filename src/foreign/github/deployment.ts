import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { identifierProblem } from '../../model/text.ts';
import { isObject, timeOf, type Statement } from '../envelope.ts';
import { tryParseJson } from '../../documents/json.ts';
import { cutText } from '../../model/text.ts';
import { optionalText } from '../webhook.ts';
import { number, parsePayload, sha, text, toWebhookEnvelope, type Webhook } from './payload.ts';
import { runKeyOf } from './run.ts';

const deployment = z.looseObject({
  id: number,
  sha,
  environment: z.string().min(1),
  task: text,
  payload: z.unknown().optional(),
  ref: text,
  description: text,
  production_environment: z.boolean().nullish().catch(null),
  transient_environment: z.boolean().nullish().catch(null),
  url: text,
  created_at: text,
});

/** The task of a deployment that names none. */
const DEFAULT_TASK = 'deploy';

const created = z.looseObject({ deployment, workflow_run: z.unknown().optional() });

const status = created.extend({
  deployment_status: z.looseObject({
    id: number,
    state: z.string().min(1),
    description: text,
    created_at: text,
  }),
});

type Deployment = z.output<typeof deployment>;

/** What GitHub deploys is a commit: it knows of no artifact. */
export function mapDeployment(webhook: Webhook): Envelope[] {
  const payload = parsePayload(created, webhook);
  const { deployment: subject } = payload;
  const run = runKeyOf(webhook, payload.workflow_run);
  const id = `deployment/${subject.id}`;
  const attributes = {
    ...{ id: `${id}/queued`, time: timeOf(subject.created_at) },
    ...{ subject: deploymentId(subject), correlationid: run },
  };
  return [
    createdEnvelope(webhook, id, subject, run),
    // GitHub reports what becomes of it by a status: until then nothing has been deployed
    toWebhookEnvelope(webhook, attributes, progress(deploymentId(subject), 'queued')),
  ];
}

/** A status implies its deployment, which may have been made before the webhook was. */
export function mapDeploymentStatus(webhook: Webhook): Envelope[] {
  const payload = parsePayload(status, webhook);
  const { deployment: subject, deployment_status: entry } = payload;
  const id = `deployment_status/${entry.id}`;
  const run = runKeyOf(webhook, payload.workflow_run);
  const statement = statementOf(entry.state, deploymentId(subject), entry.description);
  const attributes = { id, time: timeOf(entry.created_at), subject: deploymentId(subject) };
  return [
    createdEnvelope(webhook, `${id}/deployment`, subject, run),
    toWebhookEnvelope(webhook, { ...attributes, correlationid: run }, statement),
  ];
}

/** @see https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status */
function statementOf(
  state: string,
  subject: string,
  description: string | null | undefined,
): Statement {
  const reason = description ? cutText(description) : undefined;
  switch (state) {
    case 'success':
      return { type: 'deployment.completed', data: { deployment: subject } };
    case 'failure':
    case 'error':
      return { type: 'deployment.failed', data: { deployment: subject, reason } };
    case 'inactive':
      return { type: 'deployment.removed', data: { deployment: subject, reason } };
    case 'queued':
    case 'pending':
      return progress(subject, 'queued', reason);
    case 'waiting':
      return progress(subject, 'waiting', reason);
    case 'in_progress':
      return progress(subject, 'running', reason);
    default:
      // whatever it means, it does not say that the deployment completed
      return progress(subject, cutText(state, 200), reason);
  }
}

function progress(deployment: string, phase: string, reason?: string): Statement {
  return { type: 'deployment.progressed', data: { deployment, phase, reason } };
}

function createdEnvelope(
  webhook: Webhook,
  id: string,
  subject: Deployment,
  run: string | undefined,
): Envelope {
  return toWebhookEnvelope(
    webhook,
    { id, time: timeOf(subject.created_at), subject: deploymentId(subject), correlationid: run },
    {
      type: 'deployment.created',
      data: {
        deployment: deploymentId(subject),
        commit: subject.sha,
        environment: subject.environment,
        scope: webhook.repository,
        ...slotOf(subject),
        // Previews live side by side: GitHub ends earlier deployments only where the environment is not transient.
        parallel: subject.transient_environment === true ? true : undefined,
        url: subject.url ?? undefined,
        ...requestOf(subject),
        production: subject.production_environment ?? undefined,
        transient: subject.transient_environment ?? undefined,
      },
    },
  );
}

/** Of the payload the names alone: it is what people give their scripts, tokens among it. */
function requestOf({ ref, task, description, payload }: Deployment) {
  const parameters = parametersOf(payload);
  return {
    ref: optionalText(ref),
    task: optionalText(task),
    description: optionalText(description),
    parameterNames: parameters === null ? undefined : namesOf(parameters),
  };
}

function namesOf(parameters: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(parameters).filter((name) => name !== '');
  return [...new Set(names.map((name) => cutText(name, 200)))].toSorted().slice(0, 100);
}

/** The payload is free: an object, JSON as a text, or anything else, which has no names. */
function parametersOf(payload: unknown): Readonly<Record<string, unknown>> | null {
  const value = typeof payload === 'string' ? tryParseJson(payload) : payload;
  return isObject(value) ? value : null;
}

/**
 * What the deployment is one of: two tasks (`deploy:api`, `deploy:web`) in one environment are two things that are deployed there,
 * and so are two services, or two regions, that only the payload tells apart.
 *
 * @see https://docs.github.com/en/rest/deployments/deployments#create-a-deployment (task, payload)
 */
function slotOf(subject: Deployment): { service?: string; instance?: string } {
  const parameters = parametersOf(subject.payload);
  const of = (names: readonly string[]): string | undefined =>
    names.map((name) => parameters?.[name]).find((value) => isName(value));
  const task = subject.task && subject.task !== DEFAULT_TASK ? subject.task : undefined;
  const named = of(SERVICE_FIELDS);
  const service = task !== undefined && named !== undefined ? `${task}/${named}` : (task ?? named);
  const instance = of(INSTANCE_FIELDS);
  return {
    ...(service === undefined ? {} : { service }),
    ...(instance === undefined ? {} : { instance }),
  };
}

/** Words for one of several things that are deployed to an environment, and for one of several places within it. */
const SERVICE_FIELDS = ['service', 'app', 'application', 'component'];
const INSTANCE_FIELDS = ['instance', 'cluster', 'region'];

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200 && identifierProblem(value) === null;
}

/** Unique within the repository, which is the source. */
function deploymentId(subject: Deployment): string {
  return `deployments/${subject.id}`;
}
