import { z } from 'zod';
import { gateData, switchData, watchData } from './definitions.ts';
import {
  artifact,
  digest,
  DIGEST_OR_PURL,
  id,
  outcome,
  person,
  sha,
  text,
  thing,
  time,
  word,
} from './fields.ts';

/**
 * The catalogue of design section 2: for every type its domain (= stream) and the schema of `data` in its newest version.
 * A schema never changes without a new version: older versions and their upcasters are in upcast.ts, and `schemas.json` holds
 * every version as JSON Schema.
 */

export const buildData = z.object({
  /** The run: a URL where there is one, else an id that is unique within `builder` or the event's source. */
  build: id,
  name: text.optional(),
  url: id.optional(),
  builder: id.optional(),
  buildType: text.optional(),
  repository: id.optional(),
  commit: sha.optional(),
  /** Everything else that went into the build. */
  materials: z.array(thing).max(10_000).optional(),
  workflow: id.optional(),
  trigger: text.optional(),
});

const deploymentRef = z.object({ deployment: id });

/** What was asked for, as far as it does not say what is deployed and where. */
const requestFields = {
  /** The branch, tag or commit that was named. */
  ref: text.optional(),
  /** What is done: `deploy`, `deploy:migrations`. */
  task: text.optional(),
  description: text.optional(),
  /** Names of the parameters that were given. Their values may be secrets: they are not taken. */
  parameterNames: z.array(word).max(100).optional(),
  /** Whether it is for those whom the software is made for; left out: not known. */
  production: z.boolean().optional(),
  /** Whether its environment is meant to go again, as that of a preview; left out: not known. */
  transient: z.boolean().optional(),
};

const stage = z.object({
  id,
  name: text.optional(),
  message: text.optional(),
  outcome: outcome.optional(),
});

const workflowData = z.object({
  workflow: id,
  name: text.optional(),
  step: id.optional(),
  agent: id.optional(),
  message: text.optional(),
});

const anyObject = z.record(z.string(), z.unknown());

