import { describe, expect, test } from '@jest/globals';
import { recogniseGithubWebhook } from '../../../src/foreign/github/recognition.ts';
import { gitlabKindOf, mapGitlabWebhook } from '../../../src/foreign/gitlab/webhook.ts';
import { accept, fixture, readJson, refusal, testWithData } from './event-samples.ts';

const sample = (name: string) => fixture(`gitlab-webhooks/${name}-event.json`);
const events = (value: unknown) =>
  mapGitlabWebhook(value).map((envelope) => ({ envelope, body: accept(envelope).body }));
const bodies = (value: unknown) =>
  events(value)
    .map(({ body }) => body)
    .filter(({ type }) => type !== 'source.repository.named');

describe('recognition', () => {
  test.each(['build', 'deployment', 'pipeline', 'push', 'tag'])('tells %s', (name) => {
    const kind = name === 'tag' ? 'tag_push' : name;
    expect(gitlabKindOf(sample(name))).toBe(kind);
    expect(recogniseGithubWebhook(sample(name))).toBeNull();
  });

  test('leaves the webhooks of others alone', () => {
    expect(gitlabKindOf(fixture('github-webhooks/push.json'))).toBeNull();
    expect(gitlabKindOf({ object_kind: 'push' })).toBeNull();
    expect(gitlabKindOf({ event_name: 'project_rename', project_id: 7 })).toBe('project_rename');
  });

  test('says that a hook without the page of its project cannot be placed', () => {
    const { details } = refusal(() =>
      mapGitlabWebhook({ event_name: 'project_rename', project_id: 7 }),
    );
    expect(details['path']).toBe('project.web_url');
  });
});

describe('a job', () => {
  const job = 'https://192.168.64.1:3005/gitlab-org/gitlab-test/-/jobs/1977';

  test.each([
    ['created', ['build.queued'], null],
    ['manual', ['custom'], null],
    ['running', ['build.started'], null],
    ['success', ['build.completed'], 'success'],
    ['failed', ['build.completed'], 'failure'],
    ['canceled', ['build.completed'], 'cancelled'],
    ['a word of next year', ['custom'], null],
  ] as const)('with status %s is %j', (status, types, outcome) => {
    const payload = sample('build');
    payload.build_status = status;
    const found = bodies(payload);
    expect(found.map(({ type }) => type)).toEqual(types);
    if (outcome !== null) expect(found.at(-1)?.data).toMatchObject({ build: job, outcome });
  });

  test('that ended with a word of next year is over with that word', () => {
    const payload = sample('build');
    payload.build_status = 'archived';
    payload.build_started_at = '2026-05-01 10:00:00 UTC';
    payload.build_finished_at = '2026-05-01 12:05:00 +0200';
    const found = events(payload);
    expect(found.map(({ body, envelope }) => [body.type, envelope.time])).toEqual([
      ['build.started', '2026-05-01T10:00:00Z'],
      ['build.completed', '2026-05-01T12:05:00+02:00'],
      ['source.repository.named', '2026-05-01T10:00:00Z'],
    ]);
    expect(found[1]?.body.data).toMatchObject({
      outcome: 'archived',
      commit: '2293ada6b400935a1378653304eaf6221e0fdb8f',
    });
  });
});

test('a pipeline is a build, and so is each of its jobs', () => {
  const found = bodies(sample('pipeline')).filter(({ type }) => type === 'build.completed');
  const server = 'https://192.168.64.1:3005/gitlab-org/gitlab-test/-';
  expect(found[0]?.data).toMatchObject({
    build: `${server}/pipelines/31`,
    outcome: 'success',
    trigger: 'merge_request_event',
    commit: 'bcbb5ec396a2c0f828686f14fac9b80b780504f2',
  });
  expect(found[1]?.data).toMatchObject({
    build: `${server}/jobs/380`,
    name: 'production',
    outcome: 'cancelled',
    workflow: `${server}/pipelines/31`,
  });
  expect(new Set(found.map(({ data }) => (data as { build: string }).build)).size).toBe(
    found.length,
  );
});

