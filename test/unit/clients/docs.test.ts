import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';

const run = promisify(execFile);
const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

const COMMAND = /<!-- run -->\s*```bash\n([^]*?)```[^]*?```json\n([^]*?)```/g;
const commands = [...page.matchAll(COMMAND)].map(([, command = '', answer = '']) => ({
  command,
  answer,
}));

describe('the commands of docs/api.md', () => {
  let asked: Asked;
  let http: TestHttp;
  beforeAll(async () => {
    asked = await createTestGraphql();
    const cors = { origins: ['https://app.example'], credentials: false };
    http = await startHttp({ graphql: asked.graphql, cors });
  });
  afterAll(async () => {
    await http.stop();
    await asked.graphql.stop();
  });

  it('are all of them', () => {
    expect(commands).toHaveLength(page.match(/```bash\n/g)?.length ?? 0);
    expect(commands.length).toBeGreaterThanOrEqual(4);
  });

  it.each(commands)('$command', async ({ command, answer }) => {
    const env = { PATH: process.env['PATH'], STEMMA_URL: http.address };
    const { stdout } = await run('bash', ['-c', command], { env });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(answer));
  });
});
