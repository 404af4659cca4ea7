import { describe, expect, test } from '@jest/globals';
import {
  dsse,
  edgesOf,
  fixture,
  keysOf,
  nodeOf,
  parse,
  refusalOf,
  statement,
  DIGEST,
} from './reading.ts';

const HEAD = `SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: it
DocumentNamespace: https://spdx.example/it
Creator: Tool: by-hand
Created: 2026-05-01T00:00:00Z
`;
const ROOT = `
##### Package: root
PackageName: root
SPDXID: SPDXRef-root
PackageVersion: 1.0.0
PackageDownloadLocation: NOASSERTION
FilesAnalyzed: false
PackageChecksum: SHA256: ${'b'.repeat(64)}
PrimaryPackagePurpose: CONTAINER
`;
const LIB = `
PackageName: lib
SPDXID: SPDXRef-lib
PackageVersion: 1.10
PackageDownloadLocation: NONE
ExternalRef: PACKAGE-MANAGER purl pkg:npm/lib@1.10.0
ExternalRefComment: as npm has it
ExternalRef: SECURITY cpe23Type cpe:2.3:a:lib:lib:1.10:*:*:*:*:*:*:*
PackageComment: <text>Not the end:
PackageName: ghost
# nor this
{"a": 1}
</text>
`;
const RELATIONS = `
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-root
Relationship: SPDXRef-root DEPENDS_ON SPDXRef-lib
RelationshipComment: at run time
`;
const JSON_FORM = {
  ...{ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'it' },
  creationInfo: { created: '2026-05-01T00:00:00Z' },
  packages: [
    {
      ...{ name: 'root', SPDXID: 'SPDXRef-root', versionInfo: '1.0.0' },
      checksums: [{ algorithm: 'SHA256', checksumValue: 'b'.repeat(64) }],
      primaryPackagePurpose: 'CONTAINER',
    },
    {
      ...{ name: 'lib', SPDXID: 'SPDXRef-lib', versionInfo: '1.10' },
      externalRefs: [
        {
          ...{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl' },
          referenceLocator: 'pkg:npm/lib@1.10.0',
        },
      ],
    },
  ],
  relationships: [
    {
      ...{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES' },
      relatedSpdxElement: 'SPDXRef-root',
    },
    {
      ...{ spdxElementId: 'SPDXRef-root', relationshipType: 'DEPENDS_ON' },
      relatedSpdxElement: 'SPDXRef-lib',
    },
  ],
};
const WHOLE = `${HEAD}${ROOT}${LIB}${RELATIONS}`;

const contentOf = (text: string) => nodeOf(parse(text).changes, 'Document')?.facets;

describe('an SPDX document as tags and values', () => {
  test.each([
    ['as it is', WHOLE],
    ['with the ends of lines of Windows', WHOLE.replaceAll('\n', '\r\n')],
    ['after a mark of the byte order and comments', `\uFEFF# made by hand\n\n${WHOLE}`],
  ])('says what its JSON says, %s', (_how, text) => {
    const [one, other] = [parse(text), parse(JSON_FORM)];
    expect(one.format).toBe('spdx-2.3');
    expect(edgesOf(one.changes, 'CONTAINS', 'DEPENDS_ON', 'VERSION_OF')).toEqual(
      edgesOf(other.changes, 'CONTAINS', 'DEPENDS_ON', 'VERSION_OF'),
    );
    expect(one.warnings).toEqual([]);
    expect(one.changes.validFrom).toBe(Date.parse('2026-05-01T00:00:00Z'));
    expect(contentOf(text)).toMatchObject({ content: { components: 1, complete: true } });
  });

  test('takes nothing of a text for a tag', () => {
    expect(keysOf(parse(WHOLE).changes, 'PackageVersion')).toEqual(['pkg:npm/lib@1.10.0']);
  });

  test('names the files, snippets, licences and annotations that are not read, and reads the packages after them', () => {
    const more = `
FileName: ./a.c
SPDXID: SPDXRef-a
FileType: SOURCE
FileChecksum: SHA1: ${'1'.repeat(40)}
LicenseConcluded: MIT
LicenseInfoInFile: MIT
FileCopyrightText: <text>Copyright</text>
SnippetSPDXID: SPDXRef-s
SnippetFromFileSPDXID: SPDXRef-a
SnippetByteRange: 1:2
LicenseID: LicenseRef-1
ExtractedText: <text>
All rights
</text>
Annotator: Person: Somebody
AnnotationDate: 2026-05-01T00:00:00Z
AnnotationType: OTHER
SPDXREF: SPDXRef-a
AnnotationComment: seen
`;
    const { warnings, changes } = parse(`${HEAD}${ROOT}${more}${LIB}${RELATIONS}`);
    expect(warnings).toEqual([]);
    expect(keysOf(changes, 'PackageVersion')).toEqual(['pkg:npm/lib@1.10.0']);
  });

  test.each([
    ['PackageNme: ghost', /Line \d+ has the tag 'PackageNme', which SPDX 2.3 does not have/],
    ['just words', /Line \d+ \('just words'\) is not a tag with a value/],
    ['Relationship: SPDXRef-root CONTAINS', /Line \d+ has a 'Relationship' that cannot be read/],
    ['ExternalRef: purl', /Line \d+ has a 'ExternalRef' that cannot be read/],
    ['LicenseName: nobody', /Line \d+ has a 'LicenseName' where no licence has begun/],
    ['PackageVersion: 2.0.0', /Line \d+ has a second 'PackageVersion' of one package/],
    ['SPDXID: SPDXRef-other', /Line \d+ has a 'SPDXID' of nothing/],
  ])('with %s names the line, and clears nothing', (line, message) => {
    const text = `${HEAD}${ROOT}${LIB}${line}\n${RELATIONS}`;
    expect(parse(text).warnings.map((one) => one.message)).toEqual([
      expect.stringMatching(message),
    ]);
    expect(contentOf(text)).toMatchObject({ content: { completeness: 'unknown' } });
  });

  test('with a text that has no end is refused', () => {
    expect(refusalOf(`${HEAD}PackageName: <text>a\nPackageName: b\n`)).toMatch(
      /MALFORMED: The <text> of 'PackageName' that begins in line 8 has no end/,
    );
  });

  test('is read in the wrapper of cosign, about the subject of the attestation', () => {
    const attested = dsse(
      statement({ predicateType: 'https://spdx.dev/Document', predicate: { Data: WHOLE } }),
    );
    expect(edgesOf(parse(attested).changes, 'CONTAINS')).toContain(
      `Artifact sha256:${DIGEST} -CONTAINS-> PackageVersion pkg:npm/lib@1.10.0`,
    );
  });
});

test.each(['spdx/pause-2.3.spdx', 'spdx/hello-modified-2.2.spdx', 'spdx/example1-2.2.spdx'])(
  '%s of another project is read whole',
  (name) => {
    const { format, warnings } = parse(fixture(name));
    expect(format).toMatch(/^spdx-2\.[23]$/);
    expect(warnings.filter(({ path }) => path.startsWith('line'))).toEqual([]);
  },
);
