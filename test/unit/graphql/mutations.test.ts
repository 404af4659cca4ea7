import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseEvent, type StemmaEvent } from '../../../src/model/event.ts';
import {
  createTestGraphql,
  fakeReader,
  recordingIntake,
  type Asked,
} from '../../support/graphql.ts';

const SHA = 'a'.repeat(40);
const DIGEST = `sha256:${'b'.repeat(64)}`;

/** One complete call of each mutation that makes one event. */
const CALLS: readonly [name: string, type: string, input: string][] = [
  [
    'recordCommit',
    'source.commit.created',
    `commit: "${SHA}", repository: "https://example.org/a/b", parents: ["${SHA}"], message: "m", author: { name: "n", email: null }, authoredAt: "2026-11-21T10:00:00+01:00"`,
  ],
  [
    'startBuild',
    'build.started',
    `build: "https://ci.example/1", commit: "${SHA}", materials: ["${DIGEST}"]`,
  ],
  [
    'completeBuild',
    'build.completed',
    `build: "https://ci.example/1", outcome: SUCCESS, artifacts: [{ digest: "${DIGEST}", size: 5000000000, name: null }]`,
  ],
  [
    'recordArtifact',
    'artifact.created',
    `digest: "${DIGEST}", purl: "pkg:npm/a@1", contains: ["pkg:npm/b@2"]`,
  ],
  [
    'signArtifact',
    'artifact.signed',
    `digest: "${DIGEST}", signer: { issuer: "https://issuer", subject: "someone" }`,
  ],
  [
    'recordDeployment',
    'deployment.created',
    `deployment: "d1", artifacts: ["${DIGEST}"], environment: "prod", parallel: false, ref: "v4", production: false, parameterNames: ["a"]`,
  ],
  ['completeDeployment', 'deployment.completed', 'deployment: "d1"'],
  ['failDeployment', 'deployment.failed', 'deployment: "d1", reason: "r"'],
  ['removeDeployment', 'deployment.removed', 'deployment: "d1"'],
  ['rollbackDeployment', 'deployment.rolledback', 'deployment: "d1", to: "d0"'],
  ['verifyDeployment', 'deployment.verified', 'deployment: "d1", result: PASSED'],
  [
    'reportVulnerability',
    'vulnerability.detected',
    'vulnerability: "CVE-2026-1", affects: ["pkg:npm/a@1"], severity: HIGH, score: 9.8',
  ],
  ['submitDocument', 'document.submitted', 'content: "{}", name: "sbom.json"'],
];

