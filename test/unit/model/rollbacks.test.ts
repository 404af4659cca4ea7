import { describe, expect, it } from '@jest/globals';
import { undoneIn, type Shipped } from '../../../src/model/rollbacks.ts';

let at = 0;
const shipped = (key: string, rest: Partial<Shipped> = {}): Shipped => {
  at += 1;
  return { key, slot: 's', at, rollback: false, failed: false, ...rest };
};
const back = (rest: Partial<Shipped> = {}) => shipped(`back${at}`, { rollback: true, ...rest });
const undone = (...all: readonly Shipped[]) => [...undoneIn(all.toReversed())].sort().join(' ');

describe('what brings back what ran before', () => {
  it('undoes the last one of its slot, and a second one the one before that', () => {
    const three = [shipped('a'), shipped('b'), shipped('c')];
    expect(undone(...three, back())).toBe('c');
    expect(undone(...three, back(), back())).toBe('b c');
    expect(undone(...three, back(), shipped('d'), back())).toBe('c d');
  });

  it('undoes nothing of another slot, nothing that comes later, and nothing where it failed', () => {
    expect(undone(shipped('a'), back({ slot: 't' }))).toBe('');
    expect(undone(back(), shipped('a'))).toBe('');
    expect(undone(shipped('a'), back({ failed: true }))).toBe('');
  });

  it('counts after what happened at the same moment', () => {
    expect(undone(back({ at: 900 }), shipped('a', { at: 900 }))).toBe('a');
  });
});
