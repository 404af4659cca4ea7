import { expect, test } from '@jest/globals';
import { CI_VENDORS, ciRunOf } from '../../../src/cli/ci.ts';

const SHA = '5e1f'.repeat(10);

/** What each sets, by its documentation. */
const RUNS = {
  'GitHub Actions': [
    {
      ...{ GITHUB_ACTIONS: 'true', GITHUB_SERVER_URL: 'https://github.com' },
      ...{ GITHUB_REPOSITORY: 'acme/shop', GITHUB_RUN_ID: '7001', GITHUB_RUN_ATTEMPT: '2' },
      ...{ GITHUB_SHA: SHA, GITHUB_WORKFLOW: 'release', GITHUB_EVENT_NAME: 'push' },
    },
    {
      ...{ build: 'https://github.com/acme/shop/actions/runs/7001/attempts/2', trigger: 'push' },
      ...{ name: 'release', repository: 'https://github.com/acme/shop' },
    },
  ],
  'GitLab CI': [
    {
      ...{ GITLAB_CI: 'true', CI_JOB_URL: 'https://gitlab.example.org/acme/shop/-/jobs/81' },
      ...{ CI_PROJECT_URL: 'https://gitlab.example.org/acme/shop', CI_COMMIT_SHA: SHA },
      ...{ CI_JOB_NAME: 'image', CI_PIPELINE_SOURCE: 'schedule' },
    },
    {
      ...{ build: 'https://gitlab.example.org/acme/shop/-/jobs/81', trigger: 'schedule' },
      ...{ name: 'image', repository: 'https://gitlab.example.org/acme/shop' },
    },
  ],
  CircleCI: [
    {
      ...{ CIRCLECI: 'true', CIRCLE_BUILD_URL: 'https://circleci.com/gh/acme/shop/34' },
      ...{ CIRCLE_JOB: 'build', CIRCLE_REPOSITORY_URL: 'git@github.com:acme/shop.git' },
      ...{ CIRCLE_SHA1: SHA },
    },
    {
      ...{ build: 'https://circleci.com/gh/acme/shop/34', trigger: null },
      ...{ name: 'build', repository: 'git@github.com:acme/shop.git' },
    },
  ],
  Buildkite: [
    {
      ...{ BUILDKITE: 'true', BUILDKITE_BUILD_URL: 'https://buildkite.com/acme/shop/builds/12' },
      ...{ BUILDKITE_PIPELINE_SLUG: 'shop', BUILDKITE_REPO: 'https://github.com/acme/shop.git' },
      ...{ BUILDKITE_COMMIT: SHA, BUILDKITE_SOURCE: 'webhook' },
    },
    {
      ...{ build: 'https://buildkite.com/acme/shop/builds/12', trigger: 'webhook' },
      ...{ name: 'shop', repository: 'https://github.com/acme/shop.git' },
    },
  ],
  'Azure Pipelines': [
    {
      ...{ TF_BUILD: 'True', SYSTEM_COLLECTIONURI: 'https://dev.azure.com/acme/' },
      ...{ SYSTEM_TEAMPROJECT: 'web shop', BUILD_BUILDID: '12', BUILD_SOURCEVERSION: SHA },
      ...{ BUILD_DEFINITIONNAME: 'release', BUILD_REASON: 'IndividualCI' },
      BUILD_REPOSITORY_URI: 'https://dev.azure.com/acme/shop/_git/shop',
    },
    {
      build: 'https://dev.azure.com/acme/web%20shop/_build/results?buildId=12',
      ...{ name: 'release', trigger: 'IndividualCI' },
      repository: 'https://dev.azure.com/acme/shop/_git/shop',
    },
  ],
  Jenkins: [
    {
      ...{ JENKINS_URL: 'https://jenkins.example.org/', JOB_NAME: 'shop/main' },
      ...{ BUILD_URL: 'https://jenkins.example.org/job/shop/job/main/5/', GIT_COMMIT: SHA },
      GIT_URL: 'https://git.example.org/acme/shop.git',
    },
    {
      ...{ build: 'https://jenkins.example.org/job/shop/job/main/5/', trigger: null },
      ...{ name: 'shop/main', repository: 'https://git.example.org/acme/shop.git' },
    },
  ],
} as const;

test('every CI that is told has its variables here', () => {
  expect(Object.keys(RUNS)).toEqual(CI_VENDORS.map(({ vendor }) => vendor));
});

test.each(Object.entries(RUNS))('%s is told by its variables', (vendor, [env, run]) => {
  expect(ciRunOf(env)).toEqual({ vendor, commit: SHA, ...run });
});

test('what is not set is not known, and a CI that does not say which run it is tells nothing', () => {
  expect(ciRunOf({})).toBeNull();
  expect(ciRunOf({ GITLAB_CI: 'true' })).toBeNull();
  expect(ciRunOf({ GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '7001' })).toBeNull();
  const buildkite = { ...RUNS.Buildkite[0], BUILDKITE_COMMIT: 'HEAD', BUILDKITE_SOURCE: '' };
  expect(ciRunOf(buildkite)).toMatchObject({ commit: null, trigger: null });
});
