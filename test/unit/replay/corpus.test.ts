import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeEntry } from '../../../src/apply/decode.ts';
import { EVENT_TYPES } from '../../../src/model/events/catalogue.ts';
import { versionsOf } from '../../../src/model/events/upcast.ts';
import { digestOf, foldEvents } from '../../support/in-memory.ts';

const CORPUS = join(import.meta.dirname, '../../fixtures/corpus');
const versions = readdirSync(CORPUS).filter((name) => /^v\d+$/.test(name));

type Recorded = { readonly n: number; readonly acceptedAt: number; readonly body: string };

const read = (version: string, name: string): string =>
  readFileSync(join(CORPUS, version, name), 'utf8');
const entriesOf = (version: string): Recorded[] =>
  read(version, 'log.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

describe.each(versions)('the recorded corpus %s', (version) => {
  test('is still read to the digests that were recorded with it', () => {
    const events = entriesOf(version).map(({ n, acceptedAt, body }) =>
      decodeEntry({ n, acceptedAt, text: body, contentHash: null }),
    );
    const folded = foldEvents(events);
    expect({
      events: events.length,
      content: digestOf(folded, events, 'content'),
      full: digestOf(folded, events, 'full'),
    }).toEqual(JSON.parse(read(version, 'expected.json')));
  });
});

test('every type of the catalogue is recorded in every version that is read', () => {
  const recorded = new Set(
    versions.flatMap(entriesOf).map(({ body }) => {
      const { type, dataschema } = JSON.parse(body) as { type: string; dataschema?: string };
      const stated = /[:/](\d+)(?:\.json)?$/.exec(dataschema ?? '')?.[1];
      return stated === undefined ? type : `${type} ${stated}`;
    }),
  );
  const newest = (type: (typeof EVENT_TYPES)[number]) => Math.max(...versionsOf(type));
  const wanted = EVENT_TYPES.flatMap((type) =>
    versionsOf(type).map((version) => (version === newest(type) ? type : `${type} ${version}`)),
  );
  expect(wanted.filter((one) => !recorded.has(one))).toEqual([]);
});
