import canonicalize from 'canonicalize';
import { sha256, type EventBody } from './event.ts';
import type { EventData } from './events/catalogue.ts';

/** What says something of a type outside the catalogue. */
export type TypeStatement = Extract<EventBody, { type: 'type.registered' | 'type.deprecated' }>;

/** As it stands in the log. */
export type LoggedTypeStatement = {
  /** Log number. */
  readonly n: number;
  /** ms since the epoch. */
  readonly acceptedAt: number;
  readonly source: string;
  readonly body: TypeStatement;
};

/** One version of a type that a producer registered. It never changes, but for its deprecation. */
export type RegisteredType = {
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  /** JSON Schema 2020-12. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** sha256 (hex) of the canonical JSON (RFC 8785) of the schema. */
  readonly fingerprint: string;
  readonly source: string;
  /** ms since the epoch. */
  readonly registeredAt: number;
  /** Log number of the registration. */
  readonly position: number;
  readonly deprecation: { readonly reason: string; readonly at: number } | null;
};

/**
 * What the log says of registered types, by name and version. The first registration of a version counts, and of its deprecations
 * the first. Pure.
 *
 * @param statements in order of their log numbers
 */
export function registeredTypes(statements: readonly LoggedTypeStatement[]): RegisteredType[] {
  const types = new Map<string, RegisteredType>();
  for (const { n, acceptedAt, source, body } of statements) {
    const key = typeKey(body.data);
    const known = types.get(key);
    if (body.type === 'type.registered') {
      if (known === undefined) types.set(key, toType(body.data, n, acceptedAt, source));
    } else if (known?.deprecation === null) {
      const deprecation = { reason: body.data.reason, at: acceptedAt };
      types.set(key, { ...known, deprecation });
    }
  }
  return [...types.values()].sort((a, b) => compare(a.name, b.name) || a.version - b.version);
}

/** The identity of a version of a type: ordered by name, then version. */
export function typeKey({ type, version }: { readonly type: string; readonly version: number }) {
  return `${type} ${String(version).padStart(16, '0')}`;
}

/** @see RFC 8785 */
function schemaFingerprint(schema: RegisteredType['schema']): string {
  return sha256(canonicalize(schema) ?? '');
}

function toType(
  data: EventData<'type.registered'>,
  position: number,
  registeredAt: number,
  source: string,
): RegisteredType {
  const { type: name, version, schema } = data;
  return {
    ...{ name, version, description: data.description ?? null, schema },
    ...{ fingerprint: schemaFingerprint(schema), source, registeredAt, position },
    deprecation: null,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
