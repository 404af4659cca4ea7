import { describe, expect, test } from '@jest/globals';
import { checkDocument } from '../../../src/documents/validate.ts';
import { StemmaError } from '../../../src/errors.ts';
import { sha256 } from '../../../src/model/event.ts';
import { bom, dsse, fixture, statement } from './reading.ts';

/** What the intake says of a document: its refusal, its warnings (the schema's last), or that it is in order. */
async function verdictOf(document: unknown): Promise<string> {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  try {
    const { warnings, complaint } = await checkDocument(text, sha256(text));
    const told = [...warnings, ...(complaint === null ? [] : [complaint])];
    if (told.length === 0) return 'accepted';
    return `accepted; ${told.map(({ path, message }) => `${path}: ${message}`).join('; ')}`;
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
    expect(await verdictOf(document)).toBe('accepted');
  });

  test.each([
    [
      'a date that is none',
      fixture('cyclonedx/invalid-metadata-timestamp-1.4.json'),
      /^accepted; metadata\.timestamp: .*is not known/,
    ],
    [
      'a hash that is none',
      fixture('cyclonedx/invalid-hash-sha1-1.6.json'),
      /^accepted; components\.0\.hashes\.1: .*is left out/,
    ],
    [
      'a hash of the right length but for one letter',
      fixture('cyclonedx/small-legal-1.4.json'),
      /^accepted; components\.3\.hashes\.0: .*is left out/,
    ],
    [
      'a licence that is none',
      library({ licenses: [{ license: { id: 'Apache-2' } }] }),
      /^accepted; components\.0\.licenses\.0\.license\.id: By the schema of CycloneDX 1\.6, .*must be one of 0BSD/,
    ],
    [
      'a member that no version has',
      library({ licence: 'MIT' }),
      /^accepted; .*must not have a member 'licence'/,
    ],
    [
      'an item twice',
      bom({
        components: [
          { type: 'library', name: 'a' },
          { name: 'a', type: 'library' },
        ],
      }),
      /^accepted; components: .*must NOT have duplicate items/,
    ],
    [
      'an e-mail address that is none',
      bom({ metadata: { authors: [{ email: 'nobody' }] } }),
      /^accepted; metadata\.authors\.0\.email: /,
    ],
  ])('accepts %s, and says so', async (_what, document, warning) => {
    expect(await verdictOf(document)).toMatch(warning);
  });

  test.each([
    ['another format', fixture('cyclonedx/invalid-format.json'), /^DOCUMENT_MALFORMED bomFormat: /],
    [
      'a version that is not read',
      bom({ specVersion: '1.1' }),
      /^DOCUMENT_UNSUPPORTED specVersion: /,
    ],
    ['XML of another kind', '<html/>', /^DOCUMENT_UNSUPPORTED/],
    ['what is not JSON', '{', /^DOCUMENT_MALFORMED/],
  ])('refuses %s', async (_what, document, reason) => {
    expect(await verdictOf(document)).toMatch(reason);
  });
});
