/**
 * Writes the JSON Schemas of the catalogue to schemas/: `<type>/<version>.json`, envelope.json, index.json.
 *
 *   node scripts/generate-schemas.ts                writes what is missing; refuses to change a version that exists
 *   node scripts/generate-schemas.ts --unreleased   also overwrites versions that nobody has been given yet
 *   node scripts/generate-schemas.ts --check        writes nothing; fails where a file is missing, different or left over
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSchemas } from '../src/edge/schemas.ts';

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    unreleased: { type: 'boolean', default: false },
    /** Another directory, for the tests. */
    root: { type: 'string', default: fileURLToPath(new URL('../schemas/', import.meta.url)) },
  },
});
const { check: isCheck, unreleased: isUnreleased, root } = options;

const schemas = createSchemas();
const index = schemas.index();
const versions = new Map(
  index.types.map(({ type, version, path }) => [path, toText(schemas.get(type, version))]),
);
const others = new Map([
  ['envelope.json', toText(schemas.envelope())],
  ['index.json', toText(index)],
]);

const changed = [...versions]
  .filter(([path, text]) => read(path) !== null && read(path) !== text)
  .map(([path]) => path);
const missing = [...versions].filter(([path]) => read(path) === null).map(([path]) => path);
const stale = [...others].filter(([path, text]) => read(path) !== text).map(([path]) => path);
// a version that was published stays readable for ever
const leftOver = globSync('**/*.json', { cwd: root }).filter(
  (path) => !versions.has(path) && !others.has(path),
);

const problems = [
  ...(isUnreleased && !isCheck
    ? []
    : changed.map(
        (path) =>
          `schemas/${path} differs: a changed schema needs a new version (and an upcaster in upcast.ts).`,
      )),
  ...leftOver.map(
    (path) =>
      `schemas/${path} has no schema in the catalogue any more: keep the old version in upcast.ts.`,
  ),
  ...(isCheck
    ? [...missing, ...stale].map(
        (path) => `schemas/${path} is not up to date: run npm run generate.`,
      )
    : []),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (!isCheck) for (const [path, text] of [...versions, ...others]) write(path, text);

function read(path: string): string | null {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
}

function write(path: string, text: string): void {
  if (read(path) === text) return;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`wrote schemas/${path}`);
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
