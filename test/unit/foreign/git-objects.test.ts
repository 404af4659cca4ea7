import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readGitRepository } from '../../../src/foreign/git/repository.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { createRepository, type TestRepository } from '../../support/git-repository.ts';
import { accept } from './event-samples.ts';

const ORIGIN = 'https://git.example/objects/r';
const LATIN1_CAFE = Buffer.from('caf\xe9\n', 'latin1');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stemma-git-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const create = (name = 'r', options: readonly string[] = []): TestRepository =>
  createRepository(join(root, name), ORIGIN, options);

async function read(dir: string): Promise<Envelope[]> {
  const envelopes = await Array.fromAsync(readGitRepository({ dir }));
  for (const envelope of envelopes) accept(envelope);
  return envelopes;
}

/** What is said of one commit. */
async function dataOf(dir: string, commit: string): Promise<Record<string, unknown>> {
  const found = (await read(dir)).find(({ id }) => id === commit);
  return found?.data as Record<string, unknown>;
}

describe('a commit is read from its object', () => {
  const cases: readonly (readonly [string, string, Buffer | string, string])[] = [
    ['ISO-8859-1', 'encoding ISO-8859-1\n', LATIN1_CAFE, 'café'],
    [
      'Shift_JIS',
      'encoding Shift_JIS\n',
      Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]),
      'テスト',
    ],
    ['an encoding that nobody knows', 'encoding x-mac-field\n', 'café\n', 'café'],
    ['an encoding that it does not keep to', 'encoding UTF-8\n', LATIN1_CAFE, 'café'],
    ['no encoding, and not UTF-8', '', LATIN1_CAFE, 'café'],
    ['a signature', 'gpgsig -----BEGIN\n \n author Eve <eve@x> 1 +0000\n -----END\n', 'x\n', 'x'],
    ['a merged tag', 'mergetag object 1\n type commit\n tag v1\n \n parent 1\n', 'x\n', 'x'],
    ['a header that nobody knows', 'HG:extra branch:default\nparents none\n', 'x\n', 'x'],
    ['no final newline', '', 'x', 'x'],
    ['empty lines around', '', '\n\nx\n\n\n', '\n\nx'],
    ['a NUL', '', 'one\0two\n', 'one\u{FFFD}two'],
    ['no message', '', '', ''],
  ];

  test.each(cases)('with %s', async (_, headers, message, expected) => {
    const repository = create();
    const first = repository.write({});
    const tree = repository.git('rev-parse', `${first}^{tree}`);
    const who = 'Ann <ann@field.example> 1500000000 +0130';
    const head = `tree ${tree}\nparent ${first}\nauthor ${who}\ncommitter ${who}\n${headers}\n`;
    const commit = repository.commit(Buffer.concat([Buffer.from(head), Buffer.from(message)]));
    repository.point('refs/heads/main', commit);
    expect(await dataOf(repository.dir, commit)).toMatchObject({
      ...{ parents: [first], message: expected, committedAt: '2017-07-14T04:10:00+01:30' },
      author: { name: 'Ann', email: 'ann@field.example' },
    });
  });

  test.each([
    [
      'two authors',
      'author A <a@x> 1 +0000\nauthor B <b@x> 2 +0000\n',
      { name: 'A', email: 'a@x' },
    ],
    ['an address with spaces', 'author  A  < a@x > 1 +0000\n', { name: 'A', email: 'a@x' }],
    ['no name', 'author <a@x> 1 +0000\n', { email: 'a@x' }],
    ['no address', 'author A <> 1 +0000\n', { name: 'A' }],
    ['a line that is broken', 'author A 1 +0000\n', { name: 'A 1 +0000' }],
    ['nobody', '', undefined],
  ])('with %s', async (_, author, expected) => {
    const repository = create();
    const tree = repository.git('rev-parse', `${repository.write({})}^{tree}`);
    const commit = repository.commit(`tree ${tree}\n${author}committer C <c@x> 5 +0000\n\nx\n`);
    repository.point('refs/heads/main', commit);
    expect((await dataOf(repository.dir, commit))['author']).toEqual(expected);
  });

  test.each([
    ['1500000000 +0000', '2017-07-14T02:40:00+00:00'],
    ['1500000000 -0730', '2017-07-13T19:10:00-07:30'],
    ['1500000000 -0000', '2017-07-14T02:40:00+00:00'],
    ['0 +0000', '1970-01-01T00:00:00+00:00'],
    ['-86400 +0000', '1969-12-31T00:00:00+00:00'],
    ['4102444800 +0100', '2100-01-01T01:00:00+01:00'],
    ['-62167219200 +0000', '0000-01-01T00:00:00+00:00'],
    // the seconds are good where the offset is none that a clock has
    ['1500000000 +9999', '2017-07-14T02:40:00.000Z'],
    ['1500000000 -073015', '2017-07-14T02:40:00.000Z'],
    ['1500000000 --700', '2017-07-14T02:40:00.000Z'],
    ['1500000000 +0160', '2017-07-14T02:40:00.000Z'],
    ['1500000000', '2017-07-14T02:40:00.000Z'],
    // no year of the calendar: unknown, and not another time
    ['253402300800 +0000', undefined],
    ['-99999999999 +0000', undefined],
    ['99999999999999999999 +0000', undefined],
    ['yesterday', undefined],
  ])('dated %s', async (authored, expected) => {
    const repository = create();
    const commit = repository.write({ authored, committed: '1500000000 +0000' });
    repository.point('refs/heads/main', commit);
    const data = await dataOf(repository.dir, commit);
    expect(data['authoredAt']).toBe(expected);
    // what the time does not say is kept as it is written
    const isRead = expected !== undefined && !expected.endsWith('Z');
    expect(data['authoredAtText']).toBe(isRead ? undefined : authored);
    expect(data).not.toHaveProperty('committedAtText');
    expect(data['committedAt']).toBe('2017-07-14T02:40:00+00:00');
  });

  test('that is larger than what a pipe holds', async () => {
    const repository = create();
    const first = repository.write({ message: `${'x'.repeat(3_000_000)}\n` });
    const commit = repository.write({ parents: [first] });
    repository.point('refs/heads/main', commit);
    expect((await dataOf(repository.dir, first))['message']).toHaveLength(65_536);
    expect((await dataOf(repository.dir, commit))['parents']).toEqual([first]);
  });

  test('with ids of SHA-256', async () => {
    const repository = create('sha256', ['--object-format=sha256']);
    const first = repository.write({});
    const commit = repository.write({ parents: [first] });
    repository.point('refs/heads/main', commit);
    expect(commit).toHaveLength(64);
    expect((await dataOf(repository.dir, commit))['parents']).toEqual([first]);
  });

  test('and an object that is not what its id says is refused', async () => {
    const repository = create();
    const first = repository.write({});
    const commit = repository.write({ parents: [first] });
    repository.point('refs/heads/main', commit);
    const path = join(repository.dir, '.git/objects', commit.slice(0, 2), commit.slice(2));
    const other = repository.git('cat-file', 'commit', commit).replace(/^parent .*\n/m, '');
    chmodSync(path, 0o644);
    writeFileSync(path, deflateSync(`commit ${Buffer.byteLength(other)}\0${other}`));
    await expect(read(repository.dir)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(commit),
    });
  });

  test('and a history of which a commit is missing is refused by its id', async () => {
    const repository = create();
    const [first, second] = [repository.write({}), repository.write({ message: 'second\n' })];
    const commit = repository.write({ parents: [first, second] });
    repository.point('refs/heads/main', commit);
    rmSync(join(repository.dir, '.git/objects', second.slice(0, 2), second.slice(2)));
    await expect(read(repository.dir)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(second),
    });
  });
});

