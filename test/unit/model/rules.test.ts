import { expect, test } from '@jest/globals';
import { RULES_VERSION, rulesNotice } from '../../../src/model/rules.ts';

test('a graph of the same rules needs nothing', () => {
  expect(rulesNotice(RULES_VERSION)).toBeNull();
});

test('a graph of older rules is to be rebuilt', () => {
  expect(rulesNotice(1, 3)).toBe(
    'The graph was written under rules 1, this program has rules 3: run stemma rebuild.',
  );
});

test('a graph of newer rules asks for a newer program, and is not rebuilt under older ones', () => {
  const notice = rulesNotice(4, 3);
  expect(notice).toContain('update the program');
  expect(notice).not.toContain('stemma rebuild');
});
