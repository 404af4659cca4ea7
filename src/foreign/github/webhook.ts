import type { Envelope } from '../../model/event.ts';
import { contentId, isObject, malformed, toForeignEnvelope } from '../envelope.ts';
import { mapDeployment, mapDeploymentStatus } from './deployment.ts';
import { repositoryOf, type Webhook } from './payload.ts';
import { mapPackage, mapRelease } from './publication.ts';
import { mapPullRequest } from './pull-request.ts';
import { mapCreate, mapPush } from './push.ts';
import { recogniseGithubWebhook } from './recognition.ts';
import { mapRepository, nameOf } from './repository.ts';
import { mapWorkflowRun } from './run.ts';

/** Each gives no envelope where the payload says nothing that the graph knows. */
const MAPPINGS: Readonly<Record<string, (webhook: Webhook) => Envelope[]>> = {
  push: mapPush,
  create: mapCreate,
  pull_request: mapPullRequest,
  workflow_run: mapWorkflowRun,
  deployment: mapDeployment,
  deployment_status: mapDeploymentStatus,
  release: mapRelease,
  package: mapPackage,
  registry_package: mapPackage,
  repository: mapRepository,
};

/**
 * A GitHub webhook as envelopes. The source is the repository's URL. A webhook has no id of its own but that of its delivery, so
 * the ids name what the payload is about and end in a hash of what it says of it: a redelivery is a duplicate, and two payloads
 * about one deployment that differ are two events. What the graph knows nothing of passes as `com.github.<event>` and is only logged.
 *
 * @param eventName `X-GitHub-Event`, where the request had it
 * @param deliveryId `X-GitHub-Delivery`; kept beside the event, no part of its identity
 * @throws StemmaError EVENT_MALFORMED with the path of what is missing or wrong
 */
export function mapGithubWebhook(
  value: unknown,
  eventName?: string | null,
  deliveryId?: string | null,
): Envelope[] {
  const event = recogniseGithubWebhook(value, eventName);
  if (event === null) {
    throw malformed('GitHub webhook', '', 'cannot be recognised: send the X-GitHub-Event header');
  }
  const deliveryid = deliveryId ?? undefined;
  const mapping = Object.hasOwn(MAPPINGS, event) ? MAPPINGS[event] : undefined;
  if (mapping !== undefined) {
    // A package may belong to an organization alone.
    const repository = event.endsWith('package') ? originOf(value) : repositoryOf(value, event);
    const webhook = { event, payload: value, repository, deliveryid };
    const envelopes = mapping(webhook);
    if (envelopes.length > 0) {
      const name = event === 'repository' ? [] : nameOf(webhook, envelopes[0]?.time);
      return [...envelopes, ...name].map(withContentInId);
    }
  }
  const id = `${event}/${contentId(value, 32)}`;
  return [
    toForeignEnvelope({ source: originOf(value), id, deliveryid }, `com.github.${event}`, value),
  ];
}

function withContentInId(envelope: Envelope): Envelope {
  const { id, type, data, time } = envelope;
  return { ...envelope, id: `${id}/${contentId({ type, data, time }, 12)}` };
}

/** The repository, else the organization, else GitHub itself. */
function originOf(payload: unknown): string {
  if (isObject(payload) && isObject(payload['repository']) && payload['repository']['html_url']) {
    return repositoryOf(payload, 'webhook');
  }
  const organization = isObject(payload) ? payload['organization'] : undefined;
  const login = isObject(organization) ? organization['login'] : undefined;
  return typeof login === 'string' && /^[\w-]+$/.test(login)
    ? `https://github.com/${login}`
    : 'https://github.com';
}
