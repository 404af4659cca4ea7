import { expect, test } from '@jest/globals';
import { firstStepOf } from '../../../../src/graph/lineage/scope.ts';
import type { NodeLabel } from '../../../../src/model/node.ts';
import { hex } from '../../../support/events.ts';

test.each<[NodeLabel, string, 'context' | 'naming' | null]>([
  ['Builder', 'https://ci.example/b', 'context'],
  ['Vulnerability', 'CVE-1', 'context'],
  ['PackageVersion', 'pkg:pypi/a@1.0', 'naming'],
  ['PackageVersion', 'pkg:maven/g/a@1.0?type=jar', 'naming'],
  ['PackageVersion', 'pkg:npm/a@1.0.0', null],
  ['PackageVersion', `${hex('document')}#component`, null],
  ['Artifact', `sha1:${hex('a', 40)}`, 'naming'],
  ['Artifact', `gitoid:blob:sha1:${hex('a', 40)}`, 'naming'],
  ['Artifact', `sha256:${hex('a')}`, null],
  ['Build', 'https://ci.example/1', null],
])('a question that starts at the %s %s takes as its first step: %s', (label, key, step) => {
  expect(firstStepOf({ label, key })).toBe(step);
});
