import type { Envelope } from '../../model/event.ts';
import { contentId, isObject, malformed, toForeignEnvelope } from '../envelope.ts';
import { mapDeployment } from './deployment.ts';
import { openWebhook, toHookEnvelope, type GitlabWebhook } from './payload.ts';
import { mapMergeRequest, mapPush, mapRelease } from './push.ts';
import { mapJob, mapPipeline } from './run.ts';

/** Each gives no envelope where the payload says nothing that the graph knows. `job` is not sent today; `build` is its old name. */
const MAPPINGS: Readonly<Record<string, (hook: GitlabWebhook) => Envelope[]>> = {
  push: mapPush,
  tag_push: mapPush,
  build: mapJob,
  job: mapJob,
  pipeline: mapPipeline,
  deployment: mapDeployment,
  release: mapRelease,
  merge_request: mapMergeRequest,
};

/**
 * The kind of a webhook of GitLab, of a project or of the system; null where the value is none. A payload names its own kind; one
 * that does not say where its project is cannot be placed.
 *
 * @see https://docs.gitlab.com/user/project/integrations/webhook_events
 */
export function gitlabKindOf(value: unknown): string | null {
  if (!isObject(value) || 'specversion' in value) return null;
  const kind = value['object_kind'] ?? value['event_name'];
  const hasPlace =
    isObject(value['project']) || isObject(value['repository']) || 'project_id' in value;
  return typeof kind === 'string' && /^[a-z_]{1,64}$/.test(kind) && hasPlace ? kind : null;
}

/**
 * A webhook of GitLab as envelopes. The source is the project's URL, on whatever server. What the graph knows nothing of passes as
 * `com.gitlab.<kind>` and is only logged.
 *
 * @throws StemmaError EVENT_MALFORMED with the path of what is missing or wrong
 */
export function mapGitlabWebhook(value: unknown): Envelope[] {
  const kind = gitlabKindOf(value);
  if (kind === null) throw malformed('GitLab webhook', 'object_kind', 'is missing');
  const hook = openWebhook(kind, value);
  const mapping = Object.hasOwn(MAPPINGS, kind) ? MAPPINGS[kind] : undefined;
  const envelopes = mapping === undefined ? [] : mapping(hook);
  if (envelopes.length > 0) return [...envelopes, ...nameOf(hook, envelopes[0]?.time)];
  const id = `${kind}/${contentId(value, 32)}`;
  return [toForeignEnvelope({ source: hook.project, id }, `com.gitlab.${kind}`, value)];
}

/** The project by its number, which outlives a rename. */
function nameOf(hook: GitlabWebhook, time: string | undefined): Envelope[] {
  if (hook.projectId === null) return [];
  const data = { repository: hook.page, hostId: hook.projectId };
  const id = `project/${hook.projectId}/${time ?? '-'}`;
  return [toHookEnvelope(hook, { id, time }, { type: 'source.repository.named', data })];
}
