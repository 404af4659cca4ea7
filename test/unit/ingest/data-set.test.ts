import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { FileReport } from '../../../src/ingest/report.ts';
import { run } from './ingesting.ts';

/** The data set lies beside the project and not every machine has it. */
const DATA = join(import.meta.dirname, '../../../../shared/data');
const isThere = existsSync(DATA);
const describeData = isThere ? describe : describe.skip;
const NO_DOCUMENT = /not a provenance document/;

type Expectation = {
  readonly accepted: number;
  readonly refused: Readonly<Record<string, RegExp>>;
};

/** How many files each folder holds that are taken, and why the others are not: by the end of their path. */
const FOLDERS: Readonly<Record<string, Expectation>> = {
  'slsa-provenance': {
    accepted: 151,
    refused: {
      '.tsv': NO_DOCUMENT,
      'gcloud-container-invalid-intotoheader.json': /Statement\/v0\.2/,
      'substitution-int.json': /its members are COMMIT_SHA/,
    },
  },
  cdevents: {
    accepted: 42,
    refused: {
      'MANIFEST.tsv': NO_DOCUMENT,
      'unparsable_type.json': /'context\.type'/,
      'formats/domainid.json': /its members are description/,
      '.json': /JSON Schema|its members are \$id/,
    },
  },
  'github-webhooks': { accepted: 61, refused: { 'MANIFEST.tsv': NO_DOCUMENT } },
  'git-history': { accepted: 8, refused: { 'MANIFEST.tsv': NO_DOCUMENT } },
  cyclonedx: {
    accepted: 269,
    refused: {
      'MANIFEST.tsv': NO_DOCUMENT,
      '.schema.json': /JSON Schema/,
      '.json': /'bomFormat'/,
    },
  },
};

describeData(
  `the data set${isThere ? '' : ' (skipped: ../shared/data is not beside this checkout)'}`,
  () => {
    test.each(Object.entries(FOLDERS))(
      'of %s is taken, or refused with a reason, file by file',
      async (folder, { accepted, refused }) => {
        const root = join(DATA, folder);
        const report = await run([root]);
        const all = globSync(`${root}/**/*`).filter((file) => statSync(file).isFile());
        expect(report.files.map(({ file }) => file).sort()).toEqual(all.sort());
        expect(report.files.filter((file) => !isExplained(file, refused))).toEqual([]);
        expect(report.accepted).toBe(accepted);
      },
    );

    test('of CycloneDX is taken with a warning where the manifest says that it is invalid, or refused where it is another format', async () => {
      const root = join(DATA, 'cyclonedx');
      const rows = readFileSync(join(root, 'MANIFEST.tsv'), 'utf8').trim().split('\n').slice(1);
      const invalid = rows
        .map((row) => row.split('\t'))
        .filter(
          ([file = '', , , , , , expected = '']) =>
            expected.startsWith('invalid against') && file.endsWith('.json'),
        )
        .map(([file = '']) => join(root, file));
      expect(invalid.length).toBeGreaterThan(40);
      const { files } = await run(invalid);
      const refused = files.filter(({ outcome }) => outcome === 'refused');
      expect(refused.filter(({ file }) => !file.includes('invalid-bomformat'))).toEqual([]);
      expect(refused).toHaveLength(4);
      const silent = files.filter(
        ({ outcome, warnings }) => outcome === 'accepted' && warnings === undefined,
      );
      expect(silent).toEqual([]);
    });
  },
);

function isExplained(
  { file, outcome, reason, events }: FileReport,
  refused: Expectation['refused'],
): boolean {
  if (outcome === 'accepted') return events > 0;
  const [, why] = Object.entries(refused).find(([end]) => file.endsWith(end)) ?? [];
  return why !== undefined && reason !== null && why.test(reason);
}
