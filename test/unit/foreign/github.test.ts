import { describe, expect, test } from '@jest/globals';
import { mapCdEvent } from '../../../src/foreign/cdevents/mapping.ts';
import { recogniseGithubWebhook } from '../../../src/foreign/github/recognition.ts';
import { mapGithubWebhook } from '../../../src/foreign/github/webhook.ts';
import { contentHash, identityOf } from '../../../src/model/event.ts';
import { buildKey, githubRunKey } from '../../../src/model/keys.ts';
import { accept, fixture, readJson, refusal, testWithData } from './event-samples.ts';

const ZEROS = '0'.repeat(40);
const sample = (name: string) => fixture(`github-webhooks/${name}.json`);
/** What a webhook says beside the number of its repository, which is in all of them. */
const bodies = (value: unknown, event?: string) =>
  mapGithubWebhook(value, event)
    .map((envelope) => accept(envelope).body)
    .filter(({ type }) => type !== 'source.repository.named');

describe('recognition', () => {
  test('believes the header', () => {
    expect(recogniseGithubWebhook({ anything: 1 }, 'star')).toBe('star');
  });

  test.each([
    'push',
    'workflow_run-completed',
    'deployment',
    'deployment_status',
    'create',
    'check_run-completed',
  ])('tells %s by its content', (name) => {
    expect(recogniseGithubWebhook(sample(name))).toBe(name.split('-')[0]);
  });

  test('does not take the webhooks and events of others for ones of GitHub', () => {
    const gitlab = {
      object_kind: 'push',
      ref: 'refs/heads/x',
      before: 'a',
      after: 'b',
      commits: [],
      repository: {},
    };
    const systemHook: Record<string, unknown> = { ...gitlab, event_name: 'push', project_id: 1 };
    delete systemHook['object_kind'];
    const cdEvent = fixture('cdevents/build_started.json');
    for (const value of [gitlab, systemHook, cdEvent, {}, [], null])
      expect(recogniseGithubWebhook(value)).toBeNull();
    expect(refusal(() => mapGithubWebhook({})).message).toContain('X-GitHub-Event');
  });
});

describe('a redelivery', () => {
  test('is a duplicate whatever its delivery id', () => {
    for (const name of [
      'push',
      'workflow_run-completed',
      'deployment_status',
      'check_run-completed',
    ]) {
      const first = mapGithubWebhook(sample(name), null, 'delivery-1');
      const second = mapGithubWebhook(sample(name), null, 'delivery-2');
      expect(second.map(identityOf)).toEqual(first.map(identityOf));
      expect(second.map(contentHash)).toEqual(first.map(contentHash));
      expect(first.map((envelope) => envelope['deliveryid'])).not.toContain(undefined);
    }
  });
});

test('two payloads about one deployment that differ are two events', () => {
  const ids = ['github-pages', 'production'].map((environment) => {
    const payload = sample('deployment');
    payload.deployment.environment = environment;
    return mapGithubWebhook(payload)[0]!.id;
  });
  expect(ids[0]).toMatch(/^deployment\/145988746\/[0-9a-f]{12}$/);
  expect(ids[1]).not.toBe(ids[0]);
});

describe('a push', () => {
  test('brings its commits', () => {
    const [envelope] = mapGithubWebhook(sample('push'));
    expect(envelope!.source).toBe('https://github.com/binkkatal/sample_app');
    expect(accept(envelope!).body).toMatchObject({
      type: 'source.commit.created',
      data: {
        commit: 'fd489864e7642b48eaad6e3f155c10e46810ec72',
        repository: 'https://github.com/binkkatal/sample_app',
        message: 'test a push event',
        author: { name: 'binkkatal' },
        committedAt: '2018-06-29T19:34:13+05:30',
      },
    });
  });

  test('that creates a branch names it, and commits without a user are read', () => {
    expect(bodies(sample('push-new-branch'))).toMatchObject([
      { type: 'source.commit.created' },
      {
        type: 'source.branch.created',
        data: {
          name: 'master',
          refType: 'branch',
          commit: '6113728f27ae82c7b1a177c8d03f9e96e0adf246',
        },
      },
    ]);
  });

  test('of an annotated tag points to its commit, not to the tag object', () => {
    const payload = sample('push-new-branch');
    payload.ref = 'refs/tags/v1';
    payload.after = 'a'.repeat(40);
    expect(bodies(payload).at(-1)).toMatchObject({
      data: { name: 'v1', refType: 'tag', commit: '6113728f27ae82c7b1a177c8d03f9e96e0adf246' },
    });
  });

  test('that deletes a ref brings no commit and is logged', () => {
    const payload = sample('push-deleted-tag');
    expect(payload.after).toBe(ZEROS);
    expect(mapGithubWebhook(payload).map(({ type }) => type)).toEqual(['com.github.push']);
  });

  test('with a broken commit id is refused by its path', () => {
    const payload = sample('push');
    payload.commits[0].id = 'abc';
    expect(refusal(() => mapGithubWebhook(payload)).details['path']).toBe('commits.0.id');
  });

  test('without a repository is refused by its path', () => {
    const payload = sample('push');
    delete payload.repository;
    expect(refusal(() => mapGithubWebhook(payload, 'push')).details['path']).toBe('repository');
  });
});

