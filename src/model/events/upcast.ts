import { z } from 'zod';
import { buildData, CATALOGUE, type EventType } from './catalogue.ts';
import { artifact, digest, id, outcome, person, purl, sha, text, thing, time } from './fields.ts';

/** An older version of a type: its schema, and the step to the next version. */
type OlderVersion = {
  readonly data: z.ZodType;
  readonly lift: (data: Record<string, unknown>) => unknown;
};

const STATUS_OUTCOME: Readonly<Record<string, z.infer<typeof outcome>>> = {
  passed: 'success',
  failed: 'failure',
  cancelled: 'cancelled',
  errored: 'error',
};

const deploymentFields = {
  deployment: id,
  artifacts: z.array(thing).max(1_000).optional(),
  commit: sha.optional(),
  environment: id,
  scope: id.optional(),
  service: id.optional(),
  instance: id.optional(),
  name: text.optional(),
  url: id.optional(),
  parallel: z.boolean().optional(),
};

const deploymentBefore3 = (rest: Readonly<Record<string, z.ZodType>>) =>
  z
    .object({ ...deploymentFields, ...rest })
    .refine((data) => data.artifacts !== undefined || data.commit !== undefined, {
      error: 'says what is deployed: give artifacts, or else commit',
      path: ['artifacts'],
    })
    .meta({ anyOf: [{ required: ['artifacts'] }, { required: ['commit'] }] });

/**
 * Older versions that producers may still send. The log keeps the original bytes; handlers only ever see the newest version.
 * Keyed by type, then version.
 */
export const OLDER_VERSIONS: Readonly<
  Partial<Record<EventType, Readonly<Record<number, OlderVersion>>>>
> = {
  'source.commit.created': {
    // Version 1 had no place for a time that cannot be read.
    1: {
      data: z.object({
        commit: sha,
        repository: id.optional(),
        parents: z.array(sha).max(256).optional(),
        message: text.optional(),
        author: person.optional(),
        authoredAt: time.optional(),
        committer: person.optional(),
        committedAt: time.optional(),
        url: id.optional(),
      }),
      lift: (data) => data,
    },
  },
  'build.completed': {
    // Version 1 had a status word per CI vendor's habit and a bare list of digests.
    1: {
      data: z.object({
        build: id,
        name: text.optional(),
        url: id.optional(),
        builder: id.optional(),
        repository: id.optional(),
        commit: sha.optional(),
        materials: z.array(thing).max(10_000).optional(),
        workflow: id.optional(),
        status: z.enum(['passed', 'failed', 'cancelled', 'errored']),
        digests: z.array(digest).max(10_000).optional(),
      }),
      lift: ({ status, digests, ...rest }) => ({
        ...rest,
        outcome: STATUS_OUTCOME[String(status)],
        ...(Array.isArray(digests)
          ? { artifacts: digests.map((value) => ({ digest: value as string })) }
          : {}), // validated above
      }),
    },
    // Version 2 had the listed outcomes alone.
    2: {
      data: buildData.extend({ outcome, artifacts: z.array(artifact).max(10_000).optional() }),
      lift: (data) => data,
    },
  },
  'deployment.progressed': {
    // Version 1 had the listed phases alone.
    1: {
      data: z.object({
        deployment: id,
        phase: z.enum(['queued', 'waiting', 'running']),
        reason: text.optional(),
      }),
      lift: (data) => data,
    },
  },
  'deployment.created': {
    // Version 1 could not say that a deployment brings back the one before.
    1: { data: deploymentBefore3({ replaces: id.optional() }), lift: (data) => data },
    // Version 2 did not tell what was asked for.
    2: {
      data: deploymentBefore3({ rollback: z.boolean().optional(), replaces: id.optional() }),
      lift: (data) => data,
    },
  },
  'document.submitted': {
    // Version 1 did not list the digests of the parts.
    1: {
      data: z.object({
        digest: digest.refine((value) => value.startsWith('sha256:'), 'must be a sha256 digest'),
        name: text.optional(),
        mediaType: text.optional(),
        content: z.string().optional(),
        parts: z.int().min(1).max(4096).optional(),
        size: z.int().nonnegative().optional(),
        about: thing.optional(),
      }),
      lift: (data) => data,
    },
  },
  'type.registered': {
    // Version 1 had no description.
    1: {
      data: z.object({
        type: id,
        version: z.int().min(1),
        schema: z.record(z.string(), z.unknown()),
      }),
      lift: (data) => data,
    },
  },
  'gate.defined': {
    // Version 1 was kept, and had no effect: there were no gates.
    1: {
      data: z.object({ name: id, version: z.int().min(1) }).loose(),
      lift: ({ name, version }) => ({ name, version, key: 'subject', inputs: [] }),
    },
  },
  'watch.defined': {
    // Version 1 was kept, and had no effect: there were no watches. Nothing has an empty type.
    1: {
      data: z.object({ name: id, version: z.int().min(1) }).loose(),
      lift: ({ name, version }) => ({
        ...{ name, version, types: [], action: { publish: { type: '' } } },
      }),
    },
  },
  'document.part': {
    // In version 1, a part had no digest of its own.
    1: {
      data: z.object({
        digest,
        index: z.int().nonnegative(),
        count: z.int().min(1).max(4096),
        encoding: z.literal('gzip').default('gzip'),
        data: z.string().max(720_000),
      }),
      lift: (data) => data,
    },
  },
  'artifact.created': {
    // Version 1 called the digest `sha256`, without algorithm.
    1: {
      data: z.object({
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must have 64 hex characters in lower case'),
        name: text.optional(),
        purl: purl.optional(),
        build: id.optional(),
        builder: id.optional(),
      }),
      lift: ({ sha256, ...rest }) => ({ ...rest, digest: `sha256:${String(sha256)}` }),
    },
  },
};

/** Every version of a type that is read, newest last. */
export function versionsOf(type: EventType): number[] {
  return [...Object.keys(OLDER_VERSIONS[type] ?? {}).map(Number), CATALOGUE[type].version];
}

/** The schema of one version, or null where there is no such version. */
export function schemaOf(type: EventType, version: number): z.ZodType | null {
  if (version === CATALOGUE[type].version) return CATALOGUE[type].data;
  return OLDER_VERSIONS[type]?.[version]?.data ?? null;
}

/** Lifts validated data of an older version, step by step, to the newest. */
export function upcast(type: EventType, version: number, data: unknown): unknown {
  let lifted = data;
  for (let at = version; at < CATALOGUE[type].version; at += 1) {
    const step = OLDER_VERSIONS[type]?.[at];
    if (step === undefined) return lifted;
    lifted = step.lift(lifted as Record<string, unknown>); // every older schema is an object
  }
  return lifted;
}
