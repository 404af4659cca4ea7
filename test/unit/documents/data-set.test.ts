import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { splitDocument } from '../../../src/documents/split.ts';
import { checkDocument } from '../../../src/documents/validate.ts';
import { StemmaError } from '../../../src/errors.ts';
import { parse } from './reading.ts';

/** The data set is not part of the repository; it lies beside it. */
const DATA = new URL('../../../../shared/data/', import.meta.url);
const FIXTURES = new URL('../../fixtures/documents/', import.meta.url);
const isThere = existsSync(DATA);
const describeData = isThere ? describe : describe.skip;
const skipped = isThere ? '' : ' (skipped: ../shared/data is not beside this checkout)';

type Row = { file: string; what: string; expected: string };

function manifest(folder: string): Row[] {
  if (!isThere) return [];
  const rows = readFileSync(new URL(`${folder}/MANIFEST.tsv`, DATA), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return rows.map((row) => {
    const [file = '', , , , , what = '', expected = ''] = row.split('\t');
    return { file, what, expected };
  });
}

/** `accepted`, with or without a warning, or the refusal of each part of a file. */
async function outcomesOf(folder: URL, file: string): Promise<string[]> {
  const text = readFileSync(new URL(file, folder), 'utf8');
  return Promise.all(
    splitDocument(text).map(async ({ text: part }) => {
      try {
        const { warnings, complaint } = await checkDocument(part, '0'.repeat(64));
        parse(part);
        return warnings.length > 0 || complaint !== null ? 'accepted with a warning' : 'accepted';
      } catch (error) {
        if (error instanceof StemmaError) return `${error.code}: ${error.message}`;
        throw error;
      }
    }),
  );
}

const ACCEPTED = /^accepted$/;
const WITH_WARNING = /^accepted with a warning$/;
const EITHER = /^accepted/;

/** What the manifest leads to expect of a provenance; a signature that must not verify is a matter of trust, not of form. */
const SLSA_EXCEPTIONS: Readonly<Record<string, RegExp[]>> = {
  'collector/bad.jsonl': [ACCEPTED, /MALFORMED: .*not JSON/, ACCEPTED], // the bad line alone
  'gcb/gcloud-container-invalid-intotoheader.json': [/UNSUPPORTED: .*Statement\/v0\.2/], // 'invalid'
  'gcb/substitution-int.json': [/UNSUPPORTED: .*COMMIT_SHA/], // 'other': substitutions, no provenance
  'slsa-verifier/artifact_sha256.tsv': [/MALFORMED: .*not JSON/], // a table of digests
};

describeData(`slsa-provenance of the data set${skipped}`, () => {
  const rows = manifest('slsa-provenance');
  test.each(isThere ? rows : [{ file: '-', what: '', expected: '' }])(
    '$file: $expected',
    async ({ file }) => {
      const outcomes = await outcomesOf(new URL('slsa-provenance/', DATA), file);
      const expected = SLSA_EXCEPTIONS[file] ?? outcomes.map(() => EITHER);
      expect(outcomes).toHaveLength(expected.length);
      for (const [index, outcome] of outcomes.entries()) expect(outcome).toMatch(expected[index]!);
    },
  );
});

/** Files whose manifest leaves the outcome open or was guessed from a file name. */
const CYCLONEDX_EXCEPTIONS: Readonly<Record<string, RegExp>> = {
  'cyclonedx-cli/bom-1.4-invalid.json': WITH_WARNING, // 'see upstream test': one member too many
  'osv-scalibr/doc.cyclonedx.json': WITH_WARNING, // 'see upstream test': output with an empty type
  'guac/invalid-cyclonedx.json': /^DOCUMENT_MALFORMED: .*bomFormat/, // another format
  'guac/distroless-cyclonedx-invalid-version.json': ACCEPTED, // 'invalid (upstream name)': its root's version is not a digest
};

describeData(`cyclonedx of the data set${skipped}`, () => {
  const rows = manifest('cyclonedx');
  test.each(isThere ? rows : [{ file: '-', what: '', expected: '' }])(
    '$file: $expected',
    async ({ file, expected }) => {
      const [outcome] = await outcomesOf(new URL('cyclonedx/', DATA), file);
      // the schema of XML is checked by nobody here: what breaks it where nothing is read is not told
      if (file.endsWith('.xml')) {
        expect(outcome).toMatch(EITHER);
        return;
      }
      if (expected === 'schema') expect(outcome).toMatch(/^DOCUMENT_UNSUPPORTED/);
      else
        expect(outcome).toMatch(
          CYCLONEDX_EXCEPTIONS[file] ??
            (file.includes('invalid-bomformat')
              ? /^DOCUMENT_MALFORMED/
              : expected.startsWith('invalid')
                ? WITH_WARNING
                : EITHER),
        );
    },
  );
});

test('without the data set, the fixtures have documents that are accepted and documents that are refused', async () => {
  const outcomes = [
    ...(await outcomesOf(FIXTURES, 'intoto/bad-line.jsonl')),
    ...(await outcomesOf(FIXTURES, 'cyclonedx/alpine-1.4.json')),
    ...(await outcomesOf(FIXTURES, 'cyclonedx/invalid-hash-sha1-1.6.json')),
  ].map((outcome) => outcome.replace(/:.*$/s, ''));
  expect(outcomes).toEqual([
    'accepted',
    'DOCUMENT_MALFORMED',
    'accepted',
    'accepted',
    'accepted with a warning',
  ]);
});

describeData(`SPDX documents, advisories and VEX statements of the world${skipped}`, () => {
  /** Not JSON, or not what the folder is called after. */
  const REFUSED: Readonly<Record<string, RegExp>> = {
    'schemas/openvex_json_schema.json': /UNSUPPORTED/,
    'spec/context.json': /UNSUPPORTED/,
    'chainloop/artifact-cas.vex.json': /MALFORMED: .*no statement/, // an empty list
    '2.x/guac/invalid-spdx.json': /UNSUPPORTED: The document's 'spdxVersion' is "?2"?/,
    '3.0/collector/bad-graph.json': /MALFORMED: '@graph' of the SPDX 3 document must be a list/,
    '3.0/spdx-java-v3jsonld-store/spdx-context-v3.0.1.jsonld': /UNSUPPORTED/, // the context itself
    'osv.dev/TEST-0000-def.json': /MALFORMED: The id of the OSV record is empty/,
  };
  const rows = ['osv', 'openvex', 'spdx', 'csaf'].flatMap((folder) =>
    manifest(folder).map(({ file, expected }) => ({ folder, file, expected })),
  );
  test.each(rows)('$folder/$file ($expected)', async ({ folder, file }) => {
    const outcomes = await outcomesOf(new URL(`${folder}/`, DATA), file);
    for (const outcome of outcomes) expect(outcome).toMatch(REFUSED[file] ?? EITHER);
  });
});
