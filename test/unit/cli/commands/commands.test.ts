/* eslint-disable @typescript-eslint/no-explicit-any -- the fake service gets any JSON */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addDeadLetters } from '../../../../src/cli/commands/dead-letters.ts';
import { addDiff } from '../../../../src/cli/commands/diff.ts';
import { addEvents } from '../../../../src/cli/commands/events.ts';
import { toFailure } from '../../../../src/cli/exit.ts';
import { addExport } from '../../../../src/cli/commands/export.ts';
import { addGet } from '../../../../src/cli/commands/get.ts';
import { addIngest } from '../../../../src/cli/commands/ingest.ts';
import { addLineage } from '../../../../src/cli/commands/lineage.ts';
import { addPath } from '../../../../src/cli/commands/path.ts';
import { addPublish } from '../../../../src/cli/commands/publish.ts';
import { addRecord } from '../../../../src/cli/commands/record.ts';
import { createTestIo } from '../../../support/cli-io.ts';

let server: Server;
let url: string;
let answer: (path: string, body: any) => unknown;
let seen: any[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      seen.push(body);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer(request.url ?? '', body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Runs one command in this process. */
function start(args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}) {
  const controller = new AbortController();
  const { io, written } = createTestIo(
    { ...env, STEMMA_URL: url },
    { input, signal: controller.signal },
  );
  const result = Object.assign(written, { message: '' });
  const program = new Command('stemma').exitOverride();
  const commands = [
    addDeadLetters,
    addDiff,
    addEvents,
    addExport,
    addGet,
    addIngest,
    addLineage,
    addPath,
  ];
  for (const add of [...commands, addPublish, addRecord]) add(program, io);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    if (command.commands.length === 0) command.option('--json');
  }
  const done = program.parseAsync([...args], { from: 'user' }).then(
    () => result,
    (error: unknown) => {
      const { exitCode: exit, message } = toFailure(error);
      return Object.assign(result, { exit, message });
    },
  );
  return {
    result,
    done,
    interrupt: () => {
      controller.abort();
    },
  };
}

const run = (args: readonly string[], input = '') => start(args, input).done;
const receipt = (one: any, rest = {}) => ({
  eventId: one.id,
  source: one.source,
  position: 7,
  status: 'ACCEPTED',
  error: null,
  ...rest,
});
const thing = (label: string, key: string, name: string | null = null) => ({
  id: `id:${key}`,
  label,
  key,
  name,
  resolved: true,
});

describe('get', () => {
  test('shows a thing and what is around it', async () => {
    answer = () => ({
      data: {
        resolve: {
          ...thing('Build', 'https://ci/1', 'nightly\u001b[2J'),
          buildState: 'SUCCEEDED',
          url: null,
          neighbors: {
            pageInfo: { hasNextPage: false },
            edges: [
              {
                type: 'BUILT_FROM',
                direction: 'OUT',
                trust: 'SIGNED',
                node: thing('Commit', 'abc'),
              },
            ],
          },
        },
      },
    });
    const { out, exit } = await run(['get', 'https://ci/1']);
    expect(exit).toBe(0);
    expect(out).toEqual([
      'Build https://ci/1',
      '  name: nightly\\u{1b}[2J',
      '  state: SUCCEEDED',
      '  -BUILT_FROM-> Commit abc [signed]',
    ]);
    const [json] = (await run(['get', 'https://ci/1', '--json'])).out;
    expect(JSON.parse(json!)).toMatchObject({ facts: { state: 'SUCCEEDED' }, label: 'Build' });
  });

  test('exits 4 where nothing is known under a name', async () => {
    answer = () => ({ data: { resolve: null } });
    expect(await run(['get', 'nothing'])).toMatchObject({
      exit: 4,
      message: "Nothing is known under 'nothing'.",
    });
  });

  test.each(['a43', 'SHA256:a43', '123456'])(
    'says where %s is too short to be a beginning',
    async (ref) => {
      answer = () => ({ data: { resolve: null } });
      const { message } = await run(['get', ref]);
      expect(message).toContain('too short: give at least 7 characters');
    },
  );

  test('lists what a name may mean', async () => {
    const candidates = [thing('Commit', 'abcdef0'), thing('Commit', 'abcdef1', 'one')];
    answer = () => ({
      data: { resolve: null },
      errors: [{ message: 'May name 2 things.', extensions: { code: 'AMBIGUOUS', candidates } }],
    });
    expect(await run(['get', 'abcdef'])).toMatchObject({
      exit: 2,
      err: ['  Commit abcdef0', '  Commit abcdef1 (one)'],
    });
  });
});

