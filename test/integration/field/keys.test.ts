import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_KEY_BYTES } from '../../../src/model/text.ts';
import { startField, type Field } from '../../support/field.ts';
import { HOSTILE_TEXTS } from '../../support/indexed.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

/** Issue 17, item 22, through a real service: nothing that is too long for an index of the graph becomes a dead letter. */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const run = randomUUID().slice(0, 8);
const source = `urn:keys:${run}`;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const digest = `sha256:${hash(run)}`;
const commit = hash(`${run} commit`).slice(0, 40);

async function deadLetters(): Promise<unknown[]> {
  const { deadLetters: found } = await field.ask(
    `query ($source: String!) { deadLetters(filter: {source: $source}) { nodes { eventId code reason } } }`,
    { source },
  );
  return found.nodes as unknown[];
}

describe('a key that no index takes', () => {
  it('is refused where events come in over HTTP, and its neighbours are applied', async () => {
    const sent = [
      ['source.commit.created', { commit, repository: HOSTILE_TEXTS['a URL'] }],
      ['artifact.created', { digest, purl: HOSTILE_TEXTS['a package URL'] }],
      [
        'artifact.signed',
        { digest, signer: { issuer: HOSTILE_TEXTS['a name'], subject: HOSTILE_TEXTS['a name'] } },
      ],
      [
        'vulnerability.detected',
        { vulnerability: `CVE-${run}`, affects: [HOSTILE_TEXTS['a BOM-Link']] },
      ],
      ['artifact.created', { digest }],
    ].map(([type, data], at) => ({ specversion: '1.0', id: `http-${at}`, source, type, data }));
    const receipts = await field.post(sent);
    expect(receipts.map(({ status, error }) => [status, error?.path])).toEqual([
      ['REJECTED', 'events.0.data.repository'],
      ['REJECTED', 'events.1.data.purl'],
      ['REJECTED', 'events.2.data.signer'],
      ['REJECTED', 'events.3.data.affects.0'],
      ['APPLIED', undefined],
    ]);
    expect(await deadLetters()).toEqual([]);
  });

  it('is refused by mutations', async () => {
    const { build, record } = await field.ask(
      `mutation ($build: StartBuildInput!, $commit: RecordCommitInput!) {
        build: startBuild(input: $build) { status error { code path message } }
        record: recordCommit(input: $commit) { status error { code path message } }
      }`,
      {
        build: {
          source,
          build: `https://ci.example/${run}`,
          materials: [HOSTILE_TEXTS['a package URL']],
        },
        commit: { source, commit, repository: HOSTILE_TEXTS['a URL'] },
      },
    );
    expect([build, record]).toMatchObject([
      { status: 'REJECTED', error: { path: expect.stringContaining('materials.0') } },
      { status: 'REJECTED', error: { path: expect.stringContaining('repository') } },
    ]);
    expect(await deadLetters()).toEqual([]);
  });

  it.each([
    [
      'CycloneDX',
      {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        serialNumber: `urn:uuid:${'漢'.repeat(4000)}`,
        metadata: { component: { type: 'container', name: run, version: digest } },
        components: [
          { type: 'library', name: 'long', purl: HOSTILE_TEXTS['a package URL'] },
          { type: 'library', name: `ok-${run}`, purl: `pkg:npm/ok-${run}@1.0.0` },
        ],
        vulnerabilities: [
          { id: `CVE-${run}-doc`, affects: [{ ref: HOSTILE_TEXTS['a BOM-Link'] }] },
          { id: '漢'.repeat(4000), affects: [] },
        ],
      },
      [
        "'components.0.purl'",
        "'serialNumber'",
        "'vulnerabilities.0.affects.0.ref'",
        "'vulnerabilities.1.id'",
      ],
    ],
    [
      'provenance',
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: run, digest: { sha256: digest.slice(7) } }],
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: {
          buildDefinition: {
            buildType: 'urn:x',
            resolvedDependencies: [
              { uri: HOSTILE_TEXTS['a URL']?.repeat(2) },
              { uri: `git+https://git.example.com/${run}`, digest: { sha1: commit } },
            ],
          },
          runDetails: {
            builder: { id: HOSTILE_TEXTS['a URL']?.repeat(2) },
            metadata: { invocationId: `https://ci.example/${run}/1` },
          },
        },
      },
      ['The builder', 'The dependency'],
    ],
  ])('costs a document nothing but the part that it is in: %s', async (_, document, warned) => {
    const content = JSON.stringify(document);
    const { submitDocument } = await field.ask(
      `mutation ($input: SubmitDocumentInput!) {
        submitDocument(input: $input, wait: APPLIED) { status error { message } warnings }
      }`,
      { input: { content, source } },
    );
    expect(submitDocument).toMatchObject({ status: 'APPLIED', error: null });
    for (const start of warned) {
      expect(submitDocument.warnings).toContainEqual(expect.stringContaining(start));
    }
    expect(await deadLetters()).toEqual([]);
  });
});

it('the longest key is found by every index, and a longer one that came past the edge is told in our words', async () => {
  const pipeline = await createPipeline(sharedServers());
  const name = '漢'.repeat(1_999);
  const branch = (id: string, bytes: number) => {
    const start = `https://git.example.com/${run}/`;
    const rest = bytes - Buffer.byteLength(`${start}@refs/heads/${name}`);
    const data = { repository: `${start}${'r'.repeat(rest)}`, name };
    return { specversion: '1.0', id, source, type: 'source.branch.created', data };
  };
  try {
    await pipeline.startWriter();
    for (const [n, event] of [
      [1, branch(`within-${run}`, MAX_KEY_BYTES)],
      [2, branch(`beyond-${run}`, MAX_KEY_BYTES + 1)],
    ] as const) {
      await pipeline.append(pipeline.keys.stream('source'), {
        ...{ n, acceptedAt: 1, e: JSON.stringify(event) },
      });
    }
    await pipeline.caughtUp();
    const dead = await pipeline.deadLetters();
    expect(dead).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    expect(JSON.stringify(dead)).toContain(
      "'name' has 8001 bytes in canonical form; at most 8000 are allowed: give a shorter one.",
    );
    const { events } = await field.ask(
      `query ($source: String!) { events(source: $source, type: "source.branch.created") { nodes { eventId } } }`,
      { source },
    );
    expect(events.nodes).toEqual([{ eventId: `within-${run}` }]);
  } finally {
    await pipeline.stop();
  }
});
