import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { joinParts, type Part } from '../../../src/documents/parts.ts';
import { parseEvent, type Envelope } from '../../../src/model/event.ts';
import { fixtureText, recognise } from './ingesting.ts';

const STATEMENT = fixtureText('documents/intoto/npm-provenance-v0.2.json');

/** A statement that gzip cannot make much smaller. */
function largeStatement(bytes: number): string {
  const value = JSON.parse(STATEMENT) as { predicate: Record<string, unknown> };
  value.predicate['noise'] = randomBytes(bytes / 2).toString('hex');
  return JSON.stringify(value);
}

describe('a document', () => {
  test('is one event, named by the digest of its bytes', async () => {
    const { events } = await recognise(STATEMENT, {}, 'build.json');
    const digest = `sha256:${createHash('sha256').update(STATEMENT).digest('hex')}`;
    expect(events).toEqual([
      expect.objectContaining({
        id: digest,
        source: 'urn:stemma:ingest',
        subject: digest,
        data: {
          digest,
          name: 'build.json',
          mediaType: 'application/vnd.in-toto+json',
          size: Buffer.byteLength(STATEMENT),
          content: STATEMENT,
        },
      }),
    ]);
  });

  test('is the same event whenever it is read, with no time but its own', async () => {
    const [first, second] = [await recognise(STATEMENT), await recognise(STATEMENT)];
    expect(second.events).toEqual(first.events);
    const rest = JSON.parse(STATEMENT) as Record<string, unknown>;
    const timeless = await recognise(JSON.stringify({ ...rest, predicate: {} }));
    expect(timeless.events[0]).not.toHaveProperty('time');
  });

  test('that one event cannot hold travels in parts, and they make it again', async () => {
    const text = largeStatement(2 * 1024 * 1024);
    const { events, problems } = await recognise(text);
    expect(problems).toEqual([]);
    const submitted = events.at(-1) as Envelope & { data: { digest: string; parts: number } };
    const parts = events.slice(0, -1).map((event) => parseEvent(event).body.data as Part);
    expect(submitted.data).toMatchObject({ parts: parts.length, size: Buffer.byteLength(text) });
    expect(submitted.data).not.toHaveProperty('content');
    expect(parts.length).toBeGreaterThan(1);
    for (const event of events) {
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(1024 * 1024);
    }
    expect(joinParts(parts, submitted.data.digest.replace('sha256:', ''))).toBe(text);
  });

  test('over the limit is refused by the limit', async () => {
    const { events, problems } = await recognise(STATEMENT, { maxDocumentBytes: 1000 });
    expect(events).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('at most 1000 are taken')]);
  });

  test('that breaks its schema is sent, with a warning for each thing that is left out', async () => {
    const { pieces, problems } = await recognise(
      fixtureText('documents/cyclonedx/invalid-hash-sha1-1.6.json'),
    );
    expect(problems).toEqual([]);
    expect(pieces).toMatchObject([
      { kind: 'event', warnings: [expect.stringContaining("'components.0.hashes.1'")] },
    ]);
  });
});
