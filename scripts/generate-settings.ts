/** Writes the table of settings into docs/operations.md; with --check compares instead. */
import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { settingsTable } from './settings-table.ts';

const file = new URL('../docs/operations.md', import.meta.url);
const text = await readFile(file, 'utf8');
const BEGIN = '<!-- settings: written by npm run generate -->\n';
const END = '<!-- end of settings -->\n';
const from = text.indexOf(BEGIN);
const to = text.indexOf(END);
if (from === -1 || to < from) throw new Error('docs/operations.md has no place for the settings');
const table = await format(settingsTable(), { parser: 'markdown', singleQuote: true });
const content = `${text.slice(0, from)}${BEGIN}\n${table}\n${text.slice(to)}`;
if (content === text) {
  // up to date
} else if (process.argv.includes('--check')) {
  console.error('docs/operations.md is not up to date: run npm run generate.');
  process.exitCode = 1;
} else await writeFile(file, content);
