import { expect, test } from '@jest/globals';
import { changesOf } from '../../../src/handlers/index.ts';
import { parseEvent } from '../../../src/model/event.ts';

const SHA = 'ab'.repeat(32);

test.each([
  [`sha256:${SHA}`, { label: 'Artifact', key: `sha256:${SHA}` }],
  [`pkg:oci/shop@sha256:${SHA}`, { label: 'Artifact', key: `sha256:${SHA}` }],
  ['pkg:npm/left-pad@1.0.0', { label: 'PackageVersion', key: 'pkg:npm/left-pad@1.0.0' }],
  ['cd'.repeat(20), { label: 'Commit', key: 'cd'.repeat(20) }],
  ['https://CI.example/1', { label: 'Resource', key: 'https://ci.example/1' }],
  ['whatever', null],
  [`pkg:npm/${'漢'.repeat(1_000)}@1`, null],
  [undefined, null],
])('an event of a registered type whose subject is %s is about %j', (subject, expected) => {
  const event = parseEvent(
    {
      ...{ specversion: '1.0', id: '1', source: 'urn:s', type: 'com.example.seen', data: {} },
      ...(subject === undefined ? {} : { subject }),
    },
    () => undefined,
  );
  expect(changesOf(event, 0)).toMatchObject({ subject: expected, nodes: [], edges: [] });
});
