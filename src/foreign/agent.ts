import { z } from 'zod';
import { StemmaError } from '../errors.ts';
import type { Envelope } from '../model/event.ts';
import { CATALOGUE, type EventType } from '../model/events/catalogue.ts';
import {
  contentId,
  malformed,
  parseShape,
  timeOf,
  timeOfSeconds,
  toEnvelope,
  type Statement,
  type Vocabulary,
} from './envelope.ts';

type Fields = Readonly<Record<string, unknown>>;
type Form = { readonly types: readonly EventType[]; readonly implied?: Fields };

/** The upper-case names, and what each means here. `implied` is what the name itself says, unless a field says otherwise. */
const FORMS: Readonly<Record<string, Form>> = {
  WORKFLOW_CREATED: { types: ['workflow.created'] },
  WORKFLOW_STARTED: { types: ['workflow.started'] },
  WORKFLOW_PROGRESS: { types: ['workflow.progressed'] },
  WORKFLOW_PROGRESSED: { types: ['workflow.progressed'] },
  WORKFLOW_COMPLETED: { types: ['workflow.completed'] },
  WORKFLOW_FAILED: { types: ['workflow.failed'] },
  WORKFLOW_CANCELED: { types: ['workflow.cancelled'] },
  WORKFLOW_CANCELLED: { types: ['workflow.cancelled'] },
  GENERATION_STARTED: { types: ['generation.started'] },
  GENERATION_COMPLETED: { types: ['generation.completed'] },
  GENERATION_FAILED: { types: ['generation.failed'] },
  AUDIT_STARTED: { types: ['audit.started'] },
  AUDIT_COMPLETED: { types: ['audit.completed'] },
  AUDIT_FAILED: { types: ['audit.failed'] },
  TESTING_STARTED: { types: ['testing.started'] },
  TESTING_COMPLETED: { types: ['testing.completed'] },
  TESTING_FAILED: { types: ['testing.failed'] },
  TEST_STARTED: { types: ['testing.started'] },
  TEST_COMPLETED: { types: ['testing.completed'] },
  TEST_FAILED: { types: ['testing.failed'] },
  COMMIT_CREATED: { types: ['source.commit.created'] },
  BUILD_QUEUED: { types: ['build.queued'] },
  BUILD_STARTED: { types: ['build.started'] },
  BUILD_COMPLETED: { types: ['build.completed'], implied: { outcome: 'success' } },
  BUILD_FAILED: { types: ['build.completed'], implied: { outcome: 'failure' } },
  BUILD_CANCELLED: { types: ['build.completed'], implied: { outcome: 'cancelled' } },
  ARTIFACT_CREATED: { types: ['artifact.created'] },
  ARTIFACT_PUBLISHED: { types: ['artifact.published'] },
  ARTIFACT_SIGNED: { types: ['artifact.signed'] },
  ARTIFACT_DELETED: { types: ['artifact.deleted'] },
  DEPLOYMENT_CREATED: { types: ['deployment.created'] },
  DEPLOYMENT_STARTED: { types: ['deployment.created'] },
  DEPLOYMENT_COMPLETED: { types: ['deployment.completed'] },
  // Somebody looked, and it is there: complete and verified.
  DEPLOYMENT_CONFIRMED: {
    types: ['deployment.completed', 'deployment.verified'],
    implied: { result: 'passed' },
  },
  DEPLOYMENT_VERIFIED: { types: ['deployment.verified'], implied: { result: 'passed' } },
  DEPLOYMENT_FAILED: { types: ['deployment.failed'] },
  DEPLOYMENT_ROLLEDBACK: { types: ['deployment.rolledback'] },
  DEPLOYMENT_ROLLED_BACK: { types: ['deployment.rolledback'] },
  DEPLOYMENT_REMOVED: { types: ['deployment.removed'] },
  VULNERABILITY_DETECTED: { types: ['vulnerability.detected'] },
  A2A_REQUEST: { types: ['agent.request'] },
  A2A_RESPONSE: { types: ['agent.response'] },
};

/** The spellings of a field in agents' events, best first, where it is not just the snake case of ours. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  workflow: ['workflow_id'],
  agent: ['source_agent', 'agent_id'],
  percentage: ['progress', 'percent'],
  id: ['stage_id', 'generation_id', 'audit_id', 'testing_id', 'test_id', 'workflow_id'],
  build: ['build_id', 'workflow_id'],
  deployment: ['deployment_id', 'workflow_id'],
  commit: ['commit_sha', 'sha'],
  environment: ['target_environment', 'env'],
  name: ['workflow_name', 'stage_name'],
  message: ['description', 'error_message', 'error'],
  reason: ['error_message', 'error'],
  from: ['source_agent'],
  to: ['target_agent'],
  request: ['request_id', 'message_id', 'correlation_id'],
  vulnerability: ['vulnerability_id'],
};

const NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

const agentEvent = z.looseObject({
  source_agent: z.string().min(1).nullish(),
  workflow_id: z.union([z.string().min(1), z.number()]).nullish(),
  timestamp: z.union([z.string(), z.number()]).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

export const agent: Vocabulary = { name: 'agent', is: isAgentEvent, map: mapAgentEvent };

/** Whether the value is an event in the upper-case form of agent platforms. */
function isAgentEvent(value: Fields): boolean {
  return !('specversion' in value) && nameOf(value) !== null;
}

