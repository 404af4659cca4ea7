import { describe, expect, test } from '@jest/globals';
import { mapCdEvent } from '../../../src/foreign/cdevents/mapping.ts';
import { mapGithubWebhook } from '../../../src/foreign/github/webhook.ts';
import { buildKey, repositoryKey } from '../../../src/model/keys.ts';
import { accept, fixture } from '../foreign/event-samples.ts';
import { keysOf, parse } from './reading.ts';

const bodies = (name: string) =>
  mapGithubWebhook(fixture(`field/${name}`))
    .map((envelope) => accept(envelope).body)
    .filter(({ type }) => type !== 'source.repository.named');
const buildsOf = (name: string) =>
  keysOf(parse(JSON.stringify(fixture(`field/${name}`))).changes, 'Build');

describe('one thing stays one', () => {
  test('14-ghes-run-and-image: the run is one Build on any server', () => {
    const run = 'https://github.field.example/team/shop/actions/runs/4242/attempts/1';
    expect(bodies('14-ghes-run-and-image/1-workflow_run.json').at(-1)?.data).toMatchObject({
      build: run,
    });
    expect(buildsOf('14-ghes-run-and-image/2-image.json')).toEqual([run]);
    expect(buildsOf('14-ghes-run-and-image/3-slsa.json')).toEqual([run]);
  });

  test('15-github-name-in-another-case: webhook and provenance meet', () => {
    const run = 'https://github.com/field-labs/tap/actions/runs/3434/attempts/1';
    expect(bodies('15-github-name-in-another-case/1-workflow_run.json').at(-1)?.data).toMatchObject(
      { build: run },
    );
    expect(buildsOf('15-github-name-in-another-case/2-provenance.json')).toEqual([run]);
  });

  test.each([
    ['https://api.github.com/repos/Acme/App/actions/runs/7', 'https://github.com/acme/app'],
    ['https://ghe.example/api/v3/repos/Acme/App/actions/runs/7', 'https://ghe.example/acme/app'],
    ['https://Codeberg.org/Acme/App/actions/runs/7/attempts/1', 'https://codeberg.org/acme/app'],
  ])('%s is the run of the page', (url, repository) => {
    expect(buildKey(url, '')).toBe(`${repository}/actions/runs/7/attempts/1`);
  });

  test.each([
    ['git@github.com:Acme/App.git', 'https://github.com/acme/app'],
    ['https://gitlab.com/Group/Sub/App', 'https://gitlab.com/group/sub/app'],
    ['https://bitbucket.org/Team/App', 'https://bitbucket.org/team/app'],
    ['https://git.example/Team/App', 'https://git.example/Team/App'],
  ])('the repository %s has the key %s', (url, key) => {
    expect(repositoryKey(url)).toBe(key);
  });
});

describe('what a producer distinguishes stays distinguished', () => {
  test('16-deployments-of-two-services: two tasks are two services', () => {
    const [first] = bodies('16-deployments-of-two-services/1.json');
    const [second] = bodies('16-deployments-of-two-services/2.json');
    expect(first?.data).toMatchObject({ environment: 'production', service: 'deploy:api' });
    expect(second?.data).toMatchObject({ environment: 'production', service: 'deploy:web' });
  });

  test('19-cdevents-other-outcome: the event is kept, not as a success', () => {
    const [envelope] = mapCdEvent(fixture('field/19-cdevents-other-outcome/finished.json'));
    expect(accept(envelope!).body).toMatchObject({
      type: 'build.completed',
      data: { outcome: 'aborted' },
    });
  });

  test('25-run-of-a-fork: the commit is in the repository that it is from', () => {
    expect(bodies('25-run-of-a-fork/run.json').at(-1)?.data).toMatchObject({
      build: 'https://github.com/field-org/upa/actions/runs/5151/attempts/1',
      repository: 'https://github.com/somebody/upa',
    });
  });

  test('19-github-transient-environment: previews are side by side', () => {
    const payload = fixture('field/16-deployments-of-two-services/1.json') as unknown as {
      deployment: Record<string, unknown>;
    };
    payload.deployment['transient_environment'] = true;
    payload.deployment['task'] = 'deploy';
    const [created] = mapGithubWebhook(payload).map((envelope) => accept(envelope).body);
    expect(created?.data).toMatchObject({ parallel: true });
    expect(created?.data).not.toHaveProperty('service');
  });
});
