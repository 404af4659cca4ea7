import { describe, expect, test } from '@jest/globals';
import { changesOf, checkEvent } from '../../../src/handlers/index.ts';
import { parseEvent } from '../../../src/model/event.ts';
import { event, hex } from '../../support/events.ts';

const A = `sha256:${hex('a')}`;
const B = `sha256:${hex('b')}`;
const alias = (one: string, of: string) =>
  parseEvent(event('alias.asserted', { alias: one, of }), () => undefined);
const edgesOf = (one: string, of: string) =>
  changesOf(alias(one, of), 0).edges.map(({ type, from, to }) => `${from.key} ${type} ${to.key}`);

describe('an alias', () => {
  test('of two digests of one strong algorithm is refused, with what to say instead', () => {
    const check = () => {
      checkEvent(alias(A, B), 0);
    };
    expect(check).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(check).toThrow(/two different contents.*derivedFrom/);
  });

  test('of that kind says nothing where a log has it', () => {
    expect(edgesOf(A, B)).toEqual([]);
  });

  test.each([
    [`sha512:${hex('a', 128)}`, A],
    [`sha1:${hex('a', 40)}`, A],
    [`sha1:${hex('a', 40)}`, `sha1:${hex('b', 40)}`],
    ['pkg:npm/a@1.0.0', A],
    ['CVE-2026-1', 'GHSA-aaaa-bbbb-cccc'],
  ])('of %s and %s joins them both ways', (one, of) => {
    checkEvent(alias(one, of), 0);
    expect(edgesOf(one, of)).toHaveLength(2);
  });

  test('of a thing and itself says nothing', () => {
    checkEvent(alias(A, A), 0);
    expect(edgesOf(A, A)).toEqual([]);
  });
});