test('lineage asks for the thing that the reference names', async () => {
  const root = thing('Artifact', 'sha256:1');
  answer = (_path, { query }) =>
    query.includes('resolve(')
      ? { data: { resolve: root } }
      : {
          data: {
            lineage: {
              root,
              nodes: [{ depth: 1, node: thing('Build', 'b') }],
              edges: [{ from: root.id, to: 'id:b', type: 'GENERATED_BY', trust: 'UNVERIFIED' }],
              truncated: true,
              truncatedBy: 'LIMIT',
              completeness: {
                ...{ acceptedPosition: 12, throughPosition: 9 },
                ...{ lagSeconds: 1.2, deadLettered: 0, gaps: 0 },
              },
            },
          },
        };
  const { out, err, exit } = await run([
    'lineage',
    'sha256:1',
    '--up',
    '--depth',
    '3',
    '--limit',
    '1',
  ]);
  expect(seen[1].variables).toEqual({
    of: root.id,
    direction: 'UPSTREAM',
    maxDepth: 3,
    limit: 1,
    throughHistory: false,
    asOf: null,
  });
  expect(out).toEqual(['Artifact sha256:1', '└─ GENERATED_BY Build b']);
  expect(err).toEqual([
    expect.stringContaining('greater --limit'),
    expect.stringContaining('accepted up to 12, applied up to 9; the oldest waits for 2 s'),
  ]);
  expect(exit).toBe(0);
});

test.each([
  [['lineage', 'a', '--up']],
  [['lineage', 'a', '--up', '--format', 'dot']],
  [['export', 'a']],
  [['path', 'a', 'b', '--format', 'dot']],
  [['diff', 'a', 'b', '--format', 'dot']],
])('%j asks for the moment that --at and --known give', async (args) => {
  const lineage = { root: thing('Artifact', 'a'), nodes: [], edges: [], truncated: false };
  answer = (_path, { query }) => ({
    data: query.includes('resolve(')
      ? { resolve: thing('Artifact', 'a') }
      : { export: 'digraph', lineage },
  });
  await run([...args, '--at', '2026-11-01T00:00:00Z', '--known', '7']);
  expect(seen.at(-1).variables.asOf).toEqual({ valid: '2026-11-01T00:00:00Z', known: 7 });
  await run(args);
  expect(seen.at(-1).variables.asOf).toBeNull();
});

test('diff says where only part of the graph was read', async () => {
  const diff = (truncated: boolean) => ({
    ...{ totals: [], ranking: [], truncated, completeness: { lagSeconds: null } },
    changes: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } },
  });
  const errorsOf = async (truncated: boolean) => {
    answer = (_path, { query }) => ({
      data: query.includes('resolve(')
        ? { resolve: thing('Artifact', 'a') }
        : { diff: diff(truncated) },
    });
    return (await run(['diff', 'a', 'b'])).err.join();
  };
  expect(await errorsOf(true)).toContain('the answer is incomplete');
  expect(await errorsOf(false)).not.toContain('incomplete');
});

