import type { EntityRecord } from '../../graph/read/records.ts';
import {
  LIFE_PROPERTIES,
  NAME_ONLY_LABELS,
  NODE_LABELS,
  refId,
  type NodeLabel,
} from '../../model/node.ts';
import { isLiveAt } from '../../model/liveness.ts';
import { isNow } from '../../model/moment.ts';
import { buildState, deploymentState, isRunningAgain, listedOutcome } from '../../model/states.ts';
import type {
  DeploymentIsLiveArgs,
  DeploymentLiveSinceArgs,
  DeploymentOriginArgs,
  EntityNeighborsArgs,
  Resolvers,
} from '../__generated__/resolvers.ts';
import { toMoment } from '../arguments.ts';
import type { Context } from '../context.ts';
import { idOf, tryParseIdAt } from '../ids.ts';
import { otherNames } from '../other-names.ts';
import type { PageArguments } from '../pages.ts';
import { eventPageOf } from './event.ts';
import { neighborPage, relationOne, relationPage } from './neighbors.ts';
import { readOrigin } from './origin.ts';
import { RELATIONS } from './relations.ts';
import type { GraphQLResolveInfo } from 'graphql';

type Resolve<A = unknown> = (
  entity: EntityRecord,
  args: A,
  context: Context,
  info: GraphQLResolveInfo,
) => unknown;
type Fields = Readonly<Record<string, Resolve>>;

/** What every thing has; its facets are read from the record by their names. */
const COMMON = {
  id: (entity: EntityRecord) => idOf(entity),
  resolved: (entity: EntityRecord) =>
    entity['resolved'] === true || NAME_ONLY_LABELS.has(entity.label),
  learntAt: async (entity: EntityRecord, _: unknown, { loaders }: Context) => {
    const first = { position: null, backward: true, limit: 1, body: false }; // their order is newest first
    const [event] = await loaders.eventsOf.load({ ref: refId(entity), ...first });
    return event?.acceptedAt ?? null;
  },
  neighbors: (async (entity, args, context, info) =>
    neighborPage(entity, args, context, info)) satisfies Resolve<EntityNeighborsArgs>,
  events: (async (entity, args, context, info) =>
    eventPageOf(entity, args, context, info)) satisfies Resolve<PageArguments>,
};

const upper = (value: unknown): string | null =>
  typeof value === 'string' ? value.toUpperCase() : null;
const isGiven = <T>(value: T | null | undefined): value is T =>
  value !== null && value !== undefined;
const has = (entity: EntityRecord, property: string) => typeof entity[property] === 'number';

const conflict: Resolve = async ({ internal }, _, { loaders }) => {
  const names = await loaders.contradicted.load(internal);
  if (names.length === 0) return null;
  return {
    since: Math.min(...names.map(({ since }) => since)),
    names: names.map(({ entity, claims }) => ({ node: entity, claims })),
  };
};

