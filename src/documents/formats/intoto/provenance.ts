import { asObject, asText, asTime, isObject, objectsOf, type JsonObject } from '../../json.ts';
import { toDescriptor, type Descriptor, type Statement } from './statement.ts';

/** What the versions of SLSA provenance have in common. */
export type Provenance = {
  /** `v0.1`, `v0.2` or `v1`; 1.0, 1.1 and 1.2 of the specification share the last. */
  readonly version: string;
  readonly buildType: string | null;
  readonly builderId: string | null;
  readonly builderVersion: string | null;
  /** What the builder calls the run: a URL, or an id that means something only together with the builder. */
  readonly invocationId: string | null;
  /** URI of the source whose workflow was run. */
  readonly source: string | null;
  /** Variables of the CI system, names as written. */
  readonly environment: JsonObject;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly parameters: unknown;
  /** Sources and materials. */
  readonly dependencies: readonly Descriptor[];
  /** As written, for the builds that have no other name. */
  readonly predicate: JsonObject;
};

const PREDICATE_TYPES: Readonly<Record<string, (predicate: JsonObject) => Provenance>> = {
  'https://slsa.dev/provenance/v0.1': fromV01,
  'https://slsa.dev/provenance/v0.2': fromV02,
  'https://slsa.dev/provenance/v1': fromV1,
  'https://slsa.dev/provenance/v1.0': fromV1,
  'https://slsa.dev/provenance/v1.0?draft': fromV1,
};

/** The provenance in a statement, or null where its predicate is of another type. */
export function provenanceOf(statement: Statement): Provenance | null {
  const { predicateType, predicate } = statement;
  if (predicateType === null || !Object.hasOwn(PREDICATE_TYPES, predicateType)) return null;
  return PREDICATE_TYPES[predicateType]?.(predicate) ?? null;
}

/** @see https://slsa.dev/spec/v0.1/provenance */
function fromV01(predicate: JsonObject): Provenance {
  const recipe = asObject(predicate['recipe']);
  const materials = descriptors(predicate['materials']);
  const defined = Number(recipe['definedInMaterial']);
  return {
    ...fromV0(predicate, 'v0.1'),
    buildType: asText(recipe['type']),
    source: materials[defined >= 0 ? defined : 0]?.uri ?? null,
    environment: asObject(recipe['environment']),
    parameters: recipe['arguments'],
    dependencies: materials,
  };
}

/** @see https://slsa.dev/spec/v0.2/provenance */
function fromV02(predicate: JsonObject): Provenance {
  const invocation = asObject(predicate['invocation']);
  const source = toDescriptor(asObject(invocation['configSource']));
  return {
    ...fromV0(predicate, 'v0.2'),
    buildType: asText(predicate['buildType']),
    source: source.uri,
    environment: asObject(invocation['environment']),
    parameters: invocation['parameters'],
    dependencies: [...descriptors(predicate['materials']), ...digested([source])],
  };
}

function fromV0(predicate: JsonObject, version: string) {
  const metadata = asObject(predicate['metadata']);
  return {
    version,
    builderId: asText(asObject(predicate['builder'])['id']),
    builderVersion: null,
    // The specification writes `buildInvocationId`, the Go library `buildInvocationID`.
    invocationId: asText(metadata['buildInvocationId'] ?? metadata['buildInvocationID']),
    startedAt: asTime(metadata['buildStartedOn']),
    finishedAt: asTime(metadata['buildFinishedOn']),
    predicate,
  };
}

/** @see https://slsa.dev/spec/v1.2/build-provenance */
function fromV1(predicate: JsonObject): Provenance {
  const definition = asObject(predicate['buildDefinition']);
  const run = asObject(predicate['runDetails']);
  const metadata = asObject(run['metadata']);
  const builder = asObject(run['builder']);
  const external = asObject(definition['externalParameters']);
  const parameters = Object.values(external).filter(isObject);
  const sources = parameters.map((value) =>
    isObject(value['artifact']) ? value['artifact'] : value,
  );
  return {
    version: 'v1',
    buildType: asText(definition['buildType']),
    builderId: asText(builder['id']),
    builderVersion: versionText(builder['version']),
    // GitLab's runner writes `invocationID`.
    invocationId: asText(metadata['invocationId'] ?? metadata['invocationID']),
    source: sourceOf(external),
    environment: asObject(definition['internalParameters']),
    startedAt: asTime(metadata['startedOn']),
    finishedAt: asTime(metadata['finishedOn']),
    parameters: definition['externalParameters'],
    // A parameter that names a thing by digest went into the build, listed as a dependency or not.
    dependencies: [
      ...descriptors(definition['resolvedDependencies']),
      ...digested(sources.map(toDescriptor)),
    ],
    predicate,
  };
}

/**
 * `source` is a URI (GitLab), a descriptor, or a descriptor in `artifact`; otherwise the repository that the configuration was read
 * from, under the name that the vendor has for it.
 */
function sourceOf(external: JsonObject): string | null {
  const source = external['source'];
  const descriptor = asObject(asObject(source)['artifact'] ?? source);
  const repositories = CONFIGURATIONS.map((name) => asText(asObject(external[name])['repository']));
  return (
    asText(source) ??
    asText(descriptor['uri']) ??
    repositories.find((repository) => repository !== null) ??
    null
  );
}

/**
 * - workflow: GitHub (actions.github.io/buildtypes/workflow/v1)
 * - buildConfigSource: Google Cloud Build (cloud.google.com/build/gcb-buildtypes/google-worker/v1)
 * - sourceToBuild, configSource: slsa-framework.github.io/gcb-buildtypes
 * - pipeline: Red Hat Trusted Application Pipeline on Jenkins
 */
const CONFIGURATIONS = [
  'workflow',
  'sourceToBuild',
  'buildConfigSource',
  'configSource',
  'pipeline',
];

function versionText(version: unknown): string | null {
  if (!isObject(version)) return asText(version);
  const parts = Object.entries(version).map(([name, value]) => `${name} ${String(value)}`);
  return asText(parts.sort().join(', '));
}

function descriptors(value: unknown): Descriptor[] {
  return objectsOf(value).map(toDescriptor);
}

function digested(found: readonly Descriptor[]): Descriptor[] {
  return found.filter((descriptor) => Object.keys(descriptor.digest).length > 0);
}
