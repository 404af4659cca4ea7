import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import canonicalize from 'canonicalize';
import { messageOf, StemmaError } from '../errors.ts';
import { isEventType, type EventData } from '../model/events/catalogue.ts';
import type { CustomTypeCheck, Envelope, StemmaEvent } from '../model/event.ts';
import type { TypeStatement } from '../model/event-types.ts';
import { checkSchema, refuse } from './schema-rules.ts';

export type Registration = EventData<'type.registered'>;
export type Deprecation = EventData<'type.deprecated'>;

/** Registered versions of all types together that one process keeps. */
const MAX_REGISTRATIONS = 10_000;
/** An unknown type asks the log again at most this often. */
const REFRESH_INTERVAL_MS = 1_000;
/** What another process deprecated is told of after this time. */
const DEPRECATIONS_MAX_AGE_MS = 30_000;

export type CustomTypesOptions = {
  /** What the log says of types, in order of the log numbers. */
  readonly load: () => Promise<readonly TypeStatement[]>;
  /** Types of other systems that are kept without a schema: FOREIGN_TYPE_PREFIXES of foreign/foreign.ts. */
  readonly foreignPrefixes: readonly string[];
  readonly now: () => number;
};

export interface CustomTypes {
  /** Accepts events of registered types whose data fits, and those of other systems. */
  readonly check: CustomTypeCheck;
  /**
   * Makes a type known to this process; call the result to take it back (the event did not reach the log).
   *
   * @throws StemmaError BAD_USER_INPUT with `details.reason`
   */
  register(registration: Registration): () => void;
  /**
   * Makes a deprecation known to this process; call the result to take it back.
   *
   * @throws StemmaError EVENT_TYPE_UNKNOWN, SCHEMA_VERSION_UNKNOWN
   */
  deprecate(deprecation: Deprecation): () => void;
  /** What the sender of an event of a registered type should know, a sentence each. */
  warningsOf(event: StemmaEvent): Promise<readonly string[]>;
  /** Loads what other processes have registered; false where nothing new came, or it was asked a moment ago. */
  refresh(): Promise<boolean>;
}

type Version = {
  readonly text: string;
  readonly schema: Registration['schema'];
  validate: ValidateFunction | null;
  /** Why no new events of it should be sent. */
  deprecated: string | null;
};

