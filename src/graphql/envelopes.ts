import { createHash, randomUUID } from 'node:crypto';
import type { EventType } from '../model/events/catalogue.ts';
import type { Submission } from '../model/receipt.ts';
import type * as Inputs from './__generated__/resolvers.ts';
import { isRecurring, type Envelope } from '../questions/ask/recurrence.ts';

/** What every input has. */
type EventInput = {
  readonly id?: string | null;
  readonly source?: string | null;
  readonly time?: string | null;
  readonly correlationId?: string | null;
  readonly causationId?: string | null;
  readonly workflowId?: string | null;
};

/**
 * @param natural what identifies the fact: the same again gives the same id, so that a blind retry is a duplicate. When it
 *   happened belongs to it where it can happen again (recurrence.ts)
 */
export function toEnvelope(
  type: EventType,
  input: EventInput,
  natural: readonly unknown[],
  data: Readonly<Record<string, unknown>>,
): Envelope {
  return {
    specversion: '1.0',
    id: input.id ?? derivedId(type, [...natural, ...occurrence(type, input.time)]),
    source: input.source ?? 'urn:stemma:graphql',
    type,
    ...(given({
      time: input.time,
      correlationid: input.correlationId,
      causationid: input.causationId,
      workflowid: input.workflowId,
    }) as Partial<Envelope>), // given() only leaves out
    data: given(data) as Envelope['data'], // an object stays one
  };
}

export function toSubmission(envelope: unknown): Extract<Submission, { raw: string }> {
  const raw = JSON.stringify(envelope);
  return { raw, value: JSON.parse(raw) as unknown };
}

function occurrence(type: EventType, time: string | null | undefined): readonly unknown[] {
  return isRecurring(type) && typeof time === 'string' ? [Date.parse(time)] : [];
}

function derivedId(type: EventType, natural: readonly unknown[]): string {
  const text = JSON.stringify([type, ...natural.map((part) => part ?? null)]);
  return `auto-${createHash('sha256').update(text).digest('hex')}`;
}

/** Without what is null or left out, at every level. */
function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(entries.map(([name, part]) => [name, given(part)]));
}

const COMMON = new Set(['id', 'source', 'time', 'correlationId', 'causationId', 'workflowId']);

/** An input without what every input has: the data of its event. */
function dataOf(input: EventInput & object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !COMMON.has(name)));
}

const lower = (word: string | null | undefined) => word?.toLowerCase();

/** Each mutation's input as an event. */
export const ENVELOPES = {
  recordCommit: (input: Inputs.RecordCommitInput) =>
    toEnvelope('source.commit.created', input, [input.commit, input.repository], dataOf(input)),
  startBuild: (input: Inputs.StartBuildInput) =>
    toEnvelope('build.started', input, [input.build, input.builder], dataOf(input)),
  completeBuild: (input: Inputs.CompleteBuildInput) =>
    toEnvelope('build.completed', input, [input.build, input.builder, input.outcome], {
      ...dataOf(input),
      outcome: lower(input.outcome),
    }),
  recordArtifact: (input: Inputs.RecordArtifactInput) =>
    toEnvelope(
      'artifact.created',
      input,
      [input.digest, input.build, input.builder],
      dataOf(input),
    ),
  signArtifact: (input: Inputs.SignArtifactInput) =>
    toEnvelope(
      'artifact.signed',
      input,
      [input.digest, input.signature, signerKey(input)],
      dataOf(input),
    ),
  recordDeployment: (input: Inputs.RecordDeploymentInput) =>
    toEnvelope('deployment.created', input, [input.deployment], dataOf(input)),
  completeDeployment: (input: Inputs.CompleteDeploymentInput) =>
    toEnvelope('deployment.completed', input, [input.deployment], dataOf(input)),
  failDeployment: (input: Inputs.FailDeploymentInput) =>
    toEnvelope('deployment.failed', input, [input.deployment], dataOf(input)),
  removeDeployment: (input: Inputs.RemoveDeploymentInput) =>
    toEnvelope('deployment.removed', input, [input.deployment], dataOf(input)),
  rollbackDeployment: (input: Inputs.RollbackDeploymentInput) =>
    toEnvelope('deployment.rolledback', input, [input.deployment, input.to], dataOf(input)),
  verifyDeployment: (input: Inputs.VerifyDeploymentInput) =>
    toEnvelope('deployment.verified', input, [input.deployment, input.result], {
      ...dataOf(input),
      result: lower(input.result),
    }),
  reportVulnerability: (input: Inputs.ReportVulnerabilityInput) =>
    toEnvelope('vulnerability.detected', input, [input.vulnerability, input.affects.toSorted()], {
      ...dataOf(input),
      severity: lower(input.severity),
    }),
  registerEventType: ({ name, schema, ...input }: Inputs.RegisterEventTypeInput) => {
    const data = { type: name, ...dataOf(input) };
    const envelope = toEnvelope('type.registered', input, [name, input.version], data);
    return { ...envelope, data: { ...envelope.data, schema } }; // a null in it says something
  },
  deprecateEventType: ({ name, ...input }: Inputs.DeprecateEventTypeInput) =>
    toEnvelope('type.deprecated', input, [name, input.version], { type: name, ...dataOf(input) }),
  defineGate: (input: Inputs.DefineGateInput) =>
    toEnvelope('gate.defined', input, [input.name, input.version], dataOf(input)),
  enableGate: (input: Inputs.SwitchGateInput) =>
    toEnvelope('gate.enabled', input, switching(input), dataOf(input)),
  disableGate: (input: Inputs.SwitchGateInput) =>
    toEnvelope('gate.disabled', input, switching(input), dataOf(input)),
  defineWatch: (input: Inputs.DefineWatchInput) =>
    toEnvelope('watch.defined', input, [input.name, input.version], dataOf(input)),
  enableWatch: (input: Inputs.SwitchWatchInput) =>
    toEnvelope('watch.enabled', input, switching(input), dataOf(input)),
  disableWatch: (input: Inputs.SwitchWatchInput) =>
    toEnvelope('watch.disabled', input, switching(input), dataOf(input)),
};

/** It can be said again after its opposite, and saying it twice changes nothing. */
function switching({ name, time }: { readonly name: string } & EventInput): readonly unknown[] {
  return [name, time ?? randomUUID()];
}

function signerKey({ signer }: Inputs.SignArtifactInput): readonly unknown[] {
  return [signer?.issuer, signer?.subject, signer?.keyFingerprint];
}
