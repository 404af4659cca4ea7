import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StemmaError } from '../../../src/errors.ts';
import { contentHash, parseEvent } from '../../../src/model/event.ts';
import type { AcceptedEvent, Published, Publisher } from '../../../src/model/receipt.ts';
import {
  ACCEPTED,
  APPLIED,
  artifactEvent,
  DIGEST,
  edgeIntake,
  memoryPublisher,
  submit,
} from '../../support/edge.ts';

async function errorOf(event: unknown) {
  const { intake } = edgeIntake();
  const [receipt] = await intake.accept(submit(event), ACCEPTED);
  return { status: receipt?.status, ...receipt?.error };
}

describe('receipts', () => {
  test('are in the order of the input, and a bad event does not refuse its neighbours', async () => {
    const publisher = memoryPublisher();
    const { intake } = edgeIntake({ publisher });
    const receipts = await intake.accept(
      [
        ...submit(artifactEvent({ id: '1' }), artifactEvent({ id: '2', type: 'no.such' }), 'text'),
        { problem: { code: 'BAD_USER_INPUT', message: 'm', path: 'events.3', retryable: false } },
        ...submit(artifactEvent({ id: '4' })),
      ],
      ACCEPTED,
    );
    expect(receipts.map(({ status, position, eventId }) => [status, position, eventId])).toEqual([
      ['ACCEPTED', 1, '1'],
      ['REJECTED', null, '2'],
      ['REJECTED', null, null],
      ['REJECTED', null, null],
      ['ACCEPTED', 2, '4'],
    ]);
    expect(receipts[1]?.error).toMatchObject({
      code: 'EVENT_TYPE_UNKNOWN',
      path: 'events.1.type',
      retryable: false,
    });
    expect(publisher.calls()).toBe(1);
  });

  test('keep the original text of the event', async () => {
    const publisher = memoryPublisher();
    const raw = JSON.stringify(artifactEvent(), null, 3);
    await edgeIntake({ publisher }).intake.accept([{ raw, value: JSON.parse(raw) }], ACCEPTED);
    expect(publisher.appended[0]?.raw).toBe(raw);
  });

  test('F31 F5 S43 say DUPLICATE for the same content and name both hashes for other content', async () => {
    const { intake } = edgeIntake();
    const other = artifactEvent({ data: { digest: DIGEST, name: 'other' } });
    const receipts = await intake.accept(
      submit(artifactEvent(), artifactEvent({ traceparent: 'x' }), other),
      ACCEPTED,
    );
    expect(receipts.map(({ status }) => status)).toEqual(['ACCEPTED', 'DUPLICATE', 'REJECTED']);
    expect(receipts[1]?.position).toBe(1);
    const error = receipts[2]?.error;
    expect(error?.code).toBe('IDEMPOTENCY_CONFLICT');
    expect(error?.message).toContain(contentHash(parseEvent(artifactEvent()).envelope));
    expect(error?.message).toContain(contentHash(parseEvent(other).envelope));
  });

  test('with wait APPLIED tell what the writer made of each event', async () => {
    const problem = { code: 'HANDLER_FAILED', message: 'm', path: '', retryable: false } as const;
    const publisher = memoryPublisher((position) => {
      if (position === 1) return { status: 'APPLIED', error: null };
      return position === 2 ? { status: 'DEAD_LETTERED', error: problem } : null;
    });
    const { intake } = edgeIntake({ publisher });
    const events = ['1', '2', '3', '1'].map((id) => artifactEvent({ id }));
    const receipts = await intake.accept(submit(...events), APPLIED);
    expect(receipts.map(({ status }) => status)).toEqual([
      'APPLIED',
      'DEAD_LETTERED',
      'ACCEPTED',
      'DUPLICATE',
    ]);
    expect(receipts[1]?.error).toEqual(problem);
  });

  test.each([
    [500_000, 60_000],
    [NaN, 10_000],
    [-1, 0],
    [50, 50],
  ])('wait %d ms at most %d ms, less what publishing took', async (waitMs, expected) => {
    let clock = 0;
    const waits: number[] = [];
    const publisher: Publisher = {
      ...memoryPublisher(),
      whenApplied: async (_, timeoutMs) => {
        waits.push(timeoutMs);
        return null;
      },
      publish: async () => {
        clock += 5;
        return [{ outcome: 'appended', position: 1 }];
      },
    };
    const { intake } = edgeIntake({ publisher, now: () => clock });
    await intake.accept(submit(artifactEvent()), { wait: 'APPLIED', waitMs });
    expect(waits).toEqual([Math.max(0, expected - 5)]);
  });

  test('of a foreign event that stands for several have the worst status and the last position', async () => {
    const publisher = memoryPublisher((position) =>
      position === 1
        ? { status: 'DEAD_LETTERED', error: null }
        : { status: 'APPLIED', error: null },
    );
    const { intake } = edgeIntake({
      publisher,
      map: () =>
        [artifactEvent({ id: '1' }), artifactEvent({ id: '2' })].map(
          (one) => parseEvent(one).envelope,
        ),
    });
    const receipts = await intake.accept(submit({ foreign: true }), APPLIED);
    expect(receipts).toEqual([
      expect.objectContaining({ eventId: '2', position: 2, status: 'DEAD_LETTERED' }),
    ]);
  });

  test.each([
    [['FSYNCED', 'EVERYSEC'], { durability: 'EVERYSEC' }],
    [['MEMORY', 'FSYNCED'], { durability: 'MEMORY' }],
    [['FSYNCED', undefined], {}],
  ] as const)('of several events on a bus that has them %j say %j', async (worths, said) => {
    const memory = memoryPublisher();
    const publisher = {
      ...memory,
      publish: async (events: readonly AcceptedEvent[]) =>
        (await memory.publish(events)).map((one, at): Published => {
          const durability = worths[at];
          return one.outcome !== 'appended' || durability === undefined
            ? one
            : { ...one, durability };
        }),
    };
    const map = () =>
      [artifactEvent({ id: '1' }), artifactEvent({ id: '2' })].map(
        (one) => parseEvent(one).envelope,
      );
    const [receipt] = await edgeIntake({ publisher, map }).intake.accept(
      submit({ foreign: true }),
      ACCEPTED,
    );
    const { durability } = receipt!;
    expect(durability === undefined ? {} : { durability }).toEqual(said);
  });

  test('of an agent event in upper case carry the mapped identity', async () => {
    const publisher = memoryPublisher();
    const value = {
      type: 'WORKFLOW_STARTED',
      workflow_id: 'wf-1',
      source_agent: 'planner',
      timestamp: '2026-11-21T10:00:00Z',
      metadata: {},
    };
    const [receipt] = await edgeIntake({ publisher }).intake.accept(submit(value), ACCEPTED);
    expect(receipt).toMatchObject({ status: 'ACCEPTED', error: null });
    expect(publisher.appended[0]?.event.envelope.type).toBe('workflow.started');
  });
});

