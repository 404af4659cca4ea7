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