describe('the surroundings of a repository', () => {
  /** Two commits and a branch. */
  function history(repository = create()): { first: string; second: string } & TestRepository {
    const first = repository.write({});
    const second = repository.write({ parents: [first], authored: '1500000100 +0000' });
    repository.point('refs/heads/main', second);
    return { ...repository, first, second };
  }
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  const ids = (envelopes: readonly Envelope[]) => envelopes.map(({ id }) => id).sort();

  test('programs that its configuration names never run', async () => {
    const { dir, ...repository } = history();
    const set = (...args: string[]) => repository.git(...args);
    const canary = join(root, 'canary');
    const program = join(root, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch ${canary}\n`);
    chmodSync(program, 0o755);
    for (const key of [
      ...['core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'core.askPass'],
      ...['core.gitProxy', 'core.alternateRefsCommand', 'gpg.program', 'gpg.ssh.program'],
      ...['diff.external', 'diff.x.textconv', 'diff.x.command', 'filter.x.clean'],
      ...[
        'filter.x.smudge',
        'filter.x.process',
        'credential.helper',
        'pager.log',
        'pager.rev-list',
      ],
      ...['remote.origin.uploadpack', 'remote.origin.vcs', 'uploadpack.packObjectsHook'],
    ]) {
      set('config', key, program);
    }
    for (const key of ['alias.rev-list', 'alias.cat-file', 'alias.for-each-ref']) {
      set('config', key, `!${program}`);
    }
    set('config', 'log.showSignature', 'true');
    set('config', 'core.hooksPath', root);
    writeFileSync(join(dir, '.gitattributes'), '* diff=x filter=x\n');
    writeFileSync(join(dir, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${canary}\n`);
    set('config', 'remote.origin.url', ORIGIN);
    expect(await read(dir)).toHaveLength(3);
    expect(existsSync(canary)).toBe(false);
  });

  test('a partial clone does not ask its remote for what it lacks', async () => {
    const { dir, first, ...repository } = history();
    const set = (...args: string[]) => repository.git(...args);
    const canary = join(root, 'canary');
    const program = join(root, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch ${canary}\n`);
    chmodSync(program, 0o755);
    set('config', 'remote.origin.promisor', 'true');
    set('config', 'remote.origin.url', `file://${root}/nowhere`);
    set('config', 'remote.origin.uploadpack', program);
    set('config', 'protocol.allow', 'always');
    set('config', 'extensions.partialClone', 'origin');
    set('config', 'core.repositoryFormatVersion', '1');
    rmSync(join(dir, '.git/objects', first.slice(0, 2), first.slice(2)));
    await expect(read(dir)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(existsSync(canary)).toBe(false);
  });

  test('what stands beside the objects does not change what they say', async () => {
    const repository = history();
    const { dir, first, second } = repository;
    const plain = await read(dir);
    repository.git('commit-graph', 'write', '--reachable');
    repository.git('pack-refs', '--all');
    const lone = repository.write({ message: 'replaced\n' });
    repository.git('replace', second, lone);
    writeFileSync(join(dir, '.git/info/grafts'), `${second}\n`);
    repository.git('repack', '-adq');
    expect(await read(dir)).toEqual(plain);
    expect((await dataOf(dir, second))['parents']).toEqual([first]);
  });

  test.each([
    ['TZ', 'Pacific/Kiritimati'],
    ['LANG', 'ja_JP.eucJP'],
    ['LC_ALL', 'tr_TR.UTF-8'],
    ['GIT_DIR', '/nowhere'],
    ['GIT_OBJECT_DIRECTORY', '/nowhere'],
    ['GIT_ALTERNATE_OBJECT_DIRECTORIES', '/nowhere'],
    ['GIT_NAMESPACE', 'other'],
    ['GIT_CONFIG_PARAMETERS', "'log.date=relative'"],
    ['GIT_EXEC_PATH', '/nowhere'],
  ])('%s=%s changes nothing', async (name, value) => {
    const { dir } = history();
    const plain = await read(dir);
    const before = process.env[name];
    process.env[name] = value;
    try {
      expect(await read(dir)).toEqual(plain);
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    }
  });

  test('a bare clone, a linked worktree and a subdirectory are the repository', async () => {
    const { dir, second } = history();
    const plain = ids(await read(dir));
    git('clone', '-q', '--bare', dir, join(root, 'bare.git'));
    git('-C', join(root, 'bare.git'), 'remote', 'set-url', 'origin', ORIGIN);
    git('-C', dir, 'worktree', 'add', '-q', '--detach', join(root, 'linked'), second);
    expect(ids(await read(join(root, 'bare.git')))).toEqual(plain);
    expect(ids(await read(join(root, 'linked')))).toEqual(plain);
    expect(ids(await read(join(dir, '.git')))).toEqual(plain);
  });

  test('a submodule is a repository of its own', async () => {
    const outer = createRepository(join(root, 'outer'), 'https://git.example/objects/outer');
    outer.point('refs/heads/main', outer.write({ message: 'outer\n' }));
    const { dir, second } = history();
    git(
      ...['-c', 'protocol.file.allow=always', '-C', outer.dir],
      ...['submodule', 'add', '-q', dir, 'inner'],
    );
    git('-C', join(outer.dir, 'inner'), 'remote', 'set-url', 'origin', ORIGIN);
    const inner = await read(join(outer.dir, 'inner'));
    expect(inner.map(({ id }) => id)).toContain(second);
    expect(new Set(inner.map(({ source }) => source))).toEqual(new Set([ORIGIN]));
    expect((await read(outer.dir)).map(({ id }) => id)).not.toContain(second);
  });

  test('objects of an alternate are read: an id names its content, wherever it lies', async () => {
    const { dir } = history();
    const plain = ids(await read(dir));
    git('clone', '-q', '--shared', '--no-checkout', dir, join(root, 'shared'));
    git('-C', join(root, 'shared'), 'remote', 'set-url', 'origin', ORIGIN);
    expect(existsSync(join(root, 'shared/.git/objects/info/alternates'))).toBe(true);
    expect(ids(await read(join(root, 'shared')))).toEqual(plain);
  });

  test('a partial clone without files and trees has the whole history', async () => {
    const { dir } = history();
    git('-C', dir, 'config', 'uploadpack.allowFilter', 'true');
    const partial = join(root, 'partial');
    git('clone', '-q', '--filter=tree:0', '--no-checkout', `file://${dir}`, partial);
    git('-C', partial, 'remote', 'set-url', 'origin', ORIGIN);
    expect(ids(await read(partial))).toEqual(ids(await read(dir)));
  });

  // only root can give a directory away
  (process.getuid?.() === 0 ? test : test.skip)(
    'a checkout of another user is read where it is named, and not where it is found above',
    async () => {
      const { dir } = history();
      const plain = await read(dir);
      const inside = join(dir, 'inside');
      execFileSync('mkdir', [inside]);
      execFileSync('chown', ['-R', '12345:12345', dir]);
      expect(await read(dir)).toEqual(plain);
      await expect(read(inside)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining('belongs to another user'),
      });
    },
  );

  test('tags are read from their objects', async () => {
    const repository = history();
    const { second } = repository;
    const tag = (object: string, type: string, tagger: string) =>
      execFileSync(
        'git',
        ['-C', repository.dir, 'hash-object', '-t', 'tag', '-w', '--stdin', '--literally'],
        {
          input: `object ${object}\ntype ${type}\ntag v1\n${tagger}\nA tag\n`,
          encoding: 'utf8',
        },
      ).trim();
    const one = tag(second, 'commit', 'tagger T <t@x> 1500000000 -0330\n');
    const two = tag(one, 'tag', 'tagger T <t@x> 99999999999999 +0000\n');
    const three = tag(second, 'commit', '');
    repository.point('refs/tags/one', one);
    repository.point('refs/tags/two', two);
    repository.point('refs/tags/three', three);
    const tags = (await read(repository.dir)).filter(({ id }) => id.startsWith('refs/tags/'));
    expect(
      tags.map(({ id, time, data }) => [id, time, (data as { commit: string }).commit]),
    ).toEqual([
      [`refs/tags/one@${one}`, '2017-07-13T23:10:00-03:30', second],
      [`refs/tags/three@${three}`, undefined, second],
      [`refs/tags/two@${two}`, undefined, second],
    ]);
  });
});
