import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { mapForeign } from '../src/foreign/foreign.ts';
import { checkValue } from '../src/model/json-value.ts';
import { parseStrictJson } from '../src/intake/json.ts';
import { contentHash, parseEvent } from '../src/model/event.ts';
import type { Submission } from '../src/model/receipt.ts';
import { edgeIntake } from '../test/support/edge.ts';
import { machine, median, progress } from './servers.ts';

const ROUNDS = 7;

/** An event of about 600 bytes, as a CI plugin sends it. */
function makeText(at: number): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `build-${at}-completed`,
    source: 'https://ci.example.com/acme/shop',
    type: 'build.completed',
    time: '2026-11-21T10:00:00Z',
    datacontenttype: 'application/json',
    correlationid: `pipeline-${at}`,
    data: {
      build: `https://ci.example.com/acme/shop/builds/${at}`,
      name: 'build and test',
      builder: 'https://ci.example.com/runners/linux-x64',
      repository: 'https://github.com/acme/shop',
      commit: '0123456789abcdef0123456789abcdef01234567',
      outcome: 'success',
      artifacts: [
        { digest: `sha256:${String(at).padStart(64, '0')}`, name: 'shop.tgz', size: 123_456 + at },
      ],
    },
  });
}

/** What the edge costs for each event, stage by stage, and as a whole, on one core and without a bus. */
export async function run(argv: readonly string[]): Promise<object> {
  const count = Number(argv[0] ?? 20_000);
  const texts = Array.from({ length: count }, (_, at) => makeText(at));
  const batch = `[${texts.join(',')}]`;
  const values = texts.map((text): unknown => JSON.parse(text));
  const envelopes = values.map((value) => parseEvent(value).envelope);

  const stages: Record<string, () => unknown> = {
    'JSON.parse': () => texts.map((text): unknown => JSON.parse(text)),
    parseStrictJson: () => texts.map((text) => parseStrictJson(text).value),
    'parseStrictJson of one list': () => parseStrictJson(batch, { perElement: true }),
    checkValue: () => {
      for (const value of values) checkValue(value);
    },
    mapForeign: () => values.map((value) => mapForeign(value)),
    parseEvent: () => values.map((value) => parseEvent(value)),
    canonicalize: () => envelopes.map((envelope) => canonicalize(envelope)),
    'contentHash (canonicalize, sha256)': () => envelopes.map((envelope) => contentHash(envelope)),
  };
  const rows = Object.entries(stages).map(([stage, work]) => {
    const seconds = median(Array.from({ length: ROUNDS }, () => secondsOf(work)));
    const row = {
      stage,
      microsecondsPerEvent: round2((seconds / count) * 1e6),
      megabytesPerSecond: round2(batch.length / 1e6 / seconds),
    };
    progress(`${stage}: ${row.microsecondsPerEvent} µs/event, ${row.megabytesPerSecond} MB/s`);
    return row;
  });

  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await publish(batch);
    whole.push(count / ((performance.now() - start) / 1e3));
  }
  const floor =
    count / median(Array.from({ length: ROUNDS }, () => secondsOf(() => texts.map(floorOf))));
  const stemma = Math.round(median(whole));
  return {
    bench: 'edge',
    unit: 'events/s',
    events: count,
    bytesPerEvent: Math.round(batch.length / count),
    stemma,
    /** JSON.parse and one sha256 for each event. */
    limit: Math.round(floor),
    ratio: round2(stemma / floor),
    stages: rows,
    machine: machine(),
    versions: { node: process.version },
  };
}

/** From the text of a list to receipts. */
async function publish(batch: string): Promise<void> {
  const { value, elements } = parseStrictJson(batch, { perElement: true });
  const list = value as unknown[]; // made above
  const submissions = (elements ?? []).map(({ start, end }, at): Submission => ({
    raw: batch.slice(start, end),
    value: list[at],
  }));
  let position = 0;
  const { intake } = edgeIntake({
    publisher: {
      publish: async (events) =>
        events.map(() => ({ outcome: 'appended', position: (position += 1) })),
      whenApplied: async () => null,
    },
    now: () => 0,
  });
  await intake.accept(submissions, { wait: 'ACCEPTED', waitMs: 0 });
}

function floorOf(text: string): string {
  JSON.parse(text);
  return createHash('sha256').update(text).digest('hex');
}

function secondsOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1e3;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
