import { expect, test } from '@jest/globals';
import { registeredTypes, type LoggedTypeStatement } from '../../../src/model/event-types.ts';

const NAME = 'com.acme.folded';
let n = 0;
const logged = (body: LoggedTypeStatement['body']): LoggedTypeStatement => {
  n += 1;
  return { n, acceptedAt: n * 1_000, source: `urn:s:${n}`, body };
};
const registered = (version: number, schema: Record<string, unknown>, type = NAME) =>
  logged({ type: 'type.registered', data: { type, version, schema } });
const deprecated = (version: number, reason: string) =>
  logged({ type: 'type.deprecated', data: { type: NAME, version, reason } });

test('the first registration of a version counts, and of its deprecations the first', () => {
  const early = deprecated(1, 'nobody knows it yet');
  const first = registered(1, { type: 'object' });
  const statements = [
    ...[early, first, registered(1, { type: 'string' })],
    ...[deprecated(1, 'send version 2'), deprecated(1, 'too late'), registered(2, {})],
  ];
  expect(registeredTypes(statements)).toMatchObject([
    {
      ...{ name: NAME, version: 1, schema: { type: 'object' }, position: first.n },
      ...{ source: first.source, registeredAt: first.acceptedAt, description: null },
      deprecation: { reason: 'send version 2', at: 4_000 },
    },
    { name: NAME, version: 2, deprecation: null },
  ]);
});

test('are in the order of their names, then versions', () => {
  const names = registeredTypes([
    ...[registered(10, {}), registered(2, {}), registered(1, {}, 'com.acme.earlier')],
  ]).map(({ name, version }) => `${name} ${version}`);
  expect(names).toEqual(['com.acme.earlier 1', `${NAME} 2`, `${NAME} 10`]);
});

test('the fingerprint is that of the schema, however it is written', () => {
  const [one, other, third] = registeredTypes([
    registered(1, { type: 'object', title: 'a' }),
    registered(2, { title: 'a', type: 'object' }),
    registered(3, { title: 'b', type: 'object' }),
  ]).map(({ fingerprint }) => fingerprint);
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(other).toBe(one);
  expect(third).not.toBe(one);
});