describe('mutations', () => {
  let asked: Asked;
  let recorded: ReturnType<typeof recordingIntake>;
  beforeEach(async () => {
    recorded = recordingIntake();
    asked = await createTestGraphql({
      intake: recorded.intake,
      reader: fakeReader({ lastWord: async () => null }),
    });
  });
  afterEach(async () => asked.graphql.stop());

  const events = (): StemmaEvent[] =>
    recorded.accepted.flatMap(({ submissions }) =>
      submissions.map((submission) => {
        if (!('value' in submission)) throw new Error('not sent');
        expect(JSON.parse(submission.raw)).toEqual(submission.value);
        return parseEvent(submission.value);
      }),
    );

  it.each(CALLS)(
    '%s sends a valid %s, the same one when it is called again',
    async (name, type, input) => {
      const query = `mutation { ${name}(input: { ${input} }) { eventId source position status error { code } } }`;
      const first = await asked.ask(query);
      expect(first.errors).toEqual([]);
      await asked.ask(query);
      const [event, again] = events();
      expect(event?.envelope).toMatchObject({ type, source: 'urn:stemma:graphql' });
      expect(event?.envelope.time).toBeUndefined();
      expect(again).toEqual(event);
      expect(first.data[name]).toEqual({
        eventId: event?.envelope.id,
        source: 'urn:stemma:graphql',
        position: 1,
        status: 'ACCEPTED',
        error: null,
      });
    },
  );

  it('takes id, source, time and the links to other events as given', async () => {
    const given = `id: "e1", source: "urn:ci", time: "2026-11-21T10:00:00+01:00", correlationId: "c", causationId: "k", workflowId: "w"`;
    await asked.ask(
      `mutation { startBuild(input: { build: "1", ${given} }, wait: APPLIED, waitMs: 5) { status } }`,
    );
    expect(events()[0]?.envelope).toMatchObject({
      id: 'e1',
      source: 'urn:ci',
      time: '2026-11-21T10:00:00+01:00',
      correlationid: 'c',
      causationid: 'k',
      workflowid: 'w',
      data: { build: '1' },
    });
    expect(recorded.accepted[0]?.options).toEqual({ wait: 'APPLIED', waitMs: 5 });
  });

  it('gives different facts different ids', async () => {
    for (const build of ['1', '2'])
      await asked.ask(`mutation { startBuild(input: { build: "${build}" }) { status } }`);
    await asked.ask(
      'mutation { completeBuild(input: { build: "1", outcome: SUCCESS }) { status } }',
    );
    expect(new Set(events().map(({ envelope }) => envelope.id)).size).toBe(3);
  });

  it('publishes events as they are, in order', async () => {
    const list = CALLS.slice(0, 3).map((_, at) => ({
      specversion: '1.0',
      id: `e${at}`,
      source: 'urn:x',
      nested: { a: [1, null] },
    }));
    const query =
      'mutation ($events: [JSON!]!) { publishEvents(events: $events) { eventId position } }';
    const { data } = await asked.ask(query, { events: list });
    expect(data.publishEvents).toEqual(
      list.map(({ id }, at) => ({ eventId: id, position: at + 1 })),
    );
    const [batch] = recorded.accepted;
    expect(batch?.submissions.map((one) => ('value' in one ? one.value : null))).toEqual(list);
  });

  it.each([[0], [1_001]])('refuses %d events at once', async (count) => {
    const query = 'mutation ($events: [JSON!]!) { publishEvents(events: $events) { status } }';
    const answer = await asked.ask(query, { events: Array.from({ length: count }, () => ({})) });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(recorded.accepted).toEqual([]);
  });

  it.each([
    ['a key __proto__', '{ __proto__: { polluted: true } }', 'JSON_FORBIDDEN_KEY'],
    [
      'a number that would be changed',
      '{ data: { size: 9007199254740993 } }',
      'JSON_NUMBER_UNSAFE',
    ],
    ['a number beyond all numbers', '{ data: [1e400] }', 'JSON_NOT_FINITE'],
    ['U+0000', '{ id: "\\u0000" }', 'JSON_NUL'],
  ])('S25 F31 refuses %s in a literal, as in a variable', async (_, literal, reason) => {
    const answer = await asked.ask(`mutation { publishEvents(events: [${literal}]) { status } }`);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors[0]?.extensions).toMatchObject({ reason });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(recorded.accepted).toEqual([]);
  });

  it('reads a document from base64 as the same bytes', async () => {
    const content = Buffer.from('{"ü":1}').toString('base64');
    await asked.ask(
      `mutation { submitDocument(input: { contentBase64: "${content}" }) { status } }`,
    );
    expect(events()[0]?.body.data).toMatchObject({ content: '{"ü":1}', size: 8 });
  });

  it.each([
    ['content and contentBase64', 'content: "a", contentBase64: "YQ=="', 'BAD_USER_INPUT'],
    ['neither', 'name: "a"', 'BAD_USER_INPUT'],
    ['what is not base64', 'contentBase64: "?"', 'BAD_USER_INPUT'],
    ['what is not text', 'contentBase64: "/w=="', 'BAD_USER_INPUT'],
    ['more than an event can carry', `content: "${'x'.repeat(900_001)}"`, 'PAYLOAD_TOO_LARGE'],
    [
      'more than it can carry once escaped',
      `content: "${'\\"'.repeat(500_000)}"`,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('refuses a document with %s', async (_, input, code) => {
    const answer = await asked.ask(`mutation { submitDocument(input: { ${input} }) { status } }`);
    expect(answer.codes).toEqual([code]);
    expect(recorded.accepted).toEqual([]);
  });

  it('hands a long document to whoever can send it in parts', async () => {
    const sizes: number[] = [];
    const parted = await createTestGraphql({
      submitDocument: async ({ bytes, envelope }) => {
        sizes.push(bytes.length);
        return {
          eventId: envelope.id,
          source: envelope.source,
          position: 9,
          status: 'ACCEPTED',
          first: null,
          error: null,
        };
      },
    });
    const answer = await parted.ask(
      `mutation { submitDocument(input: { content: "${'x'.repeat(1_000_000)}" }) { position } }`,
    );
    expect([answer.data, sizes]).toEqual([{ submitDocument: { position: 9 } }, [1_000_000]]);
    await parted.graphql.stop();
  });
});