export const CATALOGUE = {
  'source.commit.created': {
    version: 2,
    data: z.object({
      commit: sha,
      repository: id.optional(),
      parents: z.array(sha).max(256).optional(),
      message: text.optional(),
      author: person.optional(),
      authoredAt: time.optional(),
      /** The time as the commit has it, where it is none that a clock and a calendar have; likewise of the committer. */
      authoredAtText: text.optional(),
      committer: person.optional(),
      committedAt: time.optional(),
      committedAtText: text.optional(),
      url: id.optional(),
    }),
  },
  'source.branch.created': {
    version: 1,
    data: z.object({
      repository: id,
      /** Branch or tag name without `refs/heads/`, `refs/tags/`. */
      name: id,
      refType: z.enum(['branch', 'tag']).default('branch'),
      commit: sha.optional(),
    }),
  },
  'source.change.merged': {
    version: 1,
    data: z.object({
      change: id,
      repository: id.optional(),
      commit: sha.optional(),
      title: text.optional(),
      target: text.optional(),
    }),
  },
  /** Which repository a name stands for: hosts number them, and the number outlives a rename. */
  'source.repository.named': {
    version: 1,
    data: z.object({
      repository: id,
      /** The host's number of the repository. */
      hostId: id,
      /** What it was called until now. */
      formerly: id.optional(),
    }),
  },
  'build.queued': { version: 1, data: buildData },
  'build.started': { version: 1, data: buildData },
  'build.completed': {
    version: 3,
    data: buildData.extend({
      /** `success`, `failure`, `cancelled` or `error`; any other word is kept, and the state of the build is UNKNOWN. */
      outcome: word,
      artifacts: z.array(artifact).max(10_000).optional(),
    }),
  },
  'artifact.created': {
    version: 2,
    data: artifact
      .safeExtend({
        build: id.optional(),
        builder: id.optional(),
        /** Artifacts and package versions inside it: layers, manifests, files, bundled libraries. */
        contains: z.array(thing).max(10_000).optional(),
        derivedFrom: z.array(thing).max(1_000).optional(),
      })
      .meta(DIGEST_OR_PURL),
  },
  'artifact.published': {
    version: 1,
    data: artifact
      .safeExtend({
        /** Where: a registry, an image tag, a download location. The location resolves to the digest from now on. */
        location: id.optional(),
        build: id.optional(),
      })
      .meta(DIGEST_OR_PURL),
  },
  'artifact.signed': {
    version: 1,
    data: z.object({
      digest,
      signature: text.optional(),
      /** OIDC issuer and subject, or the fingerprint of the public key. */
      signer: z
        .union([z.object({ issuer: id, subject: id }), z.object({ keyFingerprint: id })])
        .optional(),
    }),
  },
  'artifact.deleted': { version: 1, data: z.object({ digest, location: id.optional() }) },
  'deployment.created': {
    version: 3,
    data: deploymentRef
      .extend({
        /**
         * What is deployed: digests (best), package URLs or image references. An empty list says that nothing is deployed there
         * any more: it ends whatever was live in the slot.
         */
        artifacts: z.array(thing).max(1_000).optional(),
        /** The commit that is deployed, where the producer knows nothing better (GitHub). */
        commit: sha.optional(),
        environment: id,
        /** Repository or cluster within which the names of environment and service are unique. */
        scope: id.optional(),
        service: id.optional(),
        instance: id.optional(),
        name: text.optional(),
        url: id.optional(),
        /** True for a canary that lives beside the deployment before it. */
        parallel: z.boolean().optional(),
        /**
         * True where this brings back what ran before, because the deployment before it in its slot was bad: it counts as the
         * rollback of that one, and not as a change.
         */
        rollback: z.boolean().optional(),
        replaces: id.optional(),
        ...requestFields,
      })
      .refine((data) => data.artifacts !== undefined || data.commit !== undefined, {
        error: 'says what is deployed: give artifacts, or else commit',
        path: ['artifacts'],
      })
      .meta({ anyOf: [{ required: ['artifacts'] }, { required: ['commit'] }] }),
  },
  /** How far a deployment has come whose completion will be reported: until then it is not live. */
  'deployment.progressed': {
    version: 2,
    data: deploymentRef.extend({
      /** `queued`, `waiting` or `running`; any other word is kept, and the state of the deployment is UNKNOWN. */
      phase: word,
      reason: text.optional(),
    }),
  },
  'deployment.verified': {
    version: 1,
    data: deploymentRef.extend({ result: z.enum(['passed', 'failed']), detail: text.optional() }),
  },
  'deployment.completed': { version: 1, data: deploymentRef },
  'deployment.failed': { version: 1, data: deploymentRef.extend({ reason: text.optional() }) },
  'deployment.rolledback': {
    version: 1,
    data: deploymentRef.extend({
      /** The deployment that is live again; left out: the one before it in its slot. */
      to: id.optional(),
      reason: text.optional(),
    }),
  },
  'deployment.removed': { version: 1, data: deploymentRef.extend({ reason: text.optional() }) },
  'vulnerability.detected': {
    version: 1,
    data: z.object({
      vulnerability: id,
      /** What it affects: package URLs with version, or digests. */
      affects: z.array(thing).min(1).max(10_000),
      aliases: z.array(id).max(100).optional(),
      summary: text.optional(),
      severity: z.enum(['none', 'low', 'medium', 'high', 'critical', 'unknown']).optional(),
      score: z.number().min(0).max(10).optional(),
      url: id.optional(),
      publishedAt: time.optional(),
    }),
  },
  'vulnerability.withdrawn': {
    version: 1,
    data: z.object({
      vulnerability: id,
      /** Identities of the events whose claims are withdrawn; left out: the advisory as a whole is marked withdrawn. */
      claims: z.array(id).max(1_000).optional(),
    }),
  },
  'vulnerability.triaged': {
    version: 1,
    data: z.object({
      vulnerability: id,
      products: z.array(thing).min(1).max(10_000),
      status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
      justification: text.optional(),
      statement: text.optional(),
    }),
  },
  'document.submitted': {
    version: 2,
    data: z.object({
      /** sha256 of the document's bytes. */
      digest: digest.refine((value) => value.startsWith('sha256:'), 'must be a sha256 digest'),
      name: text.optional(),
      mediaType: text.optional(),
      /** The document itself, as text; left out where it travels in parts. */
      content: z.string().optional(),
      /** Number of `document.part` events that carry it. */
      parts: z.int().min(1).max(4096).optional(),
      /** `partDigest` of each of them, in order: these make the document, whatever else anyone sends as its parts. */
      partDigests: z.array(digest).min(1).max(512).optional(),
      size: z.int().nonnegative().optional(),
      /** The thing that the document is about, where the document itself does not say so. */
      about: thing.optional(),
    }),
  },
  'document.part': {
    version: 2,
    data: z.object({
      digest,
      index: z.int().nonnegative(),
      count: z.int().min(1).max(4096),
      encoding: z.literal('gzip').default('gzip'),
      /** sha256 of the bytes that this part alone unpacks to, at most 512 KiB. */
      partDigest: digest.optional(),
      /** base64 of the part; all parts together, decoded and joined in order, are the gzip stream of the document. */
      data: z.string().max(720_000),
    }),
  },
  'attestation.verified': {
    version: 1,
    data: z.object({
      attestation: digest,
      verdict: z.enum(['INVALID', 'UNVERIFIED', 'SIGNED', 'TRUSTED']),
      reasons: z.array(text).max(100).optional(),
      root: digest.optional(),
      policy: digest.optional(),
      verifier: text.optional(),
    }),
  },
  'policy.changed': { version: 1, data: z.object({ policy: id, digest: digest.optional() }) },
  'key.revoked': {
    version: 1,
    data: z.object({ key: id, since: time.optional(), reason: text.optional() }),
  },
  'alias.asserted': { version: 1, data: z.object({ alias: id, of: id, reason: text.optional() }) },
  'alias.withdrawn': {
    version: 1,
    data: z.object({ alias: id, of: id, claim: id, reason: text.optional() }),
  },
  'claim.withdrawn': { version: 1, data: z.object({ claim: id, reason: text.optional() }) },
  'workflow.created': { version: 1, data: workflowData },
  'workflow.started': { version: 1, data: workflowData },
  'workflow.progressed': {
    version: 1,
    data: workflowData.extend({ percentage: z.number().min(0).max(100) }),
  },
  'workflow.completed': { version: 1, data: workflowData },
  'workflow.failed': { version: 1, data: workflowData },
  'workflow.cancelled': { version: 1, data: workflowData },
  'generation.started': { version: 1, data: stage },
  'generation.completed': { version: 1, data: stage },
  'generation.failed': { version: 1, data: stage },
  'audit.started': { version: 1, data: stage },
  'audit.completed': { version: 1, data: stage },
  'audit.failed': { version: 1, data: stage },
  'testing.started': { version: 1, data: stage },
  'testing.completed': { version: 1, data: stage },
  'testing.failed': { version: 1, data: stage },
  'agent.request': {
    version: 1,
    data: z.object({
      from: id,
      to: id,
      request: id,
      message: text.optional(),
      payload: z.unknown().optional(),
    }),
  },
  'agent.response': {
    version: 1,
    data: z.object({
      from: id,
      to: id,
      request: id,
      outcome: outcome.optional(),
      message: text.optional(),
      payload: z.unknown().optional(),
    }),
  },
  'watch.matched': { version: 1, data: anyObject },
  'watch.action.succeeded': { version: 1, data: anyObject },
  'watch.action.failed': { version: 1, data: anyObject },
  'gate.passed': { version: 1, data: anyObject },
  'gate.failed': { version: 1, data: anyObject },
  'type.registered': {
    version: 2,
    data: z.object({
      type: id,
      version: z.int().min(1),
      schema: anyObject,
      description: text.optional(),
    }),
  },
  'type.deprecated': {
    version: 1,
    data: z.object({ type: id, version: z.int().min(1), reason: text.min(1) }),
  },
  'gate.defined': { version: 2, data: gateData },
  'gate.enabled': { version: 1, data: switchData },
  'gate.disabled': { version: 1, data: switchData },
  'watch.defined': { version: 2, data: watchData },
  'watch.enabled': { version: 1, data: switchData },
  'watch.disabled': { version: 1, data: switchData },
  'bridge.defined': { version: 1, data: z.object({ name: id, version: z.int().min(1) }).loose() },
} as const satisfies Record<string, { version: number; data: z.ZodType }>;

