import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { readSettings } from '../../../src/environment.ts';
import { settingsTable } from '../../../scripts/settings-table.ts';
import { SETTINGS, unknownSettings } from '../../../src/settings.ts';
import { OLDEST_NODE } from '../../../src/version.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');
/** A table without the blanks that prettier puts into it. */
const squeezed = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-');

test('every variable that the program names is a setting, and every setting is read somewhere', () => {
  const files = ['docker-compose.yml', ...globSync('src/**/*.ts', { cwd: ROOT })].filter(
    (path) => !path.endsWith('settings.ts'),
  );
  const text = files.map(read).join('\n');
  const named = new Set(
    text.match(/\b(?:STEMMA_[A-Z0-9_]+|NEO4J_(?:URI|USER|PASSWORD)|REDIS_URL)\b/g),
  );
  // STEMMA_SECRET_ is how the names of all secrets begin
  const whole = [...named].filter((name) => !name.endsWith('_'));
  expect(whole.sort()).toEqual(Object.keys(SETTINGS).sort());
});

test('the documentation has the table of the settings', () => {
  expect(squeezed(read('docs/operations.md'))).toContain(squeezed(settingsTable()));
});

test('what is left out is by default; what is out of bounds is refused, all at once', () => {
  expect(readSettings({ STEMMA_PORT: '' })).toMatchObject({
    ...{ STEMMA_PORT: 4_000, STEMMA_DEAD_LETTERS: 10_000 },
    ...{ STEMMA_MAX_DOCUMENT_BYTES: 33_554_432, STEMMA_CORS_ORIGINS: [], NEO4J_USER: 'neo4j' },
  });
  const wrong = { STEMMA_BATCH_SIZE: '0', STEMMA_SERVERS: 'remote', STEMMA_FSYNC_TIMEOUT_MS: 'x' };
  expect(() => readSettings(wrong)).toThrow(
    /STEMMA_BATCH_SIZE: .*; STEMMA_FSYNC_TIMEOUT_MS: .*; STEMMA_SERVERS: /,
  );
});

test('a misspelt variable is found, with the name that was meant', () => {
  const environment = {
    STEMMA_HEARTBEET_MS: '1',
    STEMMA_TEST_SEED: '1',
    STEMMA_URL: 'http://x',
    HOME: '/',
  };
  expect(unknownSettings(environment)).toEqual([
    { name: 'STEMMA_HEARTBEET_MS', meant: 'STEMMA_HEARTBEAT_MS' },
  ]);
});

test('the oldest Node is said in one place', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  for (const path of ['bin/stemma.mjs', 'scripts/setup.mjs', 'src/cli/doctor.ts']) {
    expect(read(path)).not.toMatch(/\b22[., ]+\d+/);
  }
});