describe('a workflow run', () => {
  test('is a build, first queued, then started and completed', () => {
    expect(bodies(sample('workflow_run-requested')).map(({ type }) => type)).toEqual([
      'build.queued',
    ]);
    const running = { ...sample('workflow_run-requested'), action: 'in_progress' };
    expect(bodies(running).map(({ type }) => type)).toEqual(['build.started']);
    expect(bodies(sample('workflow_run-completed'))).toMatchObject([
      { type: 'build.started' },
      {
        type: 'build.completed',
        data: {
          build: 'https://github.com/octo-org/octo-repo/actions/runs/289782451/attempts/1',
          name: 'test',
          repository: 'https://github.com/octo-org/octo-repo',
          commit: '3484a3fb816e0859fd6e1cea078d76385ff50625',
          trigger: 'repository_dispatch',
          outcome: 'success',
        },
      },
    ]);
  });

  test('has the key that CDEvents and SLSA statements of the same run have', () => {
    const run = 'https://github.com/octo-org/octo-repo/actions/runs/289782451';
    const cdEvent = fixture('cdevents/pipelinerun_started.json');
    cdEvent.subject.content.uri = run;
    const keys = [
      ...mapGithubWebhook(sample('workflow_run-completed')).slice(0, 2),
      ...mapCdEvent(cdEvent),
    ].map(({ data, source }) => buildKey((data as { build: string }).build, source));
    keys.push(buildKey(`${run}/attempts/1`, 'a builder')); // SLSA v1: invocationId
    keys.push(
      githubRunKey('git+https://github.com/octo-org/octo-repo@refs/heads/main', '289782451', '1'),
    ); // v0.2
    expect(new Set(keys)).toEqual(new Set([`${run}/attempts/1`]));
  });

  test('that is tried again is another build, queued when it was tried again', () => {
    const payload = sample('workflow_run-requested');
    payload.workflow_run.run_attempt = 2;
    payload.workflow_run.run_started_at = '2020-10-06T00:00:00Z';
    const [envelope] = mapGithubWebhook(payload);
    expect(envelope).toMatchObject({
      id: expect.stringMatching(/^workflow_run\/289782451\/2\/requested\/[0-9a-f]{12}$/),
      time: '2020-10-06T00:00:00Z',
    });
  });

  test.each([
    ['failure', 'failure'],
    ['timed_out', 'failure'],
    ['cancelled', 'cancelled'],
    ['startup_failure', 'error'],
  ])('with conclusion %s ends as %s', (conclusion, outcome) => {
    const payload = sample('workflow_run-completed');
    payload.workflow_run.conclusion = conclusion;
    expect(bodies(payload).at(-1)).toMatchObject({ data: { outcome } });
  });

  test('that waits for an action has not ended', () => {
    const payload = sample('workflow_run-completed');
    payload.workflow_run.conclusion = 'action_required';
    expect(bodies(payload).map(({ type }) => type)).toEqual(['custom']);
  });
});

