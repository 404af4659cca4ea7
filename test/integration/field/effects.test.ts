import { randomUUID } from 'node:crypto';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const run = randomUUID().slice(0, 8);
const source = `urn:feed:${run}`;
let count = 0;

function event(type: string, data: object) {
  return { specversion: '1.0', id: `e${(count += 1)}`, source, type, data };
}

/** The warnings of its receipt, and those that the event has afterwards. */
async function warningsOf(sent: ReturnType<typeof event>) {
  const [receipt] = await field.post([sent]);
  expect(receipt.status).toBe('APPLIED');
  const query = `query ($source: String!) {
    events(source: $source, first: 500) { nodes { eventId warnings } }
  }`;
  const { events } = await field.ask(query, { source });
  const found = events.nodes.find(({ eventId }: { eventId: string }) => eventId === sent.id);
  return { receipt: receipt.warnings ?? [], event: found.warnings };
}

describe('an event that is accepted and changes no answer says so', () => {
  it('in its receipt and afterwards, where a reference cannot be compared', async () => {
    const affects = ['pkg:npm/a@1.0.0', 'pkg:npm/a?vers=vers:pypi/<2'];
    const told = await warningsOf(
      event('vulnerability.detected', { vulnerability: `CVE-${run}-1`, affects }),
    );
    expect(told.receipt).toEqual([expect.stringContaining("it is about 'pypi'")]);
    expect(told.event).toEqual(told.receipt);
  });

  it('and says nothing where all of it counts', async () => {
    const data = { vulnerability: `CVE-${run}-1`, affects: ['pkg:npm/a@1.0.0'] };
    expect(await warningsOf(event('vulnerability.detected', data))).toEqual({
      receipt: [],
      event: [],
    });
  });

  it.each([
    ['claim.withdrawn', { claim: `${source} never` }, `'${source} never' is known`],
    [
      'vulnerability.withdrawn',
      { vulnerability: `CVE-${run}-1`, claims: [`${source} never`] },
      `'${source} never' is known`,
    ],
    ['vulnerability.withdrawn', { vulnerability: `CVE-${run}-none` }, 'Nobody has said what'],
    [
      'alias.withdrawn',
      { alias: `GHSA-${run}`, of: `CVE-${run}-1`, claim: `${source} never` },
      'nothing was withdrawn yet',
    ],
  ])('where it takes back what is not known: %s %j', async (type, data, why) => {
    const told = await warningsOf(event(type, data));
    expect(told.receipt).toEqual([expect.stringContaining(why)]);
    expect(told.event).toEqual(told.receipt);
  });

  it('until that comes', async () => {
    const [alias, of] = [`GHSA-${run}-late`, `CVE-${run}-late`];
    const asserted = event('alias.asserted', { alias, of });
    const claim = `${source} ${asserted.id}`;
    const withdrawn = event('alias.withdrawn', { alias, of, claim });
    expect((await warningsOf(withdrawn)).event).toHaveLength(1);
    await field.post([asserted]);
    const { events } = await field.ask(
      `query ($source: String!) { events(source: $source, type: "alias.withdrawn") { nodes { eventId warnings } } }`,
      { source },
    );
    const found = events.nodes.find(({ eventId }: { eventId: string }) => eventId === withdrawn.id);
    expect(found.warnings).toEqual([]);
    const after = await warningsOf(event('claim.withdrawn', { claim, reason: 'for certain' }));
    expect(after).toEqual({ receipt: [], event: [] });
  });

  it('where a document says it, in the receipt and on the document', async () => {
    const content = JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${randomUUID()}`,
      components: [{ type: 'library', name: 'a', purl: 'pkg:npm/a@1.0.0', 'bom-ref': 'a' }],
      vulnerabilities: [
        {
          id: `CVE-${run}-2`,
          analysis: { state: 'not_affected' },
          affects: [
            { ref: 'nowhere' },
            { ref: 'a', versions: [{ range: 'vers:npm/>=2|<1', status: 'affected' }] },
          ],
        },
      ],
    });
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const [receipt] = await field.post([event('document.submitted', { digest, content })]);
    expect(receipt.warnings).toEqual([
      expect.stringContaining("'vulnerabilities.0.affects.0.ref' names no component (nowhere)"),
      expect.stringContaining("'vulnerabilities.0.affects.1.versions' has the range"),
    ]);
    const document = await field.resolve(digest, '... on Document { warnings }');
    expect(document?.warnings).toEqual(receipt.warnings);
  });

  it('to GraphQL as to REST, as far as it is known without waiting', async () => {
    const { reportVulnerability: receipt } = await field.ask(
      `mutation ($input: ReportVulnerabilityInput!) {
        reportVulnerability(input: $input, wait: ACCEPTED) { status warnings }
      }`,
      { input: { source, vulnerability: `CVE-${run}-3`, affects: ['https://example.com/thing'] } },
    );
    expect(receipt).toEqual({
      status: 'ACCEPTED',
      warnings: [expect.stringContaining('neither a package URL nor a digest')],
    });
  });
});