describe('a deployment', () => {
  test.each([
    ['created', 'deployment.progressed', { phase: 'queued' }],
    ['blocked', 'deployment.progressed', { phase: 'waiting' }],
    ['running', 'deployment.progressed', { phase: 'running' }],
    ['success', 'deployment.completed', {}],
    ['failed', 'deployment.failed', { reason: 'failed' }],
    ['canceled', 'deployment.failed', { reason: 'canceled' }],
    ['skipped', 'deployment.progressed', { phase: 'skipped' }],
    ['a word of next year', 'deployment.progressed', { phase: 'a word of next year' }],
  ])('with status %s is %s', (status, type, data) => {
    const payload = sample('deployment');
    payload.status = status;
    const [created, word] = bodies(payload);
    expect(created).toMatchObject({
      type: 'deployment.created',
      data: {
        deployment: 'deployments/15',
        environment: 'staging',
        scope: 'https://10.126.0.2:3000/root/test-deployment-webhooks',
        commit: '279484c09fbe69ededfced8c1bb6e6d24616b468',
      },
    });
    expect(word).toMatchObject({ type, data });
  });

  test.each([
    ['production', true],
    ['staging', false],
    ['other', undefined],
    ['a tier of next year', undefined],
    [undefined, undefined],
  ])('to the tier %s: production %s', (tier, production) => {
    const [created] = bodies({ ...sample('deployment'), environment_tier: tier, ref: 'v2' });
    expect(created?.data).toMatchObject({ ref: 'v2' });
    expect((created?.data as { production?: boolean }).production).toBe(production);
  });

  test('belongs to its job', () => {
    const [first] = mapGitlabWebhook(sample('deployment'));
    expect(first?.correlationid).toBe(
      'https://10.126.0.2:3000/root/test-deployment-webhooks/-/jobs/796',
    );
    expect(first?.time).toBe('2021-04-28T21:50:00+02:00');
  });
});

test('a push brings its commits, a tag its name', () => {
  expect(bodies(sample('push')).map(({ type }) => type)).toEqual([
    'source.commit.created',
    'source.commit.created',
  ]);
  expect(bodies(sample('tag')).at(-1)).toMatchObject({
    type: 'source.branch.created',
    data: {
      name: 'v1.0.0',
      refType: 'tag',
      commit: '82b3d5ae55f7080f1e6022629cdb57bfae7cccc7',
    },
  });
  const payload = sample('push');
  payload.after = '0'.repeat(40);
  expect(bodies(payload).map(({ type }) => type)).toEqual(['custom']);
});

test('a merge request that was merged is a change of the source; before that it is only logged', () => {
  const request = {
    url: 'https://gitlab.example.org/acme/app/-/merge_requests/4',
    state: 'opened',
    title: 'Faster checkout',
    target_branch: 'main',
    merge_commit_sha: 'b'.repeat(40),
    updated_at: '2026-05-01 10:00:00 UTC',
  };
  const hook = {
    object_kind: 'merge_request',
    project: { id: 3, web_url: 'https://gitlab.example.org/Acme/app' },
    object_attributes: request,
  };
  expect(bodies(hook).map(({ type }) => type)).toEqual(['custom']);
  request.state = 'merged';
  expect(bodies(hook)).toMatchObject([
    {
      type: 'source.change.merged',
      data: { change: request.url, commit: request.merge_commit_sha, target: 'main' },
    },
  ]);
});

test('a project is known by its number', () => {
  expect(events(sample('push')).at(-1)?.body).toMatchObject({
    type: 'source.repository.named',
    data: { repository: 'http://example.com/mike/diaspora', hostId: '15' },
  });
});

testWithData('accepts every webhook of the data set', 'gitlab-webhooks', (files) => {
  for (const file of files) {
    for (const envelope of mapGitlabWebhook(readJson(file))) accept(envelope);
  }
});