describe('a deployment', () => {
  test('deploys a commit to an environment of its repository', () => {
    const [envelope] = mapGithubWebhook(sample('deployment'));
    expect(envelope!.correlationid).toBe(
      'https://github.com/codertocat/hello-world/actions/runs/289782451/attempts/1',
    );
    expect(accept(envelope!).body).toMatchObject({
      type: 'deployment.created',
      data: {
        deployment: 'deployments/145988746',
        commit: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
        environment: 'github-pages',
        scope: 'https://github.com/codertocat/hello-world',
      },
    });
  });

  test('tells what was asked for, and of the payload the names alone', () => {
    const payload = sample('deployment');
    Object.assign(payload.deployment, {
      ...{ task: 'deploy:migrations', description: 'Schema 41' },
      payload: JSON.stringify({ token: 'ghp_secret', region: 'eu' }),
    });
    const envelopes = mapGithubWebhook(payload);
    expect(accept(envelopes[0]!).body).toMatchObject({
      data: {
        ...{ ref: 'gh-pages', task: 'deploy:migrations', description: 'Schema 41' },
        ...{ parameterNames: ['region', 'token'], production: false, transient: false },
      },
    });
    expect(JSON.stringify(envelopes)).not.toContain('ghp_secret');
  });

  test('of an older server does not say whether it is production', () => {
    const payload = sample('deployment');
    delete payload.deployment.production_environment;
    payload.deployment.payload = 'by hand';
    const { data } = accept(mapGithubWebhook(payload)[0]!).body as { data: object };
    expect(data).not.toHaveProperty('production');
    expect(data).not.toHaveProperty('parameterNames');
  });

  test('07-pending-deployment-live: waits until a status says more', () => {
    const [, progress] = mapGithubWebhook(sample('deployment'));
    expect(accept(progress!).body).toEqual({
      type: 'deployment.progressed',
      data: { deployment: 'deployments/145988746', phase: 'queued' },
    });
  });

  test.each([
    ['success', ['deployment.created', 'deployment.completed']],
    ['failure', ['deployment.created', 'deployment.failed']],
    ['error', ['deployment.created', 'deployment.failed']],
    ['inactive', ['deployment.created', 'deployment.removed']],
    ['in_progress', ['deployment.created', 'deployment.progressed']],
    ['waiting', ['deployment.created', 'deployment.progressed']],
    ['queued', ['deployment.created', 'deployment.progressed']],
    ['a state of next year', ['deployment.created', 'deployment.progressed']],
  ])('with status %s is %j', (state, types) => {
    const payload = sample('deployment_status');
    payload.deployment_status.state = state;
    expect(bodies(payload).map(({ type }) => type)).toEqual(types);
  });
});

describe('a publication', () => {
  const digest = `sha256:${'b'.repeat(64)}`;

  test('of a release makes its tag and its assets with digest known', () => {
    const payload = sample('release-published');
    const url = 'https://github.com/Codertocat/Hello-World/releases/download/0.0.1/app.tgz';
    payload.release.assets = [
      {
        id: 7,
        name: 'app.tgz',
        content_type: 'application/gzip',
        size: 3,
        digest,
        browser_download_url: url,
      },
      { id: 8, name: 'old.tgz', digest: null },
    ];
    expect(bodies(payload)).toMatchObject([
      { type: 'source.branch.created', data: { name: '0.0.1', refType: 'tag' } },
      { type: 'artifact.published', data: { digest, name: 'app.tgz', size: 3, location: url } },
    ]);
  });

  test('of a draft says nothing of its tag', () => {
    const payload = { ...sample('release-published'), action: 'created' };
    payload.release.draft = true;
    expect(bodies(payload).map(({ type }) => type)).toEqual(['custom']);
  });

  test('of an image names its digest, and its tag where it has one', () => {
    const payload = sample('registry_package-published');
    const [untagged] = bodies(payload);
    expect(untagged!.data).toMatchObject({
      digest: 'sha256:3da1996a8115d7616457760d9920b815241d0a03b34cf5f04e9a0e9d8de37498',
      name: 'hello-world-npm',
    });
    expect(untagged!.data).not.toHaveProperty('location');
    payload.registry_package.package_version.package_url = 'ghcr.io/Codertocat/hello-world:V1';
    expect(bodies(payload)[0]!.data).toMatchObject({
      location: 'docker://ghcr.io/codertocat/hello-world:V1',
    });
  });

  test('of files names each by its digests, and keeps no signed URL', () => {
    const payload = sample('registry_package-published');
    Object.assign(payload.registry_package, {
      package_type: 'npm',
      registry: { type: 'npm', url: 'https://npm.pkg.github.com/@Codertocat' },
    });
    Object.assign(payload.registry_package.package_version, {
      version: '1.0.0',
      package_files: [
        {
          id: 1,
          name: 'a.tgz',
          sha256: 'c'.repeat(64),
          sha1: 'd'.repeat(40),
          download_url: 'https://x?X-Amz-Signature=1',
        },
      ],
    });
    const [body] = bodies(payload);
    expect(body!.data).toMatchObject({
      digest: `sha256:${'c'.repeat(64)}`,
      otherDigests: [`sha1:${'d'.repeat(40)}`],
      purl: expect.stringContaining('pkg:npm/%40codertocat/hello-world-npm@1.0.0?repository_url='),
    });
    expect(JSON.stringify(body)).not.toContain('Signature');
  });
});