/** Where a name for people is not the property `name`, and what is computed from several properties. */
const COMPUTED: Readonly<Partial<Record<NodeLabel, Fields>>> = {
  Commit: {
    name: ({ message }) =>
      typeof message === 'string' ? (message.split('\n', 1)[0] ?? null) : null,
  },
  Artifact: { conflict },
  PackageVersion: { conflict },
  Repository: {
    // the page has the spelling, where the key has it in lower case
    name: ({ key, url }) =>
      (typeof url === 'string' ? url : key).replace(/^[a-z0-9+.-]+:\/\/[^/]+\//, ''),
    otherNames: async ({ key, hostId }, _, { loaders }) => {
      if (typeof hostId !== 'string') return [];
      return (await loaders.repositoryNames.load(hostId)).filter((name) => name !== key);
    },
  },
  Builder: { name: ({ key }) => key },
  Build: {
    state: (build) => buildState(build),
    // of a run that goes on again, the end is of an earlier attempt
    outcome: (build) => (isRunningAgain(build) ? null : listedOutcome(build['outcome'])),
    outcomeText: (build) => (isRunningAgain(build) ? null : build['outcome']),
    finishedAt: (build) => (isRunningAgain(build) ? null : build['finishedAt']),
    parameters: ({ parameters }) => jsonOf(parameters),
    otherNames: async (build, _, { loaders }) => otherNames(build, loaders),
  },
  Environment: {
    otherNames: async (environment, _, { loaders }) => otherNames(environment, loaders),
  },
  Deployment: {
    ...lifeFields(),
    isLive: async ({ id, key, environment }, args, context) => {
      const { loaders } = context;
      const { asOf } = args as DeploymentIsLiveArgs; // as schema.graphql says
      const past = typeof id === 'string' && !isGiven(asOf) ? tryParseIdAt(id) : null;
      const at = past?.at ?? (await toMoment(asOf, context));
      if (isNow(at) && typeof environment === 'string') return loaders.live.load(key);
      const life = await loaders.life.load({ deployment: key, known: at.known });
      return life === null ? null : isLiveAt(life, at.valid);
    },
    liveSince: async ({ key }, args, context) => {
      const { asOf } = args as DeploymentLiveSinceArgs; // as schema.graphql says
      const { valid, known } = await toMoment(asOf, context);
      const life = await context.loaders.life.load({ deployment: key, known });
      return life?.find((interval) => isLiveAt([interval], valid))?.from ?? null;
    },
    origin: async (deployment, args, context) =>
      readOrigin(deployment, await toMoment((args as DeploymentOriginArgs).asOf, context), context),
  },
  Workflow: {
    state: (workflow) => workflowState(workflow),
    outcome: ({ outcome }) => upper(outcome),
  },
  Step: { state: (step) => workflowState(step), outcome: ({ outcome }) => upper(outcome) },
  Attestation: {
    name: ({ predicateType }) => predicateType ?? null,
    signatures: ({ signatures }) =>
      Array.isArray(signatures) ? signatures.length : (signatures ?? null),
    warnings: ({ warnings }) => warnings ?? [],
  },
  Document: { warnings: ({ warnings }) => warnings ?? [] },
  Identity: { name: ({ subject, key }) => subject ?? key },
  Vulnerability: {
    name: ({ key }) => key,
    severity: ({ severity }) => severityOf(severity),
  },
  Agent: { name: ({ key }) => key },
};

const SEVERITIES = new Set(['NONE', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);

/** Resolvers of every type that is a label. */
export const entityTypes = Object.fromEntries(
  NODE_LABELS.map((label) => [label, { ...COMMON, ...relationsOf(label), ...COMPUTED[label] }]),
) as Pick<Resolvers, NodeLabel>; // built from tables, which createSchema checks against schema.graphql

/** Facets keep what was withdrawn: what is told of a deployment's life is what stands of it. A record of the past has it so already. */
function lifeFields(): Fields {
  const read =
    (pick: (life: Readonly<Record<string, unknown>>) => unknown): Resolve =>
    async (entity, _, { loaders }) => {
      if (typeof entity['id'] === 'string') return pick(entity);
      return pick((await loaders.standing.load(entity.key)) ?? entity);
    };
  return {
    ...Object.fromEntries(
      LIFE_PROPERTIES.map((name) => [name, read((life) => life[name] ?? null)]),
    ),
    state: read(deploymentState),
    verification: read(({ verification }) => upper(verification)),
  };
}

function relationsOf(label: NodeLabel): Fields {
  return Object.fromEntries(
    Object.entries(RELATIONS[label]).map(([field, relation]): [string, Resolve] => [
      field,
      relation.one
        ? async (entity, _, context) => relationOne(entity, relation, context)
        : async (entity, args, context) =>
            relationPage(entity, relation, args as PageArguments, context), // every list has the arguments of a page
    ]),
  );
}

function workflowState(entity: EntityRecord): string | null {
  if (typeof entity['outcome'] === 'string') return upper(entity['outcome']);
  if (has(entity, 'startedAt')) return 'RUNNING';
  return has(entity, 'createdAt') ? 'CREATED' : null;
}

function severityOf(severity: unknown): string | null {
  const word = upper(severity);
  return word === null || SEVERITIES.has(word) ? word : 'UNKNOWN';
}

/** JSON that is stored as text. */
function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
