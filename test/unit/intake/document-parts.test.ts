import { describe, expect, test } from '@jest/globals';
import { toParts } from '../../../src/documents/parts.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { createInspection } from '../../../src/roles/inspection.ts';
import { ACCEPTED, edgeIntake, submit } from '../../support/edge.ts';

/** Issue 17, item 23: a part that does not hold what it promises is refused where it comes in. */

const BYTES = Buffer.from(JSON.stringify({ text: 'a document '.repeat(100_000) }));
const { events, listed } = toParts(BYTES, 'https://ci.example/parts');
const first = events[0] as Envelope & { readonly data: Readonly<Record<string, unknown>> };

async function receive(...values: unknown[]) {
  const { intake } = edgeIntake({ inspect: createInspection(() => 0) });
  return intake.accept(submit(...values), ACCEPTED);
}

describe('a part of a document', () => {
  test('as it was cut is taken, and again is a duplicate', async () => {
    expect(listed.parts).toBe(3);
    const statuses = (await receive(...events, first)).map(({ status }) => status);
    expect(statuses).toEqual(['ACCEPTED', 'ACCEPTED', 'ACCEPTED', 'DUPLICATE']);
  });

  test('has a digest that does not depend on how well it is packed', () => {
    const again = toParts(BYTES, 'https://ci.example/other');
    expect(again.listed).toEqual(listed);
    expect(new Set(listed.partDigests).size).toBe(3);
  });

  test.each([
    [
      'of other bytes than its digest promises',
      {
        ...first,
        id: 'x',
        data: { ...first.data, data: (events[1]!.data as { data: string }).data },
      },
      'events.0.data.partDigest',
      /^Part 0 of the document is not taken: its data have the digest sha256:[0-9a-f]{64} and not sha256:[0-9a-f]{64}\. Send it as it was cut\.$/,
    ],
    [
      'that cannot be unpacked by itself',
      { ...first, id: 'x', data: { ...first.data, data: 'AAAA' } },
      'events.0.data.data',
      /its data are not a gzip stream of at most 524288 bytes by itself/,
    ],
    [
      'under the id of another one, which that could then never have',
      { ...events[1], id: first.id },
      'events.0.data.data',
      /its data do not have the digest that its id ends in/,
    ],
  ])('%s is refused', async (_, value, path, message) => {
    const [receipt] = await receive(value);
    expect(receipt).toMatchObject({
      status: 'REJECTED',
      error: { code: 'DOCUMENT_MALFORMED', path, message: expect.stringMatching(message) },
    });
  });
});