describe('record', () => {
  test.each([
    ['complete', 'completeDeployment', []],
    ['fail', 'failDeployment', ['--reason', 'why']],
    ['rollback', 'rollbackDeployment', ['--to', 'd-1', '--reason', 'why']],
    ['remove', 'removeDeployment', ['--reason', 'why']],
  ])('%s tells how a deployment ended', async (kind, mutation, flags) => {
    answer = (_, { variables }) => ({ data: { receipt: receipt(variables.input) } });
    expect(await run(['record', kind, 'd-2', ...flags])).toMatchObject({ exit: 0 });
    expect(seen[0].query).toContain(` ${mutation}(`);
    expect(seen[0].variables.input).toEqual({
      deployment: 'd-2',
      ...(flags.includes('--to') ? { to: 'd-1' } : {}),
      ...(flags.length === 0 ? {} : { reason: 'why' }),
    });
  });

  beforeEach(() => {
    answer = () => ({ data: { receipt: receipt({ id: 'e1', source: 'urn:stemma:graphql' }) } });
  });

  test('calls the mutation with the fields that were given', async () => {
    const commit = 'a'.repeat(40);
    const { out } = await run([
      ...['record', 'commit', commit, '--repository', 'https://github.com/org/app'],
      ...[
        '--parents',
        'b'.repeat(40),
        'c'.repeat(40),
        '--author-name',
        'Ada',
        '--author-email',
        'a@b',
      ],
      ...['--authored-at', '2026-11-21T10:00:00Z', '--correlation-id', 'c1', '--wait'],
    ]);
    expect(seen[0].query).toContain('recordCommit(');
    expect(seen[0].variables).toEqual({
      input: {
        commit,
        repository: 'https://github.com/org/app',
        parents: ['b'.repeat(40), 'c'.repeat(40)],
        author: { name: 'Ada', email: 'a@b' },
        authoredAt: '2026-11-21T10:00:00Z',
        correlationId: 'c1',
      },
      wait: 'APPLIED',
      waitMs: 60_000,
    });
    expect(out).toEqual(['ACCEPTED\t7\turn:stemma:graphql e1']);
  });

  test('starts a build, and completes it with an outcome and artifacts', async () => {
    await run(['record', 'build', 'https://ci/1', '--commit', 'a'.repeat(40)]);
    expect(seen[0].query).toContain('startBuild(input: $input');
    await run([
      ...['record', 'build', 'https://ci/1', '--outcome', 'success', '--artifacts'],
      ...['sha256:1,name=app.tgz,media-type=application/gzip,size=3', '{"digest":"sha256:2"}'],
    ]);
    expect(seen[1].query).toContain('completeBuild(input: $input');
    expect(seen[1].variables.input).toEqual({
      build: 'https://ci/1',
      outcome: 'SUCCESS',
      artifacts: [
        { digest: 'sha256:1', name: 'app.tgz', mediaType: 'application/gzip', size: 3 },
        { digest: 'sha256:2' },
      ],
    });
  });

  test('records artifacts and deployments', async () => {
    await run(['record', 'artifact', 'sha256:1', '--size', '5', '--contains', 'pkg:npm/a@1']);
    expect(seen[0].variables.input).toEqual({
      digest: 'sha256:1',
      size: 5,
      contains: ['pkg:npm/a@1'],
    });
    await run([
      'record',
      'deployment',
      'd1',
      '--environment',
      'prod',
      '--artifacts',
      'sha256:1',
      '--parallel',
    ]);
    expect(seen[1].variables.input).toEqual({
      deployment: 'd1',
      environment: 'prod',
      artifacts: ['sha256:1'],
      parallel: true,
    });
  });

  test.each([
    [['--production', '--no-transient'], { production: true, transient: false }],
    [[], {}],
  ])('of a deployment, %j says %j: what is left out is not known', async (flags, facts) => {
    await run(
      ['record', 'deployment', 'd-1', '--environment', 'prod', '--artifacts', 'sha256:1'].concat(
        flags,
      ),
    );
    expect(seen[0].variables.input).toEqual({
      ...{ deployment: 'd-1', environment: 'prod', artifacts: ['sha256:1'] },
      ...facts,
    });
  });

  test('fails where the event is refused', async () => {
    const error = {
      code: 'IDEMPOTENCY_CONFLICT',
      message: 'Was published before.',
      path: '',
      retryable: false,
    };
    answer = () => ({
      data: { receipt: receipt({ id: 'e1', source: 's' }, { status: 'REJECTED', error }) },
    });
    expect(await run(['record', 'artifact', 'sha256:1'])).toMatchObject({
      exit: 1,
      message:
        "Was published before. 'stemma get sha256:1' shows what is known. If this is right, say it with --correct.",
    });
  });

  test('--correct says it anew: no id or time of before', async () => {
    const before = new Date().toISOString();
    await run([
      ...['record', 'build', 'https://ci/1', '--outcome', 'failure', '--correct'],
      ...['--id', 'one', '--time', '2020-01-01T00:00:00Z'],
    ]);
    const { input } = seen[0].variables;
    expect(input).toEqual({ build: 'https://ci/1', outcome: 'FAILURE', time: expect.any(String) });
    expect(input.time >= before).toBe(true);
  });

  test('without a build it is about the run of the CI that it is called in, and what is given counts', async () => {
    const env = {
      ...{ GITLAB_CI: 'true', CI_JOB_URL: 'https://gitlab.example.org/acme/shop/-/jobs/81' },
      ...{ CI_PROJECT_URL: 'https://gitlab.example.org/acme/shop', CI_JOB_NAME: 'image' },
      CI_COMMIT_SHA: '5e1f'.repeat(10),
    };
    const { err } = await start(['record', 'build', '--name', 'mine'], '', env).done;
    expect(err).toEqual(['GitLab CI: https://gitlab.example.org/acme/shop/-/jobs/81']);
    expect(seen[0].variables.input).toEqual({
      build: 'https://gitlab.example.org/acme/shop/-/jobs/81',
      ...{ name: 'mine', repository: 'https://gitlab.example.org/acme/shop' },
      commit: '5e1f'.repeat(10),
    });
    expect(await run(['record', 'build'])).toMatchObject({
      exit: 2,
      message: expect.stringMatching(/^Say which build it is: .*CI/),
    });
    // a run that is named is told of by nobody else
    await start(['record', 'build', 'https://ci/1'], '', env).done;
    expect(seen[1].variables.input).toEqual({ build: 'https://ci/1' });
  });

  test.each([
    [
      ['verify', 'd-2', '--result', 'passed'],
      'verifyDeployment',
      { deployment: 'd-2', result: 'PASSED' },
    ],
    [
      ['sign', 'sha256:1', '--issuer', 'https://issuer', '--subject', 'me'],
      'signArtifact',
      { digest: 'sha256:1', signer: { issuer: 'https://issuer', subject: 'me' } },
    ],
    [
      [
        'vulnerability',
        'CVE-1',
        '--affects',
        'pkg:npm/a@1',
        '--severity',
        'high',
        '--score',
        '7.5',
      ],
      'reportVulnerability',
      { vulnerability: 'CVE-1', affects: ['pkg:npm/a@1'], severity: 'HIGH', score: 7.5 },
    ],
  ])('%j is %s', async (args, mutation, input) => {
    expect(await run(['record', ...args])).toMatchObject({ exit: 0 });
    expect(seen[0].query).toContain(` ${mutation}(`);
    expect(seen[0].variables.input).toEqual(input);
  });

  test('a score is a number from 0 to 10', async () => {
    const given = ['record', 'vulnerability', 'CVE-1', '--affects', 'pkg:npm/a@1', '--score'];
    for (const score of ['11', 'high']) {
      expect(await run([...given, score])).toMatchObject({
        exit: 2,
        message: '--score must be a number from 0 to 10.',
      });
    }
  });
});

