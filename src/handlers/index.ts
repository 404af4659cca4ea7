import { StemmaError } from '../errors.ts';
import { NO_CHANGES, type Changes } from '../model/change.ts';
import type { EventData, EventType } from '../model/events/catalogue.ts';
import { effectiveTime, type Envelope, type StemmaEvent } from '../model/event.ts';
import { checkIndexed } from '../model/indexed.ts';
import { isObjectId, tryThingRef } from '../model/keys.ts';
import type { NodeRef } from '../model/node.ts';
import { keyProblem } from '../model/text.ts';
import * as artifact from './artifact.ts';
import * as build from './build.ts';
import * as deployment from './deployment.ts';
import { documentPart, documentSubmitted } from './document.ts';
import type { Handler, HandlerContext } from './handler.ts';
import * as source from './source.ts';
import * as stage from './stage.ts';
import * as trust from './trust.ts';
import * as vulnerability from './vulnerability.ts';
import * as workflow from './workflow.ts';

/** Kept in the log, without effect on the graph (yet). */
const logged = (): Changes => NO_CHANGES;

/** Kept in the log, about what its `subject` names. */
const aboutSubject =
  (outcome: string) =>
  (_: unknown, { envelope }: HandlerContext): Changes => ({
    ...NO_CHANGES,
    subject: subjectOf(envelope),
    outcome,
  });

/** Event type → handler; a type of the catalogue without an entry does not compile. */
const HANDLERS: { readonly [T in EventType]: Handler<T> } = {
  'source.commit.created': source.commitCreated,
  'source.branch.created': source.branchCreated,
  'source.change.merged': source.changeMerged,
  'source.repository.named': source.repositoryNamed,
  'build.queued': build.buildQueued,
  'build.started': build.buildStarted,
  'build.completed': build.buildCompleted,
  'artifact.created': artifact.artifactCreated,
  'artifact.published': artifact.artifactPublished,
  'artifact.signed': artifact.artifactSigned,
  'artifact.deleted': artifact.artifactDeleted,
  'deployment.created': deployment.deploymentCreated,
  'deployment.progressed': deployment.deploymentProgressed,
  'deployment.verified': deployment.deploymentVerified,
  'deployment.completed': deployment.deploymentCompleted,
  'deployment.failed': deployment.deploymentFailed,
  'deployment.rolledback': deployment.deploymentRolledBack,
  'deployment.removed': deployment.deploymentRemoved,
  'vulnerability.detected': vulnerability.vulnerabilityDetected,
  'vulnerability.withdrawn': vulnerability.vulnerabilityWithdrawn,
  'vulnerability.triaged': vulnerability.vulnerabilityTriaged,
  'document.submitted': documentSubmitted,
  'document.part': documentPart,
  'attestation.verified': (data) => ({
    ...NO_CHANGES,
    subject: { label: 'Attestation', key: data.attestation.replace(/^sha256:/, '') },
    outcome: data.verdict,
  }),
  'policy.changed': logged,
  'key.revoked': logged,
  'alias.asserted': trust.aliasAsserted,
  'alias.withdrawn': trust.aliasWithdrawn,
  'claim.withdrawn': trust.claimWithdrawn,
  'workflow.created': workflow.workflowCreated,
  'workflow.started': workflow.workflowStarted,
  'workflow.progressed': workflow.workflowProgressed,
  'workflow.completed': workflow.workflowCompleted,
  'workflow.failed': workflow.workflowFailed,
  'workflow.cancelled': workflow.workflowCancelled,
  'generation.started': stage.stageStarted,
  'generation.completed': stage.stageCompleted,
  'generation.failed': stage.stageFailed,
  'audit.started': stage.stageStarted,
  'audit.completed': stage.stageCompleted,
  'audit.failed': stage.stageFailed,
  'testing.started': stage.stageStarted,
  'testing.completed': stage.stageCompleted,
  'testing.failed': stage.stageFailed,
  'agent.request': stage.agentMessage,
  'agent.response': stage.agentMessage,
  'watch.matched': logged,
  'watch.action.succeeded': logged,
  'watch.action.failed': logged,
  'gate.passed': aboutSubject('passed'),
  'gate.failed': aboutSubject('failed'),
  'type.registered': logged,
  'type.deprecated': logged,
  'gate.defined': logged,
  'gate.enabled': logged,
  'gate.disabled': logged,
  'watch.defined': logged,
  'watch.enabled': logged,
  'watch.disabled': logged,
  'bridge.defined': logged,
};

/**
 * What an event says, as changes of the graph. Pure: the log entry alone decides.
 *
 * @param acceptedAt when the edge accepted the event, ms since the epoch
 * @throws StemmaError where it says what cannot be stored
 */
export function changesOf({ envelope, body }: StemmaEvent, acceptedAt: number): Changes {
  if (body.type === 'custom') return { ...NO_CHANGES, subject: subjectOf(envelope) };
  const context: HandlerContext = { envelope, at: effectiveTime(envelope, acceptedAt) };
  return checkIndexed(handle(body.type, body.data, context));
}

/**
 * What can be told of an event before it is accepted, beside its schema: whether it could ever be applied, and whether it can be so. Returns
 * what it says.
 *
 * @returns what it says
 * @throws StemmaError
 */
export function checkEvent(event: StemmaEvent, acceptedAt: number): Changes {
  try {
    const changes = changesOf(event, acceptedAt);
    if (event.body.type === 'alias.asserted') trust.checkAlias(event.body.data);
    if (event.body.type !== 'custom') source.checkRepositories(event.body.data);
    return changes;
  } catch (error) {
    throw inData(error);
  }
}

/**
 * What an event of a registered type is about, where its attribute `subject` names a commit, or what `tryThingRef` reads. What no index
 * takes names nothing: the event is kept.
 */
function subjectOf({ subject }: Envelope): NodeRef | null {
  if (subject === undefined) return null;
  if (isObjectId(subject)) return { label: 'Commit', key: subject };
  const thing = tryThingRef(subject);
  return thing === null || keyProblem(thing.key) !== null ? null : thing;
}

/** The handlers know a field by its name alone. */
function inData(error: unknown): unknown {
  if (!(error instanceof StemmaError) || error.code !== 'BAD_USER_INPUT') return error;
  const { path } = error.details;
  const details = { ...error.details, path: typeof path === 'string' ? `data.${path}` : 'data' };
  return new StemmaError(error.code, error.message, { details, cause: error.cause });
}

function handle<T extends EventType>(
  type: T,
  data: EventData<T>,
  context: HandlerContext,
): Changes {
  return HANDLERS[type](data, context);
}
