import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runNode, startField, type Field } from '../../support/field.ts';

const CASES = fileURLToPath(new URL('../../fixtures/field-api/', import.meta.url));

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const names = readdirSync(CASES).filter((name) => existsSync(join(CASES, name, 'run.mjs')));

for (const name of names) {
  test(name, async () => {
    const webhooks = join(CASES, name, 'gh');
    if (existsSync(webhooks)) {
      const files = readdirSync(webhooks).sort();
      const { exitCode } = await field.ingest(files.map((file) => join(webhooks, file)));
      expect(exitCode).toBe(0);
    }
    const { exitCode, stdout, stderr } = await runNode([join(CASES, name, 'run.mjs')], {
      STEMMA_URL: field.url,
    });
    expect(stdout.split('\n').filter((line) => isDifference(line))).toEqual([]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
}

function isDifference(line: string): boolean {
  return line.startsWith('DIFF ') || /^ {7}(right|got):/.test(line);
}
