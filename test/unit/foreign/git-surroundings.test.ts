import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gitEnvironment } from '../../../src/foreign/git/process.ts';
import { readGitRepository } from '../../../src/foreign/git/repository.ts';
import type { Envelope } from '../../../src/model/event.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stemma-git-'));
});

afterEach(() => {
  delete process.env['GIT_DIR'];
  delete process.env['GIT_CONFIG_GLOBAL'];
  rmSync(root, { recursive: true });
});

function make(fixture: string): void {
  const script = resolve('test/fixtures/field', fixture, 'make.sh');
  execFileSync('bash', [script], { cwd: root, stdio: 'pipe' });
}

async function commits(name: string): Promise<Envelope[]> {
  const events = await Array.fromAsync(readGitRepository({ dir: join(root, name) }));
  return events.filter(({ type }) => type === 'source.commit.created');
}

test('10-git-grafts: parents are those of the object, before and after the graft is gone', async () => {
  make('10-git-grafts');
  const grafted = await commits('grafted-a');
  rmSync(join(root, 'grafted-a/.git/info/grafts'));
  expect(grafted).toHaveLength(2);
  expect(grafted[0]?.data).toMatchObject({ parents: [grafted[1]?.id] });
  expect(await commits('grafted-a')).toEqual(grafted);
});

test('11-git-dir-of-a-hook: GIT_DIR of a hook does not choose the repository', async () => {
  make('11-git-dir-of-a-hook');
  process.env['GIT_DIR'] = join(root, 'hooked-a/.git');
  const found = await commits('wanted-a');
  expect(found.map(({ source }) => source)).toEqual(
    Array(2).fill('https://git.example/field/wanted-a'),
  );
});

test("a person's configuration does not rewrite the URL of origin", async () => {
  make('11-git-dir-of-a-hook');
  const config = join(root, 'config');
  writeFileSync(config, '[url "https://mirror.example/"]\n\tinsteadOf = https://git.example/\n');
  process.env['GIT_CONFIG_GLOBAL'] = config;
  const found = await commits('wanted-a');
  expect(found[0]?.source).toBe('https://git.example/field/wanted-a');
});

test('12-git-odd-time-zone: the seconds are good where the offset is odd', async () => {
  make('12-git-odd-time-zone');
  const times = (await commits('dates-a')).map(({ time }) => time && new Date(time).toISOString());
  expect(times).toContain('2018-01-26T08:43:22.000Z');
});

test('git sees nothing of the surroundings but where programs are', () => {
  const seen = gitEnvironment({ PATH: '/bin', GIT_DIR: '/x', GIT_OBJECT_DIRECTORY: '/y' });
  expect(seen).toMatchObject({ PATH: '/bin', GIT_CONFIG_GLOBAL: '/dev/null' });
  expect(seen).not.toHaveProperty('GIT_DIR');
  expect(seen).not.toHaveProperty('GIT_OBJECT_DIRECTORY');
});
