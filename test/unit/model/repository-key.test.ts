import { afterEach, describe, expect, test } from '@jest/globals';
import { pinCaselessHosts } from '../../../src/model/hosts.ts';
import { repositoryKey, repositoryName } from '../../../src/model/repository-key.ts';

describe('one repository has one key', () => {
  test.each([
    [
      'https://github.com/acme/app',
      [
        'git@github.com:Acme/App.git',
        'git+https://github.com/Acme/App.git',
        'ssh://git@github.com/acme/app.git',
        'ssh://git@ssh.github.com:443/acme/app.git',
        'git://github.com/acme/app',
        'http://github.com:80/acme/app/',
        'https://www.github.com/acme/app',
        'https://x-access-token:ghs_secret@github.com/acme/app.git',
        'https://api.github.com/repos/Acme/App',
        'github.com/acme/app',
      ],
    ],
    [
      'https://ghe.example/team/shop',
      ['https://GHE.example/Team/Shop.git', 'https://ghe.example/api/v3/repos/Team/Shop'],
    ],
    [
      'https://gitlab.example.org/group/sub/app',
      [
        'https://oauth2:glpat-secret@gitlab.example.org/Group/Sub/App.git',
        'ssh://git@gitlab.example.org:2222/Group/Sub/App.git',
        'git@gitlab.example.org:Group/Sub/App.git',
        'https://gitlab.example.org/api/v4/projects/Group%2FSub%2FApp',
      ],
    ],
    [
      'https://dev.azure.com/acme/shop/_git/web',
      [
        'https://acme@dev.azure.com/acme/Shop/_git/web',
        'https://acme.visualstudio.com/DefaultCollection/Shop/_git/web',
        'https://acme.visualstudio.com/shop/_git/web',
        'git@ssh.dev.azure.com:v3/acme/Shop/web',
      ],
    ],
    [
      'https://dev.azure.com/acme/my%20shop/_git/web',
      [
        'https://dev.azure.com/Acme/My Shop/_git/Web',
        'https://acme.visualstudio.com/My%20Shop/_git/Web?version=GBmain',
        'ssh://acme@acme.visualstudio.com:22/My%20Shop/_ssh/Web',
        'ssh://acme@vs-ssh.visualstudio.com:22/v3/acme/My%20Shop/Web',
      ],
    ],
    [
      'https://tfs.corp.example:8080/tfs/defaultcollection/shop/_git/web',
      ['https://TFS.corp.example:8080/tfs/DefaultCollection/Shop/_git/Web'],
    ],
    [
      'https://stash.corp.example/scm/shop/web',
      [
        'https://stash.corp.example/scm/SHOP/web.git',
        'https://stash.corp.example/projects/SHOP/repos/web/browse',
        'https://stash.corp.example/rest/api/1.0/projects/SHOP/repos/web',
        'ssh://git@stash.corp.example:7999/SHOP/web.git',
      ],
    ],
    [
      'https://stash.corp.example/scm/~ada/web',
      [
        'https://stash.corp.example/users/Ada/repos/web/browse',
        'ssh://git@stash.corp.example:7999/~ada/web.git',
      ],
    ],
    [
      'https://acme.ghe.com/team/app',
      ['https://api.acme.ghe.com/repos/Team/App', 'git@acme.ghe.com:Team/App.git'],
    ],
    [
      'https://github.com/acme/web',
      ['https://github.com./acme/web', 'scm:git:https://github.com/Acme/Web.git'],
    ],
    ['https://dev.azure.com/acme/shop/_git/shop', ['https://dev.azure.com/acme/_git/shop']],
    [
      'https://bitbucket.org/team/app',
      ['git@bitbucket.org:Team/app.git', 'https://api.bitbucket.org/2.0/repositories/team/app'],
    ],
    [
      'https://git.example/caf%C3%A9/app~1',
      [
        'https://git.example/caf\u00e9/app~1',
        'https://git.example/cafe\u0301/app~1',
        'https://git.example/caf%c3%a9/app%7E1',
        'https://git.example//caf%C3%A9/app~1.git/',
      ],
    ],
    ['https://xn--bcher-kva.example/a', ['https://B\u00fccher.example/a']],
    ['https://git.example:8443/a/b', ['https://git.example:8443/a/b.git']],
  ])('%s', (key, spellings) => {
    for (const spelling of [key, ...spellings]) expect(repositoryKey(spelling)).toBe(key);
  });

  test('two repositories stay two', () => {
    for (const [one, other] of [
      ['https://git.example/Team/App', 'https://git.example/team/app'],
      ['https://git.example/a/b', 'https://git.example/a%2Fb'],
      ['https://git.example:8443/a/b', 'https://git.example/a/b'],
      ['https://gitlab.com/api/v4/projects/7', 'https://gitlab.com/7'],
      ['https://gitlab.one.example/a/b', 'https://gitlab.two.example/a/b'],
    ] as const) {
      expect(repositoryKey(one)).not.toBe(repositoryKey(other));
    }
  });

  test('what is not a URL stays as it is, also with a broken escape', () => {
    expect(repositoryKey('../lib')).toBe('../lib');
    expect(repositoryKey('https://git.example/100%/app')).toBe('https://git.example/100%25/app');
  });

  test('people see how it is written', () => {
    expect(repositoryName('git@github.com:Acme/My-App.git')).toMatchObject({
      key: 'https://github.com/acme/my-app',
      spelling: 'https://github.com/Acme/My-App',
    });
  });
});

describe('a host that the configuration pins', () => {
  afterEach(() => {
    pinCaselessHosts([]);
  });

  test('has names without case, at that port alone where one is given', () => {
    const spelling = 'https://code.corp.example:8443/Team/App';
    expect(repositoryKey(spelling)).toBe(spelling);
    pinCaselessHosts(['Code.corp.example:8443', 'src.example']);
    expect(repositoryKey(spelling)).toBe('https://code.corp.example:8443/team/app');
    expect(repositoryKey('https://code.corp.example/Team')).toBe('https://code.corp.example/Team');
    expect(repositoryKey('git@src.example:Team/App')).toBe('https://src.example/team/app');
  });
});
