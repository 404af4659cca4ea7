import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { changesOf } from '../../../src/handlers/index.ts';
import { EVENT_TYPES } from '../../../src/model/events/catalogue.ts';
import { INDEXED_PROPERTIES } from '../../../src/model/indexed.ts';
import type { ReceiptError } from '../../../src/model/receipt.ts';
import { MAX_KEY_BYTES } from '../../../src/model/text.ts';
import { createInspection } from '../../../src/roles/inspection.ts';
import { ACCEPTED, edgeIntake, memoryPublisher, submit } from '../../support/edge.ts';
import { event } from '../../support/events.ts';
import { HOSTILE_TEXTS, longestIndexed, textPathsOf, withText } from '../../support/indexed.ts';

/** Issue 17, item 22: what no index of the graph takes is refused where it comes in, and never becomes a dead letter. */

const ROOT = join(import.meta.dirname, '../../..');

const inspect = createInspection(() => 0);

async function receive(value: unknown) {
  const publisher = memoryPublisher();
  const { intake } = edgeIntake({ publisher, inspect });
  const [receipt] = await intake.accept(submit(value), ACCEPTED);
  return { receipt: receipt!, appended: publisher.appended };
}

describe('every field of every type', () => {
  const recorded = readFileSync(join(ROOT, 'test/fixtures/corpus/v1/log.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse((JSON.parse(line) as { body: string }).body) as Recorded);
  const types = new Map(recorded.map((one) => [one.type, one]));

  test.each(EVENT_TYPES)(
    '%s makes keys that can be indexed, or is refused with the name of the field',
    async (type) => {
      const sample = types.get(type)!;
      const wrong: unknown[] = [];
      for (const path of pathsOf(sample)) {
        for (const [what, hostile] of Object.entries(HOSTILE_TEXTS)) {
          const { receipt, appended } = await receive(withText(sample, path, hostile));
          const { error } = receipt;
          const fits = appended.every(
            (each) => longestIndexed(changesOf(each.event, 0)) <= MAX_KEY_BYTES,
          );
          if (error === null ? !fits : !isClear(error)) wrong.push({ path, what, error });
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

/** A refusal of the sender's own words, which names the place. */
function isClear({ code, message, retryable, path }: ReceiptError): boolean {
  return (
    /^(BAD_USER_INPUT|EVENT_MALFORMED|EVENT_TYPE_UNKNOWN|DOCUMENT_)/.test(code) &&
    !retryable &&
    /^events\.0\.\w+/.test(path) &&
    !/index|Neo4j|transaction/i.test(message)
  );
}

describe('a refusal says which field, how long it is and what to do', () => {
  test.each([
    [
      'the canonical URL of a repository',
      event('source.commit.created', {
        commit: 'c0ffee22'.repeat(5),
        repository: HOSTILE_TEXTS['a URL'],
      }),
      'events.0.data.repository',
      "'repository' has 18024 characters; at most 2048 are allowed in canonical form, where characters outside of ASCII are percent-encoded: give a shorter URL.",
    ],
    [
      'a branch of a repository with a long URL',
      event('source.branch.created', {
        repository: `https://git.example.com/${'a'.repeat(2000)}`,
        name: '漢'.repeat(2048),
      }),
      'events.0.data.name',
      "'name' has 8180 bytes in canonical form; at most 8000 are allowed: give a shorter one.",
    ],
    [
      'a signer',
      event('artifact.signed', {
        digest: `sha256:${'22'.repeat(32)}`,
        signer: { issuer: '漢'.repeat(2048), subject: '漢'.repeat(2048) },
      }),
      'events.0.data.signer',
      "'signer' has 12289 bytes in canonical form; at most 8000 are allowed: give a shorter one.",
    ],
    [
      'a link of an advisory to a component',
      event('vulnerability.detected', {
        vulnerability: 'CVE-2022-22022',
        affects: ['pkg:npm/left-pad@1.3.0', HOSTILE_TEXTS['a BOM-Link']],
      }),
      'events.0.data.affects.1',
      "'affects.1' has 17147 bytes in canonical form; at most 8000 are allowed: give a shorter one.",
    ],
    [
      'a package URL in canonical form',
      event('artifact.created', {
        digest: `sha256:${'22'.repeat(32)}`,
        purl: HOSTILE_TEXTS['a package URL'],
      }),
      'events.0.data.purl',
      "artifact.created: 'data.purl' is not a package URL: in canonical form it has 18014 characters; at most 2048 are allowed. Write pkg:type/namespace/name@version.",
    ],
    [
      'a material',
      event('build.started', { build: 'https://ci.example/22', materials: ['x'.repeat(3000)] }),
      'events.0.data.materials.0',
      "build.started: 'data.materials.0' has 3000 characters; at most 2048 are allowed: give a digest, or a shorter package URL or URI.",
    ],
    [
      'a deployment with a long source',
      event(
        'deployment.completed',
        { deployment: 'd'.repeat(2000) },
        { source: `https://ci.example/${'s'.repeat(900)}` },
      ),
      'events.0.data.deployment',
      'deployment has 2920 characters; at most 2048 are allowed.',
    ],
  ])('%s', async (_, value, path, message) => {
    const { receipt, appended } = await receive(value);
    expect(receipt.status).toBe('REJECTED');
    expect(receipt.error).toMatchObject({ path, message });
    expect(appended).toEqual([]);
  });
});

test('every indexed property is known to the check', () => {
  const schema = join(ROOT, 'cypher/schema');
  const indexed: Record<string, string[]> = {};
  for (const name of readdirSync(schema)) {
    const text = readFileSync(join(schema, name), 'utf8');
    for (const [, label = '', list = ''] of text.matchAll(
      /^CREATE INDEX \w+ IF NOT EXISTS FOR \(n:(\w+)\) ON \((.+)\);/gm,
    )) {
      const texts = list.split(', ').map((each) => each.slice(2));
      // the indexed texts of these are bounded as the events themselves are, and of a withdrawal it is a mark
      if (!['Event', 'DeadLetter', 'GateState', 'Withdrawal'].includes(label))
        (indexed[label] ??= []).push(...texts.filter((each) => !each.endsWith('At')));
    }
  }
  expect(indexed).toEqual(INDEXED_PROPERTIES);
});

type Recorded = { readonly type: string; readonly data: unknown };

/** Where a sender chooses a text: in the envelope, and in the data but for the bytes of a part. */
function pathsOf(sample: Recorded): string[][] {
  const data = textPathsOf(sample.data, ['data']).filter((path) => path.at(-1) !== 'data');
  return [['source'], ['workflowid'], ...data];
}
