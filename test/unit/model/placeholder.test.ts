import { describe, expect, test } from '@jest/globals';
import { isPlaceholder, isPlaceholderUri, namesNothing } from '../../../src/model/placeholder.ts';
import type { NodeLabel } from '../../../src/model/node.ts';
import { hex } from '../../support/events.ts';

describe('what producers write where they know nothing', () => {
  test.each([
    ...['', ' ', '.', './', '.git', 'HEAD', 'unknown', 'Unspecified', 'NOASSERTION', '<none>'],
    ...['(devel)', '<no value>', '%!s(<nil>)', 'null', 'undefined', '0'.repeat(40)],
    ...['(none)', '(null)', 'TBD', 'not set', '00000000-0000-0000-0000-000000000000'],
    ...['${project.version}', '$(params.url)', '{{ .Values.tag }}', '@project.version@', '%CD%'],
  ])("names nothing: '%s'", (text) => {
    expect(isPlaceholder(text)).toBe(true);
  });

  test.each(['1.0', 'main', 'v2', '000', 'unknown-horizons', 'latest-1', 'headroom', 'nilfs'])(
    "is a name: '%s'",
    (text) => {
      expect(isPlaceholder(text)).toBe(false);
    },
  );

  test.each([
    ...['git+.git', 'git+https://', 'https://', 'docker://<none>:<none>', 'file://.'],
    ...['https://null/null', 'undefined/undefined', 'git+https://unknown/unknown.git'],
    ...['https://github.com/undefined/undefined'],
    ...['git+https://${HOST}/a/b', 'unknown@sha256:abc', 'git+.git@refs/heads/main'],
  ])('names nothing as a URI: %s', (uri) => {
    expect(isPlaceholderUri(uri)).toBe(true);
  });

  test.each([
    'https://github.com/null/app',
    'https://ci.example/jobs/latest/1',
    'docker://app:latest',
  ])('is a URI of something, for all that: %s', (uri) => {
    expect(isPlaceholderUri(uri)).toBe(false);
  });

  test.each(['https://unknown.example/a', 'git+https://git.example/head.git', 'docker://nginx:1'])(
    'is a URI of something: %s',
    (uri) => {
      expect(isPlaceholderUri(uri)).toBe(false);
    },
  );
});

test.each<[NodeLabel, string, boolean]>([
  ['Artifact', `sha256:${'0'.repeat(64)}`, true],
  ['Artifact', `sha256:${hex('a')}`, false],
  ['Commit', '0'.repeat(40), true],
  ['Commit', hex('a', 40), false],
  ['PackageVersion', 'pkg:npm/a@undefined', true],
  ['PackageVersion', 'pkg:golang/a@(devel)', true],
  ['PackageVersion', 'pkg:golang/a@%28devel%29?type=module', true],
  ['PackageVersion', 'pkg:npm/undefined@1.0.0', false],
  ['PackageVersion', `${hex('document')}#unknown`, false],
  ['Repository', '.git', true],
  ['Builder', 'unknown', true],
  ['Resource', '${IMAGE}', true],
  // what people and pipelines call their own things is theirs to say
  ['Environment', 'unknown', false],
])('%s %s: names nothing = %s', (label, key, expected) => {
  expect(namesNothing({ label, key })).toBe(expected);
});
