import { isObject } from '../envelope.ts';

/**
 * What a payload of each event has, most telling first: a payload holds the parts of other events beside its own
 * (`deployment_status` has a `check_run`, `deployment` a `workflow_run`).
 */
const SHAPES: readonly (readonly [event: string, ...fields: string[]])[] = [
  ['ping', 'zen', 'hook_id'],
  ['push', 'ref', 'before', 'after', 'commits'],
  ['create', 'ref', 'ref_type', 'master_branch'],
  ['delete', 'ref', 'ref_type'],
  ['deployment_review', 'environment', 'reviewers'],
  ['deployment_status', 'deployment_status'],
  ['deployment', 'deployment'],
  ['workflow_job', 'workflow_job'],
  ['workflow_run', 'workflow_run'],
  ['workflow_dispatch', 'inputs', 'workflow'],
  ['repository_dispatch', 'client_payload'],
  ['check_run', 'check_run'],
  ['check_suite', 'check_suite'],
  ['pull_request_review', 'pull_request', 'review'],
  ['pull_request_review_comment', 'pull_request', 'comment'],
  ['pull_request_review_thread', 'pull_request', 'thread'],
  ['pull_request', 'pull_request'],
  ['issue_comment', 'issue', 'comment'],
  ['issues', 'issue'],
  ['commit_comment', 'comment'],
  ['release', 'release'],
  ['registry_package', 'registry_package'],
  ['package', 'package'],
  ['merge_group', 'merge_group'],
  ['security_advisory', 'security_advisory'],
  ['status', 'sha', 'state', 'context'],
  ['fork', 'forkee'],
];

/** Alerts of three events share one field; each is told by a field of the alert. */
const ALERTS: readonly (readonly [event: string, field: string])[] = [
  ['dependabot_alert', 'security_advisory'],
  ['code_scanning_alert', 'rule'],
  ['secret_scanning_alert', 'secret_type'],
];

/**
 * The event of a GitHub webhook: as `X-GitHub-Event` names it, else by the content of the payload. Null where the value is no
 * webhook of GitHub that can be told by its content.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function recogniseGithubWebhook(value: unknown, eventName?: string | null): string | null {
  if (!isObject(value)) return null;
  if (typeof eventName === 'string' && eventName !== '') {
    return /^[a-z_]{1,64}$/.test(eventName) ? eventName : null;
  }
  if (!isFromGithub(value)) return null;
  const shape = SHAPES.find(([, ...fields]) =>
    fields.every((field) => Object.hasOwn(value, field)),
  );
  if (shape !== undefined) return shape[0];
  const { alert, changes } = value;
  // a rename or a transfer; `repository` alone is in nearly every payload
  if (isObject(changes) && ('repository' in changes || 'owner' in changes)) return 'repository';
  if (!isObject(alert)) return null;
  return ALERTS.find(([, field]) => Object.hasOwn(alert, field))?.[0] ?? null;
}

/** GitLab says `object_kind`, or in its system hooks `event_name` and `project_id`; an event of ours, or of the specifications that we read, says its version. */
function isFromGithub(value: Record<string, unknown>): boolean {
  if ('object_kind' in value || 'specversion' in value || 'context' in value) {
    return 'sha' in value && 'state' in value; // `status` has a context too
  }
  if ('event_name' in value && 'project_id' in value) return false;
  return isObject(value['repository']) || isObject(value['sender']) || 'security_advisory' in value;
}
