import { readFileSync } from 'node:fs';

/** The version of this program, from its own package file. */
export const VERSION: string = read();

function read(): string {
  const file = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }; // our own file
  return version;
}
