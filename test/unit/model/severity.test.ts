import { describe, expect, it } from '@jest/globals';
import { rankOf, ratingOf, worstOf } from '../../../src/model/severity.ts';

describe('severities', () => {
  it.each([
    [0, 'none'],
    [0.1, 'low'],
    [3.9, 'low'],
    [4, 'medium'],
    [6.9, 'medium'],
    [7, 'high'],
    [8.9, 'high'],
    [9, 'critical'],
    [10, 'critical'],
    [undefined, 'unknown'],
    ['9', 'unknown'],
  ])('a score of %p is rated %s', (score, rating) => {
    expect(ratingOf(score)).toBe(rating);
  });

  it('the worst of several sources counts, a word before the score beside it', () => {
    expect(worstOf([{ severity: 'low', score: 9.8 }, { severity: 'medium' }])).toEqual({
      ...{ severity: 'medium', score: 9.8 },
    });
    expect(worstOf([{ severity: 'high' }, { score: 9.1 }])).toEqual({
      ...{ severity: 'critical', score: 9.1 },
    });
  });

  it('what nobody rates is unknown, and neither hides nor outranks a rating', () => {
    expect(worstOf([])).toEqual({ severity: 'unknown', score: null });
    expect(worstOf([{ severity: 'unknown' }, { severity: 'none' }]).severity).toBe('none');
    expect(worstOf([{ severity: 'toString' }]).severity).toBe('unknown');
    expect(rankOf('unknown')).toBeGreaterThan(rankOf('low'));
    expect(rankOf('medium')).toBeGreaterThan(rankOf('unknown'));
  });
});