describe('a pull request', () => {
  test('that was merged is a change of the source', () => {
    const payload = sample('pull_request-closed');
    Object.assign(payload.pull_request, { merged: true, merged_at: '2019-05-15T15:21:18Z' });
    expect(bodies(payload)).toMatchObject([
      {
        type: 'source.change.merged',
        data: {
          change: 'https://github.com/Codertocat/Hello-World/pull/2',
          commit: 'c4295bd74fb0f4fda03689c3df3f2803b658fd85',
          target: 'master',
        },
      },
    ]);
  });

  test('that was only closed is logged', () => {
    expect(bodies(sample('pull_request-closed')).map(({ type }) => type)).toEqual(['custom']);
  });
});

describe('a repository', () => {
  const named = (value: unknown, event?: string) =>
    mapGithubWebhook(value, event)
      .map((envelope) => accept(envelope).body)
      .filter(({ type }) => type === 'source.repository.named')
      .map(({ data }) => data);

  test('is known by its number from any webhook that is about something', () => {
    const name = { repository: 'https://github.com/Codertocat/Hello-World', hostId: '186853002' };
    expect(named(sample('deployment'))).toEqual([name]);
    expect(named(sample('check_run-completed'))).toEqual([]);
    const payload = sample('deployment');
    delete payload.repository.id;
    expect(named(payload)).toEqual([]);
  });

  test.each([
    [
      'was renamed',
      { action: 'renamed', changes: { repository: { name: { from: 'Old-Shop' } } } },
      'https://code.corp.example/team/old-shop',
    ],
    [
      'was transferred from a person',
      { action: 'transferred', changes: { owner: { from: { user: { login: 'Ada' } } } } },
      'https://code.corp.example/ada/shop',
    ],
    [
      'was transferred from an organization',
      { action: 'transferred', changes: { owner: { from: { organization: { login: 'Old' } } } } },
      'https://code.corp.example/old/shop',
    ],
  ])('%s', (_what, payload, formerly) => {
    const repository = { id: 7, name: 'Shop', html_url: 'https://code.corp.example/Team/Shop' };
    expect(named({ ...payload, repository, sender: {} })).toEqual([
      { repository: 'https://code.corp.example/Team/Shop', hostId: '7', formerly },
    ]);
  });

  test('that was created says its number, by the header', () => {
    const repository = { id: 8, name: 'shop', html_url: 'https://github.com/acme/shop' };
    expect(named({ action: 'created', repository, sender: {} }, 'repository')).toEqual([
      { repository: 'https://github.com/acme/shop', hostId: '8' },
    ]);
    expect(recogniseGithubWebhook({ action: 'edited', repository, changes: {} })).toBeNull();
  });
});

test('what the graph knows nothing of is logged whole', () => {
  const [envelope] = mapGithubWebhook(sample('check_run-completed'));
  expect(envelope).toMatchObject({
    type: 'com.github.check_run',
    source: 'https://github.com/codertocat/hello-world',
  });
  expect(envelope!.data).toEqual(sample('check_run-completed'));
});

testWithData(
  'accepts every webhook of the data set, without its header',
  'github-webhooks',
  (files) => {
    const counts = { mapped: 0, logged: 0 };
    for (const file of files) {
      const value = readJson(file);
      const event = /octokit\/(\w+)\//.exec(file)?.[1];
      if (event !== undefined) expect(recogniseGithubWebhook(value)).toBe(event);
      const isLogged = bodies(value).every(({ type }) => type === 'custom');
      counts[isLogged ? 'logged' : 'mapped'] += 1;
    }
    expect(counts.mapped + counts.logged).toBe(61);
    expect(counts.mapped).toBe(17);
  },
);