describe('publish', () => {
  test('sends the events of standard input and prints their receipts', async () => {
    answer = (path, body) => {
      expect(path).toBe('/events?wait=accepted&waitMs=30000');
      return { receipts: body.map((one: any) => receipt(one)) };
    };
    const lines = '{"id":"1","source":"s"}\n{"id":"2","source":"s"}\n';
    expect(await run(['publish'], lines)).toMatchObject({
      exit: 0,
      out: ['ACCEPTED\t7\ts 1', 'ACCEPTED\t7\ts 2'],
      err: ['2 accepted'],
    });
    const { out } = await run(['publish', '-', '--json'], '[{"id":"1","source":"s"}]');
    expect(JSON.parse(out[0]!)).toMatchObject({ statuses: { ACCEPTED: 1 } });
  });

  test('exits 1 where one is rejected', async () => {
    const error = {
      code: 'EVENT_MALFORMED',
      message: 'is bad',
      path: 'events.0',
      retryable: false,
    };
    answer = (_path, body) => ({
      receipts: body.map((one: any) => receipt(one, { status: 'REJECTED', position: null, error })),
    });
    expect(await run(['publish'], '{"id":"1","source":"s"}')).toMatchObject({
      exit: 1,
      out: ['REJECTED\t-\ts 1\tEVENT_MALFORMED: is bad'],
    });
  });

  test('tells what of an accepted event has no effect, and exits 0', async () => {
    const warnings = ["'x' names nothing."];
    answer = (path, body) =>
      path === '/graphql'
        ? { data: { receipt: receipt({ id: '1', source: 's' }, { warnings }) } }
        : { receipts: body.map((one: any) => receipt(one, { warnings })) };
    const told = ["warning: 'x' names nothing."];
    expect(await run(['publish'], '{"id":"1","source":"s"}')).toMatchObject({
      ...{ exit: 0, out: ['ACCEPTED\t7\ts 1'] },
      err: [...told, '1 accepted'],
    });
    const args = ['record', 'build', 'https://ci/1'];
    expect(await run(args)).toMatchObject({ exit: 0, err: told });
  });

  test('sends nothing where a line is not JSON', async () => {
    expect(await run(['publish'], '{"id":"1"}\nnonsense\n')).toMatchObject({
      exit: 2,
      message: '- is not JSON: line 2 is broken; nothing was sent.',
    });
    expect(seen).toEqual([]);
  });
});

