import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const ROOT = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('CONTRIBUTING.md', ROOT), 'utf8');
const named = [...text.matchAll(/`((?:src|test|cypher|docs|scripts|bench)\/[^`<>]+)`/g)];

test.each([...new Set(named.flatMap(([, path]) => path ?? []))])(
  '%s, which CONTRIBUTING names, is there',
  (path) => {
    expect(existsSync(new URL(path, ROOT))).toBe(true);
  },
);
