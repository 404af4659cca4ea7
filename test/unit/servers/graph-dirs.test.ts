import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { finishSwitch, graphDirs, switchGraphs } from '../../../src/servers/graph-dirs.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const put = (dir: string, text: string): void => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'store'), text);
};
const held = (dir: string): string | null =>
  existsSync(dir) ? readFileSync(join(dir, 'store'), 'utf8') : null;
const state = () => {
  const { current, next, before } = graphDirs(home);
  return { current: held(current), next: held(next), before: held(before) };
};

test('the new graph takes the place of the old one, which is kept; an older one goes', () => {
  const { current, next, before } = graphDirs(home);
  put(current, 'old');
  put(next, 'new');
  put(before, 'older');
  switchGraphs(home);
  expect(state()).toEqual({ current: 'new', next: null, before: 'old' });
});

describe('a switch that was cut off is ended at the next start', () => {
  const INTENT = (): string => join(home, 'data', 'neo4j.switch');

  test.each([
    ['before anything was moved', () => undefined],
    [
      'while the older one was removed',
      () => {
        rmSync(graphDirs(home).before, { recursive: true });
      },
    ],
    [
      'between the two moves',
      () => {
        const { current, before } = graphDirs(home);
        rmSync(before, { recursive: true });
        renameSync(current, before);
      },
    ],
    [
      'after both moves',
      () => {
        const { current, next, before } = graphDirs(home);
        rmSync(before, { recursive: true });
        renameSync(current, before);
        renameSync(next, current);
      },
    ],
  ])('%s', (_name, crash) => {
    const { current, next, before } = graphDirs(home);
    put(current, 'old');
    put(next, 'new');
    put(before, 'older');
    writeFileSync(INTENT(), '');
    crash();
    finishSwitch(home);
    expect(state()).toEqual({ current: 'new', next: null, before: 'old' });
    expect(existsSync(INTENT())).toBe(false);
  });
});

test('without a switch under way, nothing is moved: a rebuild may still be at work', () => {
  const { current, next } = graphDirs(home);
  put(current, 'old');
  put(next, 'half');
  finishSwitch(home);
  expect(state()).toEqual({ current: 'old', next: 'half', before: null });
});
