import { describe, expect, test } from '@jest/globals';
import type { Entry } from '../../../../src/bus/log/entry.ts';
import { takeInOrder, type Waiting } from '../../../../src/bus/group/merge.ts';

function entries(stream: string, ...numbers: number[]): [string, Entry[]] {
  return [
    stream,
    numbers.map((n) => ({
      ...{ stream, id: `${n}-0`, n, acceptedAt: 0, contentHash: null, text: '{}' },
      ...{ onlyFor: null, redeliveries: 0 },
    })),
  ];
}

function take(waiting: Waiting, readAll: string[], counter: number): number[] {
  return takeInOrder(waiting, new Set(readAll), counter).entries.map(({ n }) => n);
}

describe('entries of several streams in the order of their log numbers', () => {
  test('all of them, where every stream was read to its end', () => {
    const waiting: Waiting = new Map([entries('a', 1, 4), entries('b', 2, 3), entries('c')]);
    expect(take(waiting, ['a', 'b', 'c'], 4)).toEqual([1, 2, 3, 4]);
    expect(take(waiting, ['a', 'b', 'c'], 4)).toEqual([]);
  });

  test('an entry waits for smaller numbers of a stream that has more', () => {
    const waiting: Waiting = new Map([entries('a', 1, 9), entries('b', 2, 3)]);
    expect(take(waiting, ['a'], 9)).toEqual([1, 2, 3]);
    waiting.set(...entries('b', 5, 10));
    expect(take(waiting, ['b'], 10)).toEqual([5, 9]);
    expect(take(waiting, ['a'], 10)).toEqual([10]);
  });

  test('an entry that was appended after the counter was read waits for the next look', () => {
    const waiting: Waiting = new Map([entries('a', 7), entries('b')]);
    expect(take(waiting, ['a', 'b'], 6)).toEqual([]);
    expect(take(waiting, ['b'], 7)).toEqual([7]);
  });

  test('a number that no stream holds holds up nobody', () => {
    const waiting: Waiting = new Map([entries('a', 1), entries('b', 5)]);
    expect(take(waiting, ['a', 'b'], 6)).toEqual([1, 5]);
  });

  test('what has no log number is handed on at once, in its place of the stream', () => {
    const waiting: Waiting = new Map([entries('a', Number.NaN, 3), entries('b', 2)]);
    expect(take(waiting, ['a', 'b'], 3)).toEqual([Number.NaN, 2, 3]);
  });
});
