import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Writes a generated file; with `--check` in the arguments compares instead, and sets exit code 1 where it differs. */
export async function emit(file: URL, content: string, args: readonly string[]): Promise<void> {
  const current = await readFile(file, 'utf8').catch(() => null);
  if (current === content) return;
  const path = fileURLToPath(file);
  if (args.includes('--check')) {
    console.error(`${path} is not up to date: run npm run generate.`);
    process.exitCode = 1;
    return;
  }
  await mkdir(new URL('.', file), { recursive: true });
  await writeFile(file, content);
  console.error(`wrote ${path}`);
}
