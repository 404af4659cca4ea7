import { SETTINGS, type Setting } from '../src/settings.ts';

/** The table of docs/operations.md, in Markdown. */
export function settingsTable(): string {
  const rows = Object.entries<Setting>(SETTINGS)
    .filter(([, { reader }]) => reader !== 'tests')
    .map(([name, one]) => [`\`${name}\``, one.takes, one.default, one.reader, one.means]);
  return [['variable', 'takes', 'default', 'read by', 'meaning'], Array(5).fill('-'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