export type EventType = keyof typeof CATALOGUE;
export type EventData<T extends EventType> = z.output<(typeof CATALOGUE)[T]['data']>;

export const EVENT_TYPES = Object.keys(CATALOGUE) as EventType[]; // Object.keys loses the literal types

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(CATALOGUE, type);
}

/** Every domain is a stream of its own. */
export const DOMAINS = [
  'source',
  'build',
  'artifact',
  'deployment',
  'vulnerability',
  'document',
  'trust',
  'workflow',
  'generation',
  'audit',
  'testing',
  'agent',
  'watch',
  'config',
  'custom',
] as const;
export type Domain = (typeof DOMAINS)[number];

const DOMAIN_BY_PREFIX: Readonly<Record<string, Domain>> = {
  attestation: 'trust',
  policy: 'trust',
  key: 'trust',
  alias: 'trust',
  claim: 'trust',
  gate: 'watch',
  type: 'config',
  bridge: 'config',
};
const CONFIG_TYPES = new Set([
  'gate.defined',
  'gate.enabled',
  'gate.disabled',
  'watch.defined',
  'watch.enabled',
  'watch.disabled',
]);

/** The stream of a type; a type outside the catalogue is `custom`. */
export function domainOf(type: string): Domain {
  if (CONFIG_TYPES.has(type)) return 'config';
  if (!isEventType(type)) return 'custom';
  const prefix = type.slice(0, type.indexOf('.'));
  return DOMAIN_BY_PREFIX[prefix] ?? (prefix as Domain); // every other prefix of the catalogue is a domain
}
