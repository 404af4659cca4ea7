import { describe, expect, test } from '@jest/globals';
import { createCustomTypes, type Registration } from '../../../src/intake/custom-types.ts';
import type { TypeStatement } from '../../../src/model/event-types.ts';
import { StemmaError } from '../../../src/errors.ts';
import {
  ACCEPTED,
  artifactEvent,
  edgeIntake,
  memoryPublisher,
  submit,
} from '../../support/edge.ts';

const TYPE = 'com.acme.approval.given';
const SCHEMA = {
  type: 'object',
  required: ['by'],
  properties: { by: { $ref: '#/$defs/person' }, at: { type: 'string', format: 'date-time' } },
  $defs: { person: { type: 'string', minLength: 1 } },
};

function types(load: () => Promise<readonly TypeStatement[]> = async () => []) {
  return createCustomTypes({ load, foreignPrefixes: ['com.github.'], now: () => 0 });
}

const registration = (schema: Registration['schema'], version = 1): Registration => ({
  type: TYPE,
  version,
  schema,
});
const registered = (changes: Record<string, unknown> = {}) =>
  artifactEvent({ id: 'r-1', type: 'type.registered', data: registration(SCHEMA), ...changes });
const approval = (data: unknown, changes: Record<string, unknown> = {}) =>
  artifactEvent({ type: TYPE, data, ...changes });

describe('a custom type', () => {
  test('is known from its registration on, also within one call, and holds its data to its schema', async () => {
    const { intake } = edgeIntake();
    const receipts = await intake.accept(
      submit(
        approval({ by: 'ann' }, { id: '0' }),
        registered(),
        approval({ by: 'ann' }, { id: '1' }),
        approval({ by: '' }, { id: '2' }),
        approval({ by: 'ann' }, { id: '3', dataschema: `urn:stemma:schema:${TYPE}:2` }),
      ),
      ACCEPTED,
    );
    expect(receipts.map(({ error }) => error?.code ?? null)).toEqual([
      'EVENT_TYPE_UNKNOWN',
      null,
      null,
      'EVENT_MALFORMED',
      'SCHEMA_VERSION_UNKNOWN',
    ]);
    expect(receipts[3]?.error?.path).toBe('events.3.data.by');
  });

  test('is taken back where its registration does not reach the log', async () => {
    let fail = true;
    const publisher = memoryPublisher();
    const { intake } = edgeIntake({
      publisher: {
        ...publisher,
        publish: async (events) => {
          if (fail) throw new StemmaError('BACKPRESSURE', 'm');
          return publisher.publish(events);
        },
      },
    });
    await expect(intake.accept(submit(registered()), ACCEPTED)).rejects.toThrow(StemmaError);
    fail = false;
    const [receipt] = await intake.accept(submit(approval({ by: 'ann' })), ACCEPTED);
    expect(receipt?.error?.code).toBe('EVENT_TYPE_UNKNOWN');
  });

  test('that another process registered is loaded from the log when it is met', async () => {
    const { intake } = edgeIntake({
      load: async () => [{ type: 'type.registered', data: registration(SCHEMA) }],
    });
    const [receipt] = await intake.accept(submit(approval({ by: 'ann' })), ACCEPTED);
    expect(receipt?.status).toBe('ACCEPTED');
  });

  test('S32 is DEPENDENCY_UNAVAILABLE, retryable and without host names, while the log cannot be read', async () => {
    const { intake } = edgeIntake({
      load: async () => Promise.reject(new Error('bolt://graph.internal:7687')),
    });
    const receipts = await intake.accept(
      submit(approval({ by: 'ann' }), artifactEvent({ id: 'b' })),
      ACCEPTED,
    );
    expect(receipts[0]?.error).toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
      retryable: true,
      path: 'events.0',
    });
    expect(JSON.stringify(receipts)).not.toContain('graph.internal');
    expect(receipts[1]?.status).toBe('ACCEPTED');
  });

  test('keeps its first schema for a version', () => {
    const custom = types();
    custom.register(registration(SCHEMA));
    expect(() =>
      custom.register(registration(Object.fromEntries(Object.entries(SCHEMA).reverse()))),
    ).not.toThrow();
    expect(() => custom.register(registration({ type: 'string' }))).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ reason: 'SCHEMA_VERSION_TAKEN' }),
      }),
    );
    custom.register(registration({ type: 'string' }, 2));
    expect(() => {
      custom.check({ specversion: '1.0', id: '1', source: '/s', type: TYPE, data: 'newest' });
    }).not.toThrow();
  });

  const deprecation = (version = 1) =>
    artifactEvent({
      ...{ id: `d-${version}`, type: 'type.deprecated' },
      data: { type: TYPE, version, reason: 'send version 2' },
    });

  test('that is deprecated is accepted still, and its sender is told why', async () => {
    const { intake } = edgeIntake();
    const receipts = await intake.accept(
      submit(
        registered(),
        approval({ by: 'ann' }, { id: '1' }),
        deprecation(),
        artifactEvent({ id: 'r-2', type: 'type.registered', data: registration({}, 2) }),
        approval({ by: 'ann' }, { id: '2', dataschema: `urn:stemma:schema:${TYPE}:1` }),
        approval({ by: 'ann' }, { id: '3' }),
      ),
      ACCEPTED,
    );
    expect(receipts.map(({ error }) => error)).toEqual([null, null, null, null, null, null]);
    expect(receipts[4]?.warnings).toEqual([`${TYPE} version 1 is deprecated: send version 2`]);
    expect(receipts[5]?.warnings).toBeUndefined();
  });

  test('that another process deprecated warns half a minute later at most', async () => {
    let at = 0;
    const log: TypeStatement[] = [{ type: 'type.registered', data: registration(SCHEMA) }];
    const { intake } = edgeIntake({ load: async () => log, now: () => at });
    const send = async (id: string) => {
      const [receipt] = await intake.accept(submit(approval({ by: 'ann' }, { id })), ACCEPTED);
      return receipt?.warnings ?? [];
    };
    expect(await send('1')).toEqual([]);
    log.push({ type: 'type.deprecated', data: { type: TYPE, version: 1, reason: 'gone' } });
    at = 30_000;
    expect(await send('2')).toEqual([`${TYPE} version 1 is deprecated: gone`]);
  });

  test('is deprecated only where it is registered, and stays as it was where the deprecation does not reach the log', async () => {
    let fail = false;
    const publisher = memoryPublisher();
    const { intake } = edgeIntake({
      publisher: {
        ...publisher,
        publish: async (events) => {
          if (fail) throw new StemmaError('BACKPRESSURE', 'm');
          return publisher.publish(events);
        },
      },
    });
    const [unknown] = await intake.accept(submit(deprecation()), ACCEPTED);
    expect(unknown?.error).toMatchObject({
      code: 'EVENT_TYPE_UNKNOWN',
      path: 'events.0.data.type',
    });
    const [, unknownVersion] = await intake.accept(submit(registered(), deprecation(7)), ACCEPTED);
    expect(unknownVersion?.error).toMatchObject({
      code: 'SCHEMA_VERSION_UNKNOWN',
      path: 'events.1.data.version',
    });
    fail = true;
    await expect(intake.accept(submit(deprecation()), ACCEPTED)).rejects.toThrow(StemmaError);
    fail = false;
    const [receipt] = await intake.accept(submit(approval({ by: 'ann' })), ACCEPTED);
    expect(receipt?.warnings).toBeUndefined();
  });

  test.each(['build.completed', 'com.github.push'])('cannot take the name %s', (type) => {
    expect(() => types().register({ type, version: 1, schema: {} })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ reason: 'TYPE_RESERVED' }) }),
    );
  });

  test('of another system needs no registration', () => {
    expect(() => {
      types().check({
        specversion: '1.0',
        id: '1',
        source: '/s',
        type: 'com.github.star',
        data: {},
      });
    }).not.toThrow();
  });
});

