import { describe, expect, it } from '@jest/globals';
import { parseDocument } from '../../../src/documents/document.ts';

function completeness(...aggregates: unknown[]): unknown {
  const text = JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    compositions: aggregates.map((aggregate) => ({ aggregate })),
  });
  const { nodes } = parseDocument(text, 'a'.repeat(64), null).changes;
  const document = nodes.find(({ label }) => label === 'Document');
  return (document?.facets as { content?: { completeness?: unknown } }).content?.completeness;
}

describe('compositions of a CycloneDX document', () => {
  it.each([
    [[], null],
    [['complete'], 'complete'],
    [['complete', 'not_specified'], 'not_specified'],
    [['unknown', 'complete'], 'unknown'],
    [['complete', 'incomplete_third_party_only', 'unknown'], 'incomplete_third_party_only'],
    [['something else', 7, null], 'unknown'],
    [[7, null], null],
  ])('%j are as complete as the worst of them', (aggregates, worst) => {
    expect(completeness(...aggregates)).toBe(worst);
  });
});
