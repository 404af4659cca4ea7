import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toParts } from '../../../src/documents/parts.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

/** Issue 17, item 23, through a real service: nobody can keep a document from being read by sending wrong parts of it. */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** A document of its own in each test, cut into three parts, with the events of one submitter. */
function cut(source: string) {
  const name = randomUUID();
  const image = `sha256:${hash(`parts ${name}`)}`;
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'container', name, version: image } },
    components: [{ type: 'library', name: 'a', version: '1', purl: `pkg:npm/parts-${name}@1.0.0` }],
    properties: [{ name: 'long', value: 'x'.repeat(1_100_000) }],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const of = (submitter: string) => {
    const { events, listed } = toParts(bytes, submitter);
    const submitted: Envelope = {
      ...{ specversion: '1.0', id: `${digest}/submitted`, source: submitter },
      ...{ type: 'document.submitted', subject: digest, data: { digest, ...listed } },
    };
    return { parts: events, submitted };
  };
  const wrong = (index: number, text: string): Envelope => ({
    ...{ specversion: '1.0', id: randomUUID(), source, type: 'document.part' },
    data: {
      ...{ digest, index, count: 3, partDigest: `sha256:${hash(text)}` },
      data: gzipSync(text).toString('base64'),
    },
  });
  const contents = async () => (await field.lineage(image, 'UPSTREAM'))['PackageVersion'];
  return { digest, of, wrong, contents, purl: `pkg:npm/parts-${name}@1.0.0` };
}

const evil = 'urn:parts:evil';
const statuses = (receipts: readonly { status: string }[]) => receipts.map(({ status }) => status);

describe('a document in parts is read', () => {
  const orders: readonly [
    string,
    (true_: readonly Envelope[], submitted: Envelope, wrong: readonly Envelope[]) => Envelope[],
  ][] = [
    ['when wrong ones came before', (parts, submitted, wrong) => [...wrong, ...parts, submitted]],
    [
      'when wrong ones came beside it',
      (parts, submitted, wrong) =>
        parts.flatMap((part, at) => [wrong[at]!, part]).concat(submitted),
    ],
    [
      'when wrong ones come after its submission',
      (parts, submitted, wrong) => [submitted, ...wrong, ...parts],
    ],
    [
      'when they come in the wrong order',
      (parts, submitted, wrong) => [parts[2]!, submitted, wrong[0]!, parts[1]!, parts[0]!],
    ],
    [
      'when wrong ones come at the end',
      (parts, submitted, wrong) => [...parts, submitted, ...wrong],
    ],
  ];
  it.each(orders)('%s', async (_, arrange) => {
    const { of, wrong, contents, purl, digest } = cut(evil);
    const { parts, submitted } = of('urn:parts:honest');
    expect(parts).toHaveLength(3);
    const bad = [0, 1, 2].map((index) => wrong(index, `wrong ${index} ${digest}`));
    const receipts: { status: string }[] = [];
    for (const one of arrange(parts, submitted, bad)) receipts.push(...(await field.post([one])));
    expect(new Set(statuses(receipts))).toEqual(new Set(['APPLIED']));
    expect(await contents()).toEqual([purl]);
  });

  it('from two submitters, of whom one lists wrong parts: the other one is not held up', async () => {
    const { of, wrong, contents, purl, digest } = cut(evil);
    const { parts, submitted } = of('urn:parts:honest');
    const bad = [0, 1, 2].map((index) => wrong(index, `wrong ${index} ${digest}`));
    const lie: Envelope = {
      ...{ specversion: '1.0', id: randomUUID(), source: evil, type: 'document.submitted' },
      data: {
        ...{ digest, parts: 3 },
        partDigests: bad.map(({ data }) => (data as { partDigest: string }).partDigest),
      },
    };
    expect(statuses(await field.post([...bad, lie]))).toEqual([
      ...['APPLIED', 'APPLIED', 'APPLIED', 'DEAD_LETTERED'],
    ]);
    expect(statuses(await field.post([...parts, submitted]))).toEqual(Array(4).fill('APPLIED'));
    expect(await contents()).toEqual([purl]);
    const other = of('urn:parts:second');
    expect(statuses(await field.post([...other.parts, other.submitted]))).toEqual(
      Array(4).fill('APPLIED'),
    );
  });

  it('and a part that does not hold what it promises is refused', async () => {
    const { of } = cut(evil);
    const [first, second] = of('urn:parts:honest').parts as (Envelope & {
      data: { data: string };
    })[];
    const [receipt] = await field.post([
      { ...first, id: randomUUID(), data: { ...first!.data, data: second!.data.data } },
    ]);
    expect(receipt).toMatchObject({ status: 'REJECTED', error: { code: 'DOCUMENT_MALFORMED' } });
  });
});
