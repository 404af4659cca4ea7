import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

const run = promisify(execFile);
const REQUIREMENT = 'gql[aiohttp]==4.4.0';
const ENVIRONMENT = fileURLToPath(new URL('../../../.stemma/python-gql-4.4.0', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./gql_client.py', import.meta.url));
const SOURCE = 'https://ci.example/clients-python';
const DIGEST = `sha256:${'6'.repeat(64)}`;

/** The interpreter of a virtual environment that has gql, made once; or why there is none. */
async function preparePython(): Promise<{ python: string } | { why: string }> {
  const python = join(ENVIRONMENT, 'bin', 'python');
  if (existsSync(python)) return { python };
  const fresh = `${ENVIRONMENT}.${process.pid}`;
  const failed = (what: string) => (error: Error) => ({ why: `${what} (${firstLine(error)})` });
  const made = await run('python3', ['-m', 'venv', fresh]).catch(failed('python3 makes no venv'));
  if ('why' in made) return made;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', REQUIREMENT];
  const installed = await run(join(fresh, 'bin', 'python'), pip, { timeout: 120_000 }).catch(
    failed(`pip does not install ${REQUIREMENT}`),
  );
  if ('why' in installed) {
    rmSync(fresh, { recursive: true, force: true });
    return installed;
  }
  renameSync(fresh, ENVIRONMENT); // whole, or not there; an interpreter finds its packages beside itself
  return { python };
}

function firstLine(error: Error): string {
  return error.message.trim().split('\n')[1] ?? error.message;
}

const prepared = await preparePython();

describe('gql for Python, over aiohttp', () => {
  let field: Field;
  beforeAll(async () => {
    field = await startField();
    await field.post([
      {
        ...{ specversion: '1.0', source: SOURCE, id: '1', type: 'artifact.created' },
        time: '2024-01-01T00:00:00Z',
        data: {
          digest: DIGEST,
          contains: ['a', 'b', 'c'].map((name) => `pkg:npm/clients-python-${name}@1.0.0`),
        },
      },
    ]);
  });
  afterAll(() => field.stop());

  // what is skipped is counted as skipped, and never as passed
  if ('why' in prepared) it.skip(`is not run: ${prepared.why}`, () => undefined);
  else {
    const { python } = prepared;
    it('reads the schema, asks, pages, reports, watches, and understands errors', async () => {
      const { stdout } = await run(python, [SCRIPT, `${field.url}/graphql`, DIGEST]);
      expect(JSON.parse(stdout)).toEqual({
        resolved: 'Artifact',
        contains: ['a', 'b', 'c'].map((name) => `pkg:npm/clients-python-${name}@1.0.0`),
        past: null,
        receipt: 'APPLIED',
        code: 'BAD_USER_INPUT',
        refused: 'GraphQLError',
        watched: ['artifact.created'],
      });
    });
  }
});
