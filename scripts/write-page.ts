import { readFile, writeFile } from 'node:fs/promises';

/** Writes a page that is made of the sources; with --check says where it is not up to date. */
export async function writePage(path: string, text: string): Promise<void> {
  const file = new URL(`../${path}`, import.meta.url);
  const content = `<!-- written by npm run generate -->\n\n${text}`;
  const before = await readFile(file, 'utf8').catch(() => '');
  if (content === before) return;
  if (process.argv.includes('--check')) {
    console.error(`${path} is not up to date: run npm run generate.`);
    process.exitCode = 1;
  } else await writeFile(file, content);
}
