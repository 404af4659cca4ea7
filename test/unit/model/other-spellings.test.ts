import { describe, expect, test } from '@jest/globals';
import { repositoriesOf } from '../../../src/model/other-spellings.ts';

const under = (text: string, repository: string, name: string) =>
  repositoriesOf(text)
    .find((way) => way.repository === repository)
    ?.under(name);

describe('what lies within a repository', () => {
  const [old, now] = ['https://github.com/acme/old', 'https://github.com/acme/new'];

  test.each([
    ['https://github.com/Acme/Old', now],
    ['https://github.com/acme/old/', `${now}/`],
    ['https://github.com/acme/old/production', `${now}/production`],
    ['https://github.com/acme/old#deployments/7', `${now}#deployments/7`],
    ['https://github.com/Acme/old/actions/runs/5', `${now}/actions/runs/5`],
    ['pkg:github/Acme/Old@v1?a=b#dir', 'pkg:github/acme/new@v1?a=b#dir'],
    ['pkg:github/acme/old', 'pkg:github/acme/new'],
  ])('%s is %s', (text, expected) => {
    expect(under(text, old, now)).toBe(expected);
  });

  test('of GitLab may be below several groups, and the longest name comes first', () => {
    const found = repositoriesOf('https://gitlab.com/a/b/c/production');
    expect(found.map(({ repository }) => repository)).toEqual([
      'https://gitlab.com/a/b/c/production',
      'https://gitlab.com/a/b/c',
      'https://gitlab.com/a/b',
      'https://gitlab.com/a',
    ]);
  });

  test('a package URL of a forge has no name on another server', () => {
    expect(under('pkg:github/acme/old@1', old, 'https://ghe.example/acme/new')).toBeNull();
  });

  test.each([
    ...['production', 'acme/production', 'pkg:npm/old@1', 'pkg:golang/github.com/acme/old@v1'],
    ...['sha256:abc', 'https://github.com', 'pkg:github/acme/old@1?repository_url=ghe.example'],
  ])('%s is not in one, or not known to be', (text) => {
    expect(repositoriesOf(text).filter(({ repository }) => repository === old)).toEqual([]);
  });
});
