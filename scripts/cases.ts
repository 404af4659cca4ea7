/**
 * `npm run cases`: runs the tests that carry the id of a reliability (F…) or security (S…) case in their name and prints the table
 * id → test → result. `npm run cases -- --report <file>` reads the JSON report of an earlier `npm test -- --json --outputFile=<file>`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

type Report = {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};

const CASE = /\b([FS]\d{1,2})\b/g;
const at = process.argv.indexOf('--report');
const given = at === -1 ? undefined : process.argv[at + 1];
const report = given === undefined ? runTests() : read(given);

const rows = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.flatMap(({ fullName, status }) =>
    status === 'pending' && !/skip/i.test(fullName)
      ? []
      : [...new Set([...fullName.matchAll(CASE)].map((match) => match[1] ?? ''))].map((id) => ({
          id,
          test: `${relative(process.cwd(), name)}: ${fullName}`,
          status,
        })),
  ),
);
rows.sort((a, b) => order(a.id) - order(b.id) || (a.test < b.test ? -1 : 1));
for (const { id, test, status } of rows) console.log(`${id.padEnd(4)} ${status.padEnd(8)} ${test}`);

const seen = new Set(rows.map(({ id }) => id));
const all = [...ids('F', 38), ...ids('S', 44)];
const missing = all.filter((id) => !seen.has(id));
console.log(`\n${seen.size} of ${all.length} cases have a test; without: ${missing.join(', ')}`);
if (rows.some(({ status }) => status === 'failed')) process.exitCode = 1;

function ids(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}

/** F1…F38 before S1…S44. */
function order(id: string): number {
  return (id.startsWith('F') ? 0 : 100) + Number(id.slice(1));
}

function runTests(): Report {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-cases-'));
  const file = join(directory, 'report.json');
  try {
    spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        '--json',
        `--outputFile=${file}`,
        '--testNamePattern',
        String.raw`\b[FS]\d{1,2}\b`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return read(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function read(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report; // written by jest
}
