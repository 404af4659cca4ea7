import { describe, expect, test } from '@jest/globals';
import { validateDocument } from '../../../src/documents/validate.ts';
import { StemmaError } from '../../../src/errors.ts';
import { bom, dsse, fixture, statement } from './reading.ts';

async function refusalOf(document: unknown): Promise<string> {
  try {
    await validateDocument(typeof document === 'string' ? document : JSON.stringify(document));
    return 'accepted';
  } catch (error) {
    if (error instanceof StemmaError)
      return `${error.code} ${String(error.details['path'])}: ${error.message}`;
    throw error;
  }
}

const library = (more: Record<string, unknown>) =>
  bom({ components: [{ type: 'library', name: 'a', ...more }] });

describe('validation at the intake', () => {
  test.each([
    ['a document with placeholder signatures', fixture('cyclonedx/valid-signatures-1.5.json')],
    [
      'a document with a hash of the right length but for one letter',
      fixture('cyclonedx/small-legal-1.4.json'),
    ],
    ['an SBOM of a scanner', fixture('cyclonedx/alpine-1.4.json')],
    [
      'a member of a newer version',
      bom({
        specVersion: '1.4',
        components: [
          { type: 'library', name: 'a', evidence: { occurrences: [{ location: 'x' }] } },
        ],
      }),
    ],
    ['an attestation', dsse(statement())],
  ])('accepts %s', async (_what, document) => {
    expect(await refusalOf(document)).toBe('accepted');
  });

  test.each([
    [
      'a date that is none',
      fixture('cyclonedx/invalid-metadata-timestamp-1.4.json'),
      /^DOCUMENT_MALFORMED metadata\.timestamp: .*CycloneDX 1\.4: 'metadata\.timestamp' must match format "date-time"/,
    ],
    [
      'a hash that is none',
      fixture('cyclonedx/invalid-hash-sha1-1.6.json'),
      /^DOCUMENT_MALFORMED components\.0\.hashes\.1\.content: /,
    ],
    [
      'a licence that is none',
      library({ licenses: [{ license: { id: 'Apache-2' } }] }),
      /^DOCUMENT_MALFORMED components\.0\.licenses\.0\.license\.id: .*must be one of 0BSD/,
    ],
    [
      'a member that no version has',
      library({ licence: 'MIT' }),
      /must not have a member 'licence'/,
    ],
    ['another format', fixture('cyclonedx/invalid-format.json'), /^DOCUMENT_MALFORMED bomFormat: /],
    [
      'a version that is not read',
      bom({ specVersion: '1.1' }),
      /^DOCUMENT_UNSUPPORTED specVersion: /,
    ],
    ['XML', fixture('cyclonedx/valid-component-types-1.7.xml'), /^DOCUMENT_UNSUPPORTED/],
    [
      'a broken attestation',
      fixture('intoto/bundle-two-signatures.json'),
      /^DOCUMENT_MALFORMED dsseEnvelope\.signatures: /,
    ],
    ['what is no JSON', '{', /^DOCUMENT_MALFORMED/],
  ])('refuses %s', async (_what, document, reason) => {
    expect(await refusalOf(document)).toMatch(reason);
  });

  test('refuses a document with more odd hashes than are worth tolerating', async () => {
    const hashes = Array.from({ length: 30 }, () => ({ alg: 'MD5', content: 'z'.repeat(32) }));
    expect(await refusalOf(library({ hashes }))).toMatch(/hashes\.0\.content/);
  });
});
