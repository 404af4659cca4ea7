import { expect, test } from '@jest/globals';
import { knownHost } from '../../../src/model/hosts.ts';
import { canonicalAlgorithm, digestKind } from '../../../src/model/digest.ts';
import { entryOf } from '../../../src/model/table.ts';
import { parse } from '../documents/reading.ts';

const OF_EVERY_OBJECT = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];

test.each(OF_EVERY_OBJECT)('a table has no entry %s that nobody wrote into it', (name) => {
  expect(entryOf({ a: 1 }, name)).toBeUndefined();
  expect(entryOf({ a: 1 }, 'a')).toBe(1);
  expect(knownHost(name)).toBe(name);
  expect(canonicalAlgorithm(name)).toBe(name.toLowerCase());
  expect(digestKind(`${name}:ab`)).toBe('other');
});

test.each(OF_EVERY_OBJECT)('a vulnerability whose analysis has the state %s affects', (state) => {
  const bom = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: { component: { type: 'application', name: 'app', version: '1', 'bom-ref': 'app' } },
    vulnerabilities: [{ id: 'CVE-2026-1', analysis: { state }, affects: [{ ref: 'app' }] }],
  };
  const concerns = parse(bom).changes.edges.filter(({ type }) => type === 'CONCERNS');
  const other = parse({
    ...bom,
    vulnerabilities: [{ ...bom.vulnerabilities[0], analysis: { state: 'nobody knows' } }],
  }).changes.edges.filter(({ type }) => type === 'CONCERNS');
  expect(concerns).toHaveLength(1);
  expect(concerns.map(({ properties }) => properties?.['concerns'])).toEqual(
    other.map(({ properties }) => properties?.['concerns']),
  );
});
