import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readGitJsonLine, repositoryOfFile } from '../../../src/foreign/git/json-lines.ts';
import { readGitRepository } from '../../../src/foreign/git/repository.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { accept, fixtureLines, linesOf, refusal, testWithData } from './event-samples.ts';

let root: string;
let dir: string;

function git(where: string, ...args: string[]): string {
  const settings = [
    '-c',
    'user.name=Ada Ü',
    '-c',
    'user.email=ada@example.org',
    '-c',
    'init.defaultBranch=main',
  ];
  return execFileSync('git', ['-C', where, ...settings, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

async function read(options: Parameters<typeof readGitRepository>[0]): Promise<Envelope[]> {
  const envelopes = await Array.fromAsync(readGitRepository(options));
  for (const envelope of envelopes) accept(envelope);
  return envelopes;
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stemma-git-'));
  dir = join(root, 'work');
  execFileSync('git', ['init', '-q', '-b', 'main', dir]);
  git(
    dir,
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'first',
    '-m',
    'two\nlines',
    '--date=2020-01-02T03:04:05+02:00',
  );
  git(dir, 'checkout', '-q', '-b', 'side');
  git(dir, 'commit', '-q', '--allow-empty', '-m', 'on the side');
  git(dir, 'checkout', '-q', 'main');
  git(dir, 'commit', '-q', '--allow-empty', '--allow-empty-message', '-m', '');
  git(dir, 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
  git(dir, 'tag', 'light');
  git(dir, 'tag', '-a', 'v1', '-m', 'release');
  git(dir, 'tag', '-a', 'v1-again', '-m', 'a tag of a tag', 'v1');
  git(dir, 'tag', 'tree', 'HEAD^{tree}');
  git(dir, 'notes', 'add', '-m', 'a note is not a history');
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('reading a repository', () => {
  test('gives its commits with parents, people and times', async () => {
    const commits = (await read({ dir })).filter(({ type }) => type === 'source.commit.created');
    const head = git(dir, 'rev-parse', 'HEAD');
    const first = git(dir, 'rev-list', '--max-parents=0', 'HEAD');
    expect(commits).toHaveLength(4);
    expect(commits.find(({ id }) => id === head)!.data).toMatchObject({
      parents: [git(dir, 'rev-parse', 'HEAD^1'), git(dir, 'rev-parse', 'HEAD^2')],
      message: 'merge',
    });
    const found = commits.find(({ id }) => id === first)!;
    expect(found.data).toMatchObject({
      commit: first,
      parents: [],
      message: 'first\n\ntwo\nlines',
      author: { name: 'Ada Ü', email: 'ada@example.org' },
      authoredAt: '2020-01-02T03:04:05+02:00',
    });
    expect(found.time).toBe((found.data as { committedAt: string }).committedAt);
  });

  test('gives its tags and branches, each with the commit behind it', async () => {
    const refs = (await read({ dir })).filter(({ type }) => type === 'source.branch.created');
    const commit = git(dir, 'rev-parse', 'HEAD');
    expect(refs.map(({ data }) => data)).toMatchObject([
      { name: 'main', refType: 'branch', commit },
      { name: 'side', refType: 'branch', commit: git(dir, 'rev-parse', 'side') },
      { name: 'light', refType: 'tag', commit },
      { name: 'tree', refType: 'tag' },
      { name: 'v1', refType: 'tag', commit },
      { name: 'v1-again', refType: 'tag', commit },
    ]);
    expect(
      refs.find(({ data }) => (data as { name: string }).name === 'tree')!.data,
    ).not.toHaveProperty('commit');
  });

  test('gives the same events again, also from a clone', async () => {
    const clone = join(root, 'clone');
    execFileSync('git', ['clone', '-q', dir, clone]);
    const identities = async (where: string) =>
      (await read({ dir: where }))
        .filter(({ type }) => type === 'source.commit.created')
        .map((e) => `${e.source} ${e.id}`);
    expect(await identities(clone)).toEqual(await identities(dir));
    expect(await read({ dir })).toEqual(await read({ dir }));
  });

  test('names it by the URL of its origin', async () => {
    const clone = join(root, 'with-origin');
    execFileSync('git', ['clone', '-q', dir, clone]);
    git(clone, 'remote', 'set-url', 'origin', 'https://token:secret@GitHub.com/org/repo.git');
    const envelopes = await read({ dir: clone });
    expect(new Set(envelopes.map(({ source }) => source))).toEqual(
      new Set(['https://github.com/org/repo']),
    );
    expect(envelopes.map(({ id }) => id)).toContain(
      `refs/heads/side@${git(dir, 'rev-parse', 'side')}`,
    );
  });

  test('leaves out what is older than asked for', async () => {
    const envelopes = await read({ dir, since: new Date(Date.now() + 60_000) });
    expect(envelopes.map(({ type }) => type)).not.toContain('source.commit.created');
  });

  test('cuts a message of megabytes at 64 kB', async () => {
    const big = join(root, 'big');
    execFileSync('git', ['init', '-q', big]);
    writeFileSync(join(root, 'message'), `${'x'.repeat(65_535)}😀${'y'.repeat(1_000_000)}`);
    git(big, 'commit', '-q', '--allow-empty', '-F', join(root, 'message'));
    const [envelope] = await read({ dir: big });
    expect((envelope!.data as { message: string }).message).toBe('x'.repeat(65_535));
  });

  test('of an empty repository gives nothing', async () => {
    const empty = join(root, 'empty');
    execFileSync('git', ['init', '-q', empty]);
    expect(await read({ dir: empty })).toEqual([]);
  });

  test('reads what is there of a shallow clone, with the ids of the parents at its boundary, and says so', async () => {
    const shallow = join(root, 'shallow');
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${dir}`, shallow]);
    git(shallow, 'remote', 'set-url', 'origin', 'https://git.example/org/shallow.git');
    const warnings: string[] = [];
    const onWarning = (text: string): void => void warnings.push(text);
    const envelopes = await read({ dir: shallow, onWarning });
    const commits = envelopes.filter(({ type }) => type === 'source.commit.created');
    const head = git(dir, 'rev-parse', 'main');
    expect(commits.map(({ id }) => id)).toEqual([head]);
    const parents = git(dir, 'rev-parse', 'main^1', 'main^2').split('\n');
    expect(commits[0]!.data).toMatchObject({ parents });
    expect(warnings).toEqual([expect.stringContaining('git fetch --unshallow')]);
    // the same commit reads the same once the rest is there
    const whole = await read({ dir });
    const data = whole.find(({ id }) => id === head)!.data as object;
    expect(commits[0]!.data).toEqual({ ...data, repository: 'https://git.example/org/shallow' });
    expect(await read({ dir, onWarning })).toEqual(whole);
    expect(warnings).toHaveLength(1);
  });

  test('refuses a shallow clone that nothing names, and says what to do', async () => {
    const shallow = join(root, 'shallow-unnamed');
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${dir}`, shallow]);
    await expect(read({ dir: shallow })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('git fetch --unshallow'),
    });
  });

  test('refuses a directory without a repository', async () => {
    await expect(read({ dir: join(root, 'nothing') })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await expect(read({ dir: root })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('not a git repository'),
    });
  });

  test('stops when it is told to', async () => {
    await expect(read({ dir, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    for await (const envelope of readGitRepository({ dir })) {
      expect(envelope.type).toBe('source.commit.created');
      break; // and leaves no process behind
    }
  });
});

describe('a line of an exported history', () => {
  const repository = 'https://github.com/cli/cli';

  test('is a commit', () => {
    const [line] = fixtureLines('git-history/cli_cli.commits.jsonl');
    expect(accept(readGitJsonLine(line, repository))).toMatchObject({
      envelope: {
        id: 'jsonl/44ee17760709bedf1cad7e452e61751489b81a33',
        source: repository,
        time: '2024-10-24T16:47:44.000Z',
      },
      body: {
        data: {
          parents: [expect.any(String), expect.any(String)],
          author: { name: 'df0c278dc19011d2' },
        },
      },
    });
  });

  test('is a tag, and an annotated one points to its commit', () => {
    const [line] = fixtureLines('git-history/guacsec_guac.tags.jsonl');
    expect(readGitJsonLine(line, repository)).toMatchObject({
      id: 'jsonl/refs/tags/v0.0.1-alpha.0@e305126f1f436331d995f0eac3cce476fd6b728c',
      data: {
        name: 'v0.0.1-alpha.0',
        refType: 'tag',
        commit: 'e9359e7d92d24463dffd5d99d6c1e3a0bdeea2e8',
      },
    });
  });

  test('that is neither is refused by its path', () => {
    expect(refusal(() => readGitJsonLine({ sha: 'abc' }, repository)).details['path']).toBe('sha');
    expect(refusal(() => readGitJsonLine({ ref: 'HEAD' }, repository)).details['path']).toBe('ref');
  });

  test('belongs to the repository that the file is named after', () => {
    expect(repositoryOfFile('/data/slsa-framework_slsa-verifier.commits.jsonl')).toBe(
      'https://github.com/slsa-framework/slsa-verifier',
    );
    expect(repositoryOfFile('history.jsonl')).toBeNull();
  });
});

testWithData('accepts every line of the data set', 'git-history', (files) => {
  let lines = 0;
  for (const file of files) {
    const repository = repositoryOfFile(file)!;
    for (const line of linesOf(file)) {
      accept(readGitJsonLine(line, repository));
      lines += 1;
    }
  }
  expect(lines).toBe(12_747);
});