describe('failures of the bus', () => {
  test.each(['BACKPRESSURE', 'DEPENDENCY_UNAVAILABLE', 'STREAM_REWOUND'] as const)(
    'F26 S32 throw %s: nothing was accepted',
    async (code) => {
      const publisher: Publisher = {
        ...memoryPublisher(),
        publish: async () => Promise.reject(new StemmaError(code, 'm')),
      };
      const { intake } = edgeIntake({ publisher });
      await expect(intake.accept(submit(artifactEvent()), ACCEPTED)).rejects.toMatchObject({
        code,
      });
    },
  );

  test('S33 a fault while validating becomes INTERNAL_SERVER_ERROR without its message, which is logged', async () => {
    const logged: object[] = [];
    const { intake } = edgeIntake({
      map: () => {
        throw new Error('password=hunter2');
      },
      log: (fields) => logged.push(fields),
    });
    const receipts = await intake.accept(submit({ odd: 1 }), ACCEPTED);
    expect(receipts[0]?.error).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', path: 'events.0' });
    expect(JSON.stringify(receipts)).not.toContain('hunter2');
    expect(logged).toHaveLength(1);
  });
});

describe('validation', () => {
  test('F29 refuses an event of 1 MiB and one byte, and takes one of exactly 1 MiB', async () => {
    const { intake } = edgeIntake();
    const ofSize = (bytes: number) => {
      const raw = JSON.stringify(artifactEvent());
      return { raw: raw + ' '.repeat(bytes - raw.length), value: artifactEvent() };
    };
    const receipts = await intake.accept([ofSize(1024 * 1024), ofSize(1024 * 1024 + 1)], ACCEPTED);
    expect(receipts.map(({ error }) => error?.code ?? null)).toEqual([null, 'PAYLOAD_TOO_LARGE']);
    expect(receipts[1]?.error?.message).toContain('1048576');
  });

  test.each<[string, Record<string, unknown>, string, string | undefined]>([
    ['S26 a day that does not exist', { time: '2026-02-30T00:00:00Z' }, 'time', undefined],
    ['S26 a time without offset', { time: '2026-11-21T10:00:00' }, 'time', undefined],
    [
      'S26 a digest of the wrong length',
      { data: { digest: 'sha256:abc' } },
      'data.digest',
      undefined,
    ],
    [
      'S26 a digest in capitals',
      { data: { digest: DIGEST.toUpperCase() } },
      'data.digest',
      undefined,
    ],
    ['S26 a negative size', { data: { digest: DIGEST, size: -1 } }, 'data.size', undefined],
    ['S26 NaN as a size', { data: { digest: DIGEST, size: NaN } }, 'data.size', undefined],
    ['S26 a fraction as a size', { data: { digest: DIGEST, size: 1.5 } }, 'data.size', undefined],
    ['S27 a bad purl', { data: { digest: DIGEST, purl: 'npm:shop' } }, 'data.purl', 'PURL_INVALID'],
    ['F32 an id of 40 kB', { id: 'x'.repeat(40_000) }, 'id', undefined],
    ['F32 an empty id', { id: '' }, 'id', undefined],
    ['F32 a lone surrogate in an id', { id: '\ud800x' }, 'id', undefined],
    ['F31 NUL in an id', { id: 'a\0b' }, 'id', undefined],
    ['a source with white space', { source: 'a b' }, 'source', undefined],
    ['a missing id', { id: undefined }, 'id', undefined],
    ['an id that is a number', { id: 7 }, 'id', undefined],
    ['data of the wrong kind', { data: [] }, 'data', undefined],
    ['CloudEvents 0.3', { specversion: '0.3' }, 'specversion', undefined],
  ])('refuses %s', async (_, changes, path, reason) => {
    const error = await errorOf(artifactEvent(changes));
    expect(error).toMatchObject({
      status: 'REJECTED',
      code: 'EVENT_MALFORMED',
      path: `events.0.${path}`,
    });
    expect((error as { reason?: string }).reason).toBe(reason);
  });

  test('refuses a version that does not exist, and names those that do', async () => {
    const error = await errorOf(
      artifactEvent({ dataschema: 'urn:stemma:schema:artifact.created:9' }),
    );
    expect(error).toMatchObject({ code: 'SCHEMA_VERSION_UNKNOWN', path: 'events.0.dataschema' });
    expect(error.message).toContain('1, 2');
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'S25 the type name %s reaches no prototype',
    async (type) => {
      expect(await errorOf(artifactEvent({ type }))).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN' });
    },
  );

  test('S25 F31 an own __proto__ key of a value changes no prototype and is not kept', async () => {
    const publisher = memoryPublisher();
    const raw = JSON.stringify(artifactEvent()).replace('{', '{"__proto__":{"polluted":true},');
    await edgeIntake({ publisher }).intake.accept([{ raw, value: JSON.parse(raw) }], ACCEPTED);
    const envelope = publisher.appended[0]?.event.envelope;
    expect(Object.getPrototypeOf(envelope)).toBe(Object.prototype);
    expect(Reflect.get(envelope ?? {}, 'polluted')).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ['NFC and NFD', 'caf\u00e9', 'cafe\u0301'],
    ['with and without a right-to-left override', 'shop', 'sh\u202eop'],
    ['with and without an emoji', 'shop', 'shop😀'],
  ])('F32 ids that differ (%s) stay different events', async (_, one, other) => {
    const { intake } = edgeIntake();
    const receipts = await intake.accept(
      submit(artifactEvent({ id: one }), artifactEvent({ id: other })),
      ACCEPTED,
    );
    expect(receipts.map(({ status, eventId }) => [status, eventId])).toEqual([
      ['ACCEPTED', one],
      ['ACCEPTED', other],
    ]);
  });

  test('F33 S28 Cypher in any string is data, or refused with its path', async () => {
    const hostile = fc.constantFrom(
      "x'}) DETACH DELETE a //",
      '`]->() MATCH (n) DETACH DELETE n //',
      '$($label)',
      '"; CALL db.labels() //',
      '\\u0027 OR 1=1',
      'Build:Artifact',
    );
    const field = fc.constantFrom(
      'id',
      'source',
      'type',
      'subject',
      'correlationid',
      'name',
      'digest',
      'purl',
      'build',
    );
    const publisher = memoryPublisher();
    const { intake } = edgeIntake({ publisher });
    await fc.assert(
      fc.asyncProperty(field, hostile, fc.nat(), async (name, text, n) => {
        const isData = ['name', 'digest', 'purl', 'build'].includes(name);
        const event = isData
          ? artifactEvent({ id: `${n}`, data: { digest: DIGEST, [name]: text } })
          : artifactEvent({ id: `${n}`, [name]: text });
        const before = publisher.appended.length;
        const [receipt] = await intake.accept(submit(event), ACCEPTED);
        if (receipt?.status === 'REJECTED') {
          expect(['EVENT_MALFORMED', 'EVENT_TYPE_UNKNOWN', 'IDEMPOTENCY_CONFLICT']).toContain(
            receipt.error?.code,
          );
          expect(publisher.appended).toHaveLength(before);
        } else if (receipt?.status === 'ACCEPTED') {
          expect(publisher.appended.at(-1)?.raw).toBe(JSON.stringify(event));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('base64 data is JSON like any other: decoded, hashed alike, and held to the same rules', async () => {
    const data = { digest: DIGEST };
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const encoded = artifactEvent({
      data: undefined,
      datacontenttype: 'application/json',
      data_base64: encode(JSON.stringify(data)),
    });
    const { intake } = edgeIntake();
    const twice = artifactEvent({
      id: '2',
      data: undefined,
      datacontenttype: 'application/json',
      data_base64: encode(`{"digest":"${DIGEST}","name":"a","name":"b"}`),
    });
    const receipts = await intake.accept(submit(artifactEvent({ data }), encoded, twice), ACCEPTED);
    expect(receipts.map(({ status }) => status)).toEqual(['ACCEPTED', 'DUPLICATE', 'REJECTED']);
    expect(receipts[2]?.error).toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: 'JSON_DUPLICATE_KEY',
    });
  });
});