/**
 * An agent's event as envelopes of the catalogue. Fields may stand at the top or in `metadata`. Its id is the one given, else a
 * digest of its content, so that sending it again is a duplicate.
 *
 * @throws StemmaError EVENT_TYPE_UNKNOWN for a name without meaning, EVENT_MALFORMED with the path of what is missing or wrong
 */
function mapAgentEvent(value: Fields): Envelope[] {
  const name = nameOf(value) ?? '';
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form === undefined) {
    throw new StemmaError(
      'EVENT_TYPE_UNKNOWN',
      `'${name.slice(0, 80)}' is not an event of an agent that this service knows: use one of ${Object.keys(FORMS).join(', ')}.`,
      { details: { path: 'type' } },
    );
  }
  const event = parseShape(agentEvent, value, name);
  const fields: Fields = { ...event.metadata, ...event };
  const workflow = textOf(event.workflow_id);
  const attributes = {
    source: sourceOf(value),
    id: textOf(value['id']) ?? textOf(value['event_id']) ?? contentId(value),
    time: agentTime(event.timestamp),
    correlationid: textOf(fields['correlation_id']) ?? workflow,
    causationid: textOf(fields['causation_id']),
    workflowid: workflow,
    traceparent: textOf(fields['traceparent']),
  };
  return form.types.map((type, at) => {
    const data = dataOf(type, { ...form.implied, ...fields }, name);
    const id = at === 0 ? attributes.id : `${attributes.id}/${at}`;
    return toEnvelope({ ...attributes, id }, { type, data } as Statement); // the schema of `type` has validated it
  });
}

function nameOf(value: Record<string, unknown>): string | null {
  const name = value['type'] ?? value['event_type'] ?? value['eventType'] ?? value['event'];
  return typeof name === 'string' && NAME.test(name) ? name : null;
}

/** The fields that the type has, from wherever the event has them; nothing else of `metadata` goes along. */
function dataOf(type: EventType, fields: Fields, name: string): unknown {
  const schema = CATALOGUE[type].data;
  const wanted = 'shape' in schema ? Object.keys(schema.shape) : [];
  const data: Record<string, unknown> = {};
  for (const field of wanted) {
    const snake = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const own = field === 'id' ? [] : [field, snake]; // `id` at the top is the event's
    const spellings = [...own, ...(SPELLINGS[field] ?? [])];
    const found = spellings.find(
      (spelling) => fields[spelling] !== undefined && fields[spelling] !== null,
    );
    if (found !== undefined) data[field] = readable(type, field, fields[found]);
  }
  if (type.startsWith('agent.') && data['payload'] === undefined)
    data['payload'] = fields['metadata'];
  const result = schema.safeParse(data);
  if (result.success) return data;
  const path = (result.error.issues[0]?.path ?? []).map(String).join('.');
  throw malformed(`${name} (${type})`, path, result.error.issues[0]?.message ?? 'is invalid');
}

const NUMBERS = new Set(['percentage', 'size', 'score']);

/** Agents write ids as numbers, outcomes in capitals, and the artifacts of a build as bare digests. */
function readable(type: EventType, field: string, value: unknown): unknown {
  if (typeof value === 'number' && !NUMBERS.has(field)) return String(value);
  if (field === 'outcome' && typeof value === 'string') return value.toLowerCase();
  if (type === 'build.completed' && field === 'artifacts' && Array.isArray(value)) {
    return value.map((artifact: unknown) =>
      typeof artifact === 'string' ? { digest: artifact } : artifact,
    );
  }
  return value;
}

function sourceOf(event: Fields): string {
  const source = textOf(event['source']);
  if (source !== undefined) return source;
  const agent = textOf(event['source_agent']);
  if (agent !== undefined) return `urn:agent:${encodeURIComponent(agent)}`;
  throw malformed('agent event', 'source_agent', 'is missing: it says who sends the event');
}

/** RFC 3339, or seconds or milliseconds since the epoch. A time without zone is refused: nobody knows when that was. */
function agentTime(value: string | number | null | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  const time =
    typeof value === 'number' ? timeOfSeconds(value > 1e11 ? value / 1000 : value) : timeOf(value);
  if (time !== undefined) return time;
  throw malformed(
    'agent event',
    'timestamp',
    'is not an RFC 3339 time such as 2026-11-21T10:00:00Z',
  );
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
