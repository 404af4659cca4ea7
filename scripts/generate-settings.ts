/** Writes the table of settings into docs/operations.md; with --check compares instead. */
import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { settingsTable } from '../src/settings.ts';
import { emit } from './emit.ts';

const file = new URL('../docs/operations.md', import.meta.url);
const text = await readFile(file, 'utf8');
const BEGIN = '<!-- settings: written by npm run generate -->\n';
const END = '<!-- end of settings -->\n';
const from = text.indexOf(BEGIN);
const to = text.indexOf(END);
if (from === -1 || to < from) throw new Error('docs/operations.md has no place for the settings');
const table = await format(settingsTable(), { parser: 'markdown', singleQuote: true });
const content = `${text.slice(0, from)}${BEGIN}\n${table}\n${text.slice(to)}`;
await emit(file, content, process.argv.slice(2));