test.each([
  [['events', '--type', 'build.queued', '--since', '2026-11-20T00:00:00Z'], 'event'],
  [
    ['dead-letters', 'list', '--type', 'build.queued', '--since', '2026-11-20T00:00:00Z'],
    'dead letter',
  ],
])('%j says that it is empty, and by which filter', async (args, what) => {
  const none = { nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
  answer = () => ({ data: { events: none, deadLetters: none } });
  const { out, err, exit } = await run(args);
  expect([out, exit]).toEqual([[], 0]);
  expect(err).toEqual([
    `There is no ${what} with --type build.queued, --since 2026-11-20T00:00:00Z.`,
  ]);
});

test('ingest sends what a file holds and says so', async () => {
  answer = (_path, body) => ({ receipts: body.map((one: any) => receipt(one)) });
  const event = {
    specversion: '1.0',
    id: '1',
    source: 's',
    type: 'build.queued',
    data: { build: 'b' },
  };
  const { out, err, exit } = await run(['ingest', '-'], JSON.stringify(event));
  expect(seen).toEqual([[event]]);
  expect({ out, err, exit }).toEqual({
    out: ['accepted\tcloudevents\t1\t-\t'],
    err: ['1 accepted, 0 refused, 1 events: 1 new, 0 known.'],
    exit: 0,
  });
});

test('ingest says what was known before, and that it waited', async () => {
  answer = (_path, body) => ({
    receipts: body.map((one: any) =>
      receipt(one, { status: one.id === '1' ? 'DUPLICATE' : 'APPLIED' }),
    ),
  });
  const events = ['1', '2', '3'].map((id) => ({
    ...{ specversion: '1.0', id, source: 's', type: 'build.queued', data: { build: 'b' } },
  }));
  const { err } = await run(['ingest', '-', '--wait'], JSON.stringify(events));
  expect(err).toEqual(['1 accepted, 0 refused, 3 events: 2 new, 1 known, in the graph.']);
});

describe('events', () => {
  /** A log, newest first, as the service pages it. */
  const log: { position: number; id: string; type: string }[] = [];
  const add = (...positions: number[]): void => {
    for (const position of positions) {
      log.push({
        position,
        id: `id${position}`,
        type: 'build.started',
        source: 's',
        eventId: 'e',
      } as any);
    }
    log.sort((a, b) => b.position - a.position);
  };

  beforeEach(() => {
    log.length = 0;
    answer = (_path, { variables }) => {
      const from = variables.after === null ? Infinity : Number(variables.after);
      const rest = log.filter(({ position }) => position < from);
      const page = rest.slice(0, variables.first);
      const edges = page.map((node) => ({ cursor: String(node.position), node }));
      return { data: { events: { edges, pageInfo: { hasNextPage: rest.length > page.length } } } };
    };
  });

  test('lists the newest, oldest first, with the filters that were given', async () => {
    add(...Array.from({ length: 700 }, (_, at) => at));
    const { out } = await run([
      ...['events', '--json', '--limit', '600', '--type', 't', '--source', 's', '--subject', 'u'],
      ...[
        '--since',
        'a',
        '--until',
        'b',
        '--correlation',
        'c',
        '--causation',
        'd',
        '--workflow',
        'w',
        '--outcome',
        'o',
      ],
    ]);
    const { events } = JSON.parse(out[0]!) as { events: { position: number }[] };
    expect(events.map(({ position }) => position)).toEqual(
      Array.from({ length: 600 }, (_, at) => at + 100),
    );
    expect(seen[0].variables).toEqual({
      ...{ type: 't', source: 's', subject: 'u', since: 'a', until: 'b', outcome: 'o' },
      ...{ correlationId: 'c', causationId: 'd', workflowId: 'w', first: 500, after: null },
    });
  });
});