describe('a schema', () => {
  const doubling = {
    $defs: Object.fromEntries(
      Array.from({ length: 14 }, (_, n) => [
        `l${n}`,
        n === 13 ? {} : { allOf: [{ $ref: `#/$defs/l${n + 1}` }, { $ref: `#/$defs/l${n + 1}` }] },
      ]),
    ),
    $ref: '#/$defs/l0',
  };
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 50; level += 1) deep = { not: deep };

  test.each<[string, Record<string, unknown>]>([
    ['PATTERN_NOT_ALLOWED', { pattern: '^(a+)+$' }],
    [
      'PATTERN_NOT_ALLOWED',
      { properties: { a: { items: { patternProperties: { '^(a+)+$': {} } } } } },
    ],
    ['PATTERN_NOT_ALLOWED', { propertyNames: { pattern: 'x' } }],
    ['PATTERN_NOT_ALLOWED', { $defs: { a: { pattern: 'x' } } }],
    ['PATTERN_NOT_ALLOWED', { format: 'regex' }],
    ['REF_NOT_ALLOWED', { $ref: 'https://example.com/schema.json' }],
    ['REF_NOT_ALLOWED', { $ref: 'file:///etc/passwd' }],
    ['REF_NOT_ALLOWED', { $ref: '#/$defs/none' }],
    ['REF_NOT_ALLOWED', { $dynamicRef: '#x' }],
    [
      'SCHEMA_RECURSIVE',
      { $ref: '#/$defs/a', $defs: { a: { properties: { a: { $ref: '#/$defs/a' } } } } },
    ],
    ['SCHEMA_TOO_LARGE', { description: 'x'.repeat(70_000) }],
    ['SCHEMA_TOO_LARGE', doubling],
    ['SCHEMA_TOO_DEEP', deep],
    ['SCHEMA_INVALID', { type: 'nothing' }],
    ['SCHEMA_INVALID', { properties: { a: 1 } }],
    ['KEYWORD_NOT_ALLOWED', { $data: 1 }],
    ['KEYWORD_NOT_ALLOWED', { type: 'array', uniqueItems: true }],
  ])('S29 is refused with %s (%#)', (reason, schema) => {
    expect(() => types().register(registration(schema))).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        details: expect.objectContaining({ reason }),
      }),
    );
  });

  test('S29 may have a property that is called pattern', () => {
    const schema = { properties: { pattern: { type: 'string' }, $ref: { const: '(a+)+' } } };
    expect(() => types().register(registration(schema))).not.toThrow();
  });
});
