import { z } from 'zod';
import { envelopeSchema } from '../model/event.ts';
import { EVENT_TYPES, type EventType } from '../model/events/catalogue.ts';
import { schemaOf, versionsOf } from '../model/events/upcast.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export type SchemaEntry = {
  readonly type: string;
  readonly version: number;
  readonly id: string;
  /** Below `/schemas/`, and in `schemas.json`. */
  readonly path: string;
};

export type SchemaIndex = {
  readonly envelope: { readonly id: string; readonly path: string };
  readonly types: readonly SchemaEntry[];
};

/** The JSON Schemas of the catalogue. */
export interface Schemas {
  index(): SchemaIndex;
  envelope(): JsonSchema;
  /** Null where there is no such type or version. */
  get(type: string, version: number): JsonSchema | null;
}

const ENVELOPE_ID = 'urn:stemma:schema:envelope';

/** What an event's `dataschema` says to state the version of its data. */
export function schemaId(type: string, version: number): string {
  return `urn:stemma:schema:${type}:${version}`;
}

export function createSchemas(): Schemas {
  const entries = new Map<string, SchemaEntry & { readonly type: EventType }>();
  for (const type of EVENT_TYPES) {
    for (const version of versionsOf(type)) {
      const entry = { type, version, id: schemaId(type, version), path: `${type}/${version}.json` };
      entries.set(entry.path, entry);
    }
  }
  const converted = new Map<string, JsonSchema>();

  return {
    index: () => ({
      envelope: { id: ENVELOPE_ID, path: 'envelope.json' },
      types: [...entries.values()],
    }),

    envelope: () =>
      toJsonSchema(envelopeSchema, ENVELOPE_ID, 'An event of Stemma: the CloudEvents 1.0 envelope'),

    get(type, version) {
      const entry = entries.get(`${type}/${version}.json`);
      if (entry === undefined) return null;
      const known = converted.get(entry.path);
      if (known !== undefined) return known;
      const schema = schemaOf(entry.type, version);
      if (schema === null) return null;
      const json = toJsonSchema(schema, entry.id, `Data of ${type}, version ${version}`);
      converted.set(entry.path, json);
      return json;
    },
  };
}

/** The schema of what a producer sends, so that fields with a default may be left out. */
function toJsonSchema(schema: z.ZodType, id: string, title: string): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    override: dropBase64Format,
  });
  return { $schema, $id: id, title, ...rest };
}

/** zod's own format name, which strict validators do not compile; `contentEncoding` says the same. */
function dropBase64Format({ jsonSchema }: { jsonSchema: { format?: string } }): void {
  if (jsonSchema.format === 'base64') delete jsonSchema.format;
}
