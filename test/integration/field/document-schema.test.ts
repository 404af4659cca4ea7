import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

/** Issue 17, item 18: a document is checked alike wherever it comes in, and whoever sends it hears the same words. */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const source = `urn:schema:${randomUUID()}`;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** With something that the schema forbids where nothing is read. */
function odd(long = ''): string {
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: [{ type: 'library', name: randomUUID(), supplier: { shoe: 'size', long } }],
  });
}
const COMPLAINT =
  /^By the schema of CycloneDX 1\.6, 'components\.0\.supplier' must not have a member '(?:shoe|long)'\.$/;

async function post(content: string) {
  const digest = `sha256:${hash(content)}`;
  const [receipt] = await field.post([
    {
      specversion: '1.0',
      id: digest,
      source,
      type: 'document.submitted',
      data: { digest, content },
    },
  ]);
  return receipt;
}

async function mutate(content: string) {
  const query = `mutation ($input: SubmitDocumentInput!) {
    submitDocument(input: $input, wait: APPLIED) { status error { code message } warnings }
  }`;
  return (await field.ask(query, { input: { content, source } })).submitDocument;
}

async function ingest(content: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'stemma-schema-')), 'sbom.json');
  writeFileSync(file, content);
  const { report } = await field.ingest([file]);
  return report!.files[0]!.warnings!.map(({ reason }) => reason);
}

describe('what the schema of a document forbids is a warning', () => {
  it('on the receipt of POST /events and of submitDocument, in the words of stemma ingest', async () => {
    const [events, mutation, command] = [odd(), odd(), odd()];
    expect(await post(events)).toMatchObject({
      ...{ status: 'APPLIED', warnings: [expect.stringMatching(COMPLAINT)] },
    });
    expect(await mutate(mutation)).toMatchObject({
      ...{ status: 'APPLIED', warnings: [expect.stringMatching(COMPLAINT)] },
    });
    expect(await ingest(command)).toEqual([expect.stringMatching(COMPLAINT)]);
  });

  it('of a document that travels in parts as well', async () => {
    const receipt = await mutate(odd('x'.repeat(1_100_000)));
    expect(receipt).toMatchObject({ status: 'APPLIED', error: null });
    expect(receipt.warnings).toEqual([expect.stringMatching(COMPLAINT)]);
  });
});

describe('a document that cannot be read is refused', () => {
  it.each([
    ['in one event', ''],
    ['in parts', 'x'.repeat(1_100_000)],
  ])('%s, and nothing of it becomes a dead letter', async (_, long) => {
    const content = JSON.stringify({ bomFormat: 'Other', specVersion: '1.6', long });
    expect(await mutate(content)).toMatchObject({
      status: 'REJECTED',
      error: {
        code: 'DOCUMENT_MALFORMED',
        message: `The document's 'bomFormat' is "Other"; it must be "CycloneDX".`,
      },
    });
  });
});
