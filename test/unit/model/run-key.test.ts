import { describe, expect, test } from '@jest/globals';
import { buildKey } from '../../../src/model/keys.ts';
import { RUN_PAGES, runPageKey } from '../../../src/model/run-key.ts';

describe('the pages of a run', () => {
  test.each(
    RUN_PAGES.map((page) => [`${page.vendor}, ${page.unit}: ${page.alsoAs}`, page] as const),
  )('%s', (_name, { example, alsoAs }) => {
    expect(runPageKey(alsoAs)).toBe(example);
    expect(buildKey(example, '')).toBe(example);
    expect(buildKey(alsoAs, 'https://other.example')).toBe(example);
  });

  test.each([
    [
      'https://gitlab.corp.example/a/b/-/jobs/1',
      'https://gitlab.corp.example/a/b/-/pipelines/1',
      'a job is not the pipeline of the same number',
    ],
    [
      'https://github.com/a/b/actions/runs/1',
      'https://github.com/a/b/actions/runs/1/attempts/2',
      'an attempt is not the first one',
    ],
    [
      'https://jenkins.example/job/App/1',
      'https://jenkins.example/job/app/1',
      'names of Jenkins have a case',
    ],
    [
      'https://dev.azure.com/acme/shop/_build/results?buildId=1',
      'https://dev.azure.com/acme/shop/_build/results?buildId=2',
      'the number is in the query',
    ],
    ['https://one.example/a/b/-/jobs/1', 'https://two.example/a/b/-/jobs/1', 'the host counts'],
  ])('%s and %s are two: %s', (one, other) => {
    expect(buildKey(one, '')).not.toBe(buildKey(other, ''));
  });

  test.each([
    ['https://git.example/a/b/-/jobs/5', 'https://git.example/A/b/-/jobs/5/artifacts/browse'],
    ['https://git.example/a/b/-/jobs/5', 'https://git.example/a/b/-/jobs/5/raw'],
    ['https://git.example/a/b/-/pipelines/9', 'https://git.example/a/b/-/pipelines/9/test_report'],
    ['https://corp.example/gitlab/a/b/-/jobs/5', 'https://corp.example/gitlab/A/B/-/jobs/5#L10'],
    [
      'https://circleci.com/gh/acme/app/34',
      'https://app.circleci.com/pipelines/gh/acme/app/12/workflows/6e6a5bd0-1b0c/jobs/34/steps',
    ],
    ['https://buildkite.com/acme/app/builds/12', 'https://buildkite.com/acme/app/builds/12/canvas'],
    [
      'https://bitbucket.org/acme/app/pipelines/results/8',
      'https://bitbucket.org/acme/app/pipelines/results/8/steps/%7B1c%7D',
    ],
    [
      'https://jenkins.example/job/team/job/app/12',
      'https://jenkins.example/view/all/job/team/view/x/job/app/12/pipeline-graph/',
    ],
    [
      'https://jenkins.example/ci/job/app/job/feature%252Fx/12',
      'https://jenkins.example/ci/blue/organizations/jenkins/app/detail/feature%2Fx/12/tests',
    ],
    [
      'https://jenkins.example/job/team/job/My%20App/12',
      'https://jenkins.example/blue/organizations/jenkins/team%2FMy%20App/detail/My%20App/12/pipeline',
    ],
    [
      'https://tfs.corp.example/tfs/defaultcollection/shop/_build/results?buildId=12',
      'https://TFS.corp.example/tfs/DefaultCollection/Shop/_build/results?view=logs&buildId=12',
    ],
    [
      'https://acme.ghe.com/team/app/actions/runs/7/attempts/1',
      'https://api.acme.ghe.com/repos/Team/App/actions/runs/7',
    ],
    [
      'https://cloudbuild.googleapis.com/v1/projects/p/locations/global/builds/565456b1-0394-4c71-8c18-79f9057483df',
      'https://console.cloud.google.com/cloud-build/builds;region=global/565456b1-0394-4c71-8c18-79f9057483df;step=2?project=p',
    ],
  ])('of %s is %s a page', (run, page) => {
    expect(buildKey(page, '')).toBe(run);
    expect(buildKey(run, '')).toBe(run);
  });

  test('a project that is known by its number alone keeps the address in the API', () => {
    const address = 'https://git.example/api/v4/projects/7/jobs/5';
    expect(buildKey(address, '')).toBe(address);
  });

  test.each([
    'https://ci.example/acme/app/builds/12',
    'https://ci.example/acme/runs/1',
    'https://jobs.example/a/12',
    'https://ci.example/a/b/pipelines/3',
  ])('%s is nobody\u2019s in particular, and stays', (uri) => {
    expect(runPageKey(uri)).toBeNull();
    expect(buildKey(uri, '')).toBe(uri);
  });

  test('a user in the address is not kept: it may be a secret', () => {
    expect(buildKey('https://ci:hunter2@CI.example/runs/1', '')).toBe('https://ci.example/runs/1');
    expect(buildKey('https://me:token@git.example/a/b/-/jobs/1', '')).toBe(
      'https://git.example/a/b/-/jobs/1',
    );
  });

  test('a run of GitHub below a path, at a port, with a query', () => {
    expect(buildKey('https://dev.example:8443/gitea/Acme/App/actions/runs/3?x=1#s', '')).toBe(
      'https://dev.example:8443/gitea/acme/app/actions/runs/3/attempts/1',
    );
  });
});
