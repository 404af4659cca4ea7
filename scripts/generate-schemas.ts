/**
 * Writes the JSON Schemas of the catalogue to schemas.json, by the path at which they are served: `<type>/<version>.json`. The file is
 * the record of what producers have been given: a version that is in it stays as it is.
 *
 *   node scripts/generate-schemas.ts                adds what is missing; refuses to change a version that exists
 *   node scripts/generate-schemas.ts --unreleased   also overwrites versions that nobody has been given yet
 *   node scripts/generate-schemas.ts --check        writes nothing; fails where the file is not what it would write
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSchemas } from '../src/intake/schemas.ts';

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    unreleased: { type: 'boolean', default: false },
    /** Another file, for the tests. */
    file: { type: 'string', default: fileURLToPath(new URL('../schemas.json', import.meta.url)) },
  },
});

const schemas = createSchemas();
const { envelope, types } = schemas.index();
const wanted = new Map<string, unknown>([
  [envelope.path, schemas.envelope()],
  ...types.map(({ type, version, path }) => [path, schemas.get(type, version)] as const),
]);
const text = `${JSON.stringify(Object.fromEntries(wanted), null, 2)}\n`;
const written = existsSync(options.file) ? readFileSync(options.file, 'utf8') : '{}';
const published = JSON.parse(written) as Record<string, unknown>; // as it was written here

const problems = Object.entries(published).flatMap(([path, schema]) => {
  if (!wanted.has(path)) {
    return `${path} has no schema in the catalogue any more: keep the old version in upcast.ts.`;
  }
  const mayChange = path === envelope.path || (options.unreleased && !options.check);
  return mayChange || JSON.stringify(schema) === JSON.stringify(wanted.get(path))
    ? []
    : `${path} differs: a changed schema needs a new version (and an upcaster in upcast.ts).`;
});
if (problems.length === 0 && options.check && written !== text) {
  problems.push('schemas.json is not up to date: run npm run generate.');
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (!options.check && written !== text) {
  writeFileSync(options.file, text);
  console.log(`wrote ${options.file}`);
}
