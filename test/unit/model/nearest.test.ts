import { describe, expect, test } from '@jest/globals';
import { nearest } from '../../../src/model/nearest.ts';

describe('the nearest names', () => {
  test('are looked for in any scope, and first in the scope that was named', () => {
    const names = ['acme/prod', 'beta/prod', 'zeta/prod', 'zeta/stage'];
    expect(nearest('prd', names)).toEqual(['acme/prod', 'beta/prod', 'zeta/prod']);
    expect(nearest('zeta/prd', names)[0]).toBe('zeta/prod');
  });

  test('are told apart from what is far, whatever the case', () => {
    expect(nearest('PRODUCTION', ['staging', 'production'])[0]).toBe('production');
    expect(nearest('x', [])).toEqual([]);
  });
});
