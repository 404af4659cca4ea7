import { describe, expect, it } from '@jest/globals';
import { resolutionAt } from '../../../src/model/tags.ts';

describe('which resolution of a tag counts', () => {
  it.each([
    ['the last one before the use', [30, 10, 20], 25, 20],
    ['the one of the same moment', [10, 20], 20, 20],
    ['the first one, where none was known before', [30, 20], 10, 20],
    ['the last one of all, for the tag itself', [10, 30, 20], null, 30],
    ['the only one, however late', [50], 10, 50],
  ])('%s', (_, times, at, chosen) => {
    expect(resolutionAt(times, at)).toBe(chosen);
  });
});
