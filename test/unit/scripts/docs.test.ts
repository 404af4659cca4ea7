import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, isShown } from '../../support/docs.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('what a page says that a terminal shows', () => {
  it.each([
    ['ps\n', 'ps\n', true],
    ['at 2026-12-01 10:00Z', 'at 2027-01-02 11:11Z', true],
    ['on 2026-12-01', 'on 2027-01-02', true],
    ['at 2025-02-04 10:06Z', 'at 2025-02-04 10:07Z', false],
    ['APPLIED 1 auto-83a2838f61777e712add', 'APPLIED 1 auto-99a2838f61777e712add', true],
    ['APPLIED 1', 'APPLIED 2', false],
    ['a…c', 'abbc', true],
    ['a\n…\nd', 'a\nb\nc\nd', true],
    ['a\n…', 'a', true],
    ['a', 'a\nb', false],
  ])('%j is shown by %j: %s', (expected, actual, is) => {
    expect(isShown(expected, actual)).toBe(is);
  });
});

describe('blocks of a page', () => {
  it('have what is said of them in a comment, and the output below', () => {
    const page =
      'Text.\n\n<!-- exit code 3 -->\n\n```sh\nfalse\n```\n\n```text\nno\n```\n\n<!-- not run: needs Docker -->\n```sh\ndocker\n```\n';
    expect(blocksOf(page)).toMatchObject([
      { line: 6, code: 'false\n', exitCode: 3, notRun: null, output: { text: 'no\n' } },
      { line: 15, code: 'docker\n', exitCode: 0, notRun: 'needs Docker', output: null },
    ]);
  });

  it('are marked as sh in every page: what is bash is run by test/unit/clients/docs.test.ts', () => {
    const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
    for (const name of ['../README.md', ...pages]) {
      const text = readFileSync(join(ROOT, 'docs', name), 'utf8');
      expect([name, /^```(?:shell|console|bash)$/m.exec(text)?.[0]]).toEqual([
        name,
        name === 'api.md' ? '```bash' : undefined,
      ]);
    }
  });
});