export function createCustomTypes({ load, foreignPrefixes, now }: CustomTypesOptions): CustomTypes {
  const ajv = new Ajv2020({
    strict: false,
    addUsedSchema: false,
    validateFormats: true,
    logger: false,
  });
  addFormats.default(ajv, {
    mode: 'fast',
    formats: ['date-time', 'date', 'time', 'uri', 'uri-reference', 'email', 'uuid', 'ipv4', 'ipv6'],
  });
  const types = new Map<string, Map<number, Version>>();
  let count = 0;
  let refreshedAt = -Infinity;
  let refreshing: Promise<boolean> | null = null;

  function isForeign(type: string): boolean {
    return foreignPrefixes.some((prefix) => type.startsWith(prefix));
  }

  function add(
    { type, version, schema }: Registration,
    validate: ValidateFunction | null,
  ): boolean {
    const versions = types.get(type) ?? new Map<number, Version>();
    if (versions.has(version) || count >= MAX_REGISTRATIONS) return false;
    const text = canonicalize(schema) ?? '';
    types.set(type, versions.set(version, { text, schema, validate, deprecated: null }));
    count += 1;
    return true;
  }

  function remove({ type, version }: Registration): void {
    if (types.get(type)?.delete(version) === true) count -= 1;
    if (types.get(type)?.size === 0) types.delete(type);
  }

  function compile(schema: Registration['schema']): ValidateFunction {
    try {
      checkSchema(schema);
      const plain: Record<string, unknown> = { ...schema };
      delete plain['$id']; // two versions may carry the same
      delete plain['$schema']; // always 2020-12
      const validate = ajv.compile(plain);
      ajv.removeSchema(plain); // or every refused schema would stay in its cache
      return validate;
    } catch (cause) {
      if (cause instanceof StemmaError) throw cause;
      throw refuse('SCHEMA_INVALID', `cannot be compiled: ${messageOf(cause).slice(0, 200)}`, '');
    }
  }

  async function loadAll(): Promise<boolean> {
    let isNew = false;
    for (const { type, data } of await load()) {
      if (isReserved(data.type)) continue;
      if (type === 'type.registered') isNew = add(data, null) || isNew;
      else markDeprecated(data);
    }
    refreshedAt = now();
    return isNew;
  }

  function markDeprecated({ type, version, reason }: Deprecation): () => void {
    const found = types.get(type)?.get(version);
    if (found?.deprecated !== null) return () => undefined;
    found.deprecated = reason;
    return () => {
      found.deprecated = null;
    };
  }

  async function refresh(maxAgeMs: number): Promise<boolean> {
    if (refreshing === null) {
      if (now() - refreshedAt < maxAgeMs) return false;
      refreshing = loadAll().finally(() => {
        refreshing = null;
      });
    }
    return refreshing;
  }

  /** @throws StemmaError EVENT_TYPE_UNKNOWN, SCHEMA_VERSION_UNKNOWN */
  function versionFor(type: string, stated: number | null, path: VersionPath): [number, Version] {
    const versions = types.get(type);
    if (versions === undefined) throw unknownType(type, path.type);
    const version = stated ?? Math.max(...versions.keys());
    const found = versions.get(version);
    if (found !== undefined) return [version, found];
    throw unknownVersion(type, version, [...versions.keys()], path.version);
  }

  function isReserved(type: string): boolean {
    return isEventType(type) || isForeign(type);
  }

  return {
    check(envelope) {
      if (isForeign(envelope.type)) return;
      const [, found] = versionFor(envelope.type, versionOf(envelope), OF_EVENT);
      found.validate ??= compile(found.schema);
      if (found.validate(envelope.data)) return;
      const problem = found.validate.errors?.[0];
      throw malformed(
        envelope.type,
        problem?.instancePath ?? '',
        problem?.message ?? 'does not fit',
      );
    },

    register(registration) {
      const { type, version, schema } = registration;
      if (isReserved(type)) {
        throw badType(
          type,
          'TYPE_RESERVED',
          'belongs to the catalogue or to another system; choose a name of your own',
        );
      }
      const known = types.get(type)?.get(version);
      if (known !== undefined) {
        if (known.text === canonicalize(schema)) return () => undefined;
        throw badType(
          type,
          'SCHEMA_VERSION_TAKEN',
          `has a version ${version} with another schema; give a new version`,
        );
      }
      if (!add(registration, compile(schema))) {
        throw badType(
          type,
          'TOO_MANY_TYPES',
          `cannot be registered: there are ${MAX_REGISTRATIONS} already`,
        );
      }
      return () => {
        remove(registration);
      };
    },

    deprecate(deprecation) {
      versionFor(deprecation.type, deprecation.version, OF_STATEMENT);
      return markDeprecated(deprecation);
    },

    async warningsOf({ envelope, body }) {
      if (body.type !== 'custom' || isForeign(envelope.type)) return [];
      await refresh(DEPRECATIONS_MAX_AGE_MS);
      const [version, { deprecated }] = versionFor(envelope.type, versionOf(envelope), OF_EVENT);
      if (deprecated === null) return [];
      const type = `${envelope.type.slice(0, 120)} version ${version}`;
      return [`${type} is deprecated: ${deprecated.slice(0, 500)}`];
    },

    refresh: async () => refresh(REFRESH_INTERVAL_MS),
  };
}

/** Where a type and its version are stated. */
type VersionPath = { readonly type: string; readonly version: string };
const OF_EVENT: VersionPath = { type: 'type', version: 'dataschema' };
const OF_STATEMENT: VersionPath = { type: 'data.type', version: 'data.version' };

/** `dataschema` ends in the version, as for the types of the catalogue; null: the newest. */
function versionOf({ dataschema }: Envelope): number | null {
  const found = /[:/](\d{1,4})(?:\.json)?$/.exec(dataschema ?? '');
  return found === null ? null : Number(found[1]);
}

function unknownType(type: string, path: string): StemmaError {
  return new StemmaError(
    'EVENT_TYPE_UNKNOWN',
    `'${type.slice(0, 120)}' is not an event type of the catalogue, and nobody registered it: see /schemas, or send type.registered first.`,
    { details: { path } },
  );
}

function unknownVersion(
  type: string,
  version: number,
  known: readonly number[],
  path: string,
): StemmaError {
  const versions = [...known].sort((a, b) => a - b).join(', ');
  return new StemmaError(
    'SCHEMA_VERSION_UNKNOWN',
    `${type} has no version ${version}; registered: ${versions}.`,
    {
      details: { path },
    },
  );
}

function malformed(type: string, pointer: string, message: string): StemmaError {
  const path = `data${pointer.replaceAll('/', '.')}`;
  return new StemmaError('EVENT_MALFORMED', `${type}: '${path}' ${message}.`, {
    details: { path },
  });
}

function badType(type: string, reason: string, why: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `The type '${type.slice(0, 120)}' ${why}.`, {
    details: { reason, path: 'data.type' },
  });
}
