import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addDemo } from '../../../src/cli/commands/demo.ts';
import { showAnswer } from '../../../src/cli/demo-questions.ts';
import { toFailure } from '../../../src/cli/exit.ts';
import { createTestIo } from '../../support/cli-io.ts';

let home: string;
const before = { ...process.env };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-demo-'));
  process.env = { ...before, STEMMA_HOME: home, STEMMA_PORT: '0' };
  delete process.env['NEO4J_URI'];
  delete process.env['REDIS_URL'];
});
afterEach(() => {
  process.env = before;
  rmSync(home, { recursive: true, force: true });
});

async function demo(...flags: string[]) {
  const { io, written } = createTestIo({});
  const program = new Command().exitOverride();
  addDemo(program, io);
  const failure = await program
    .parseAsync(['demo', ...flags], { from: 'user' })
    .then(() => null, toFailure);
  return { out: written.out, status: failure?.exitCode, message: failure?.message };
}

test('a port in use is found before anything is started or removed', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  process.env['STEMMA_PORT'] = String(port);
  const { status, out, message } = await demo('--reset');
  taken.close();
  expect([status, out]).toEqual([6, []]);
  expect(message).toContain(`Port ${port} is in use`);
  expect(readdirSync(home)).toEqual([]);
});

test.each([[[]], [['--reset']]])(
  'the graph of somebody else is neither mixed with the demo nor removed (%j)',
  async (flags) => {
    mkdirSync(join(home, 'data'));
    writeFileSync(join(home, 'data', 'mine'), '');
    const { status, out, message } = await demo(...flags);
    expect([status, out]).toEqual([2, []]);
    expect(message).toMatch(/holds another graph.*STEMMA_HOME.*--once/);
    expect(existsSync(join(home, 'data', 'mine'))).toBe(true);
  },
);

test('an answer is short, and shows its query to who asks for that', () => {
  const answer = { question: 'What?', query: '{ what }', answer: null, summary: ['That.'] };
  expect(showAnswer(answer, false)).not.toContain('{ what }');
  expect(showAnswer(answer, true)).toContain('    { what }\n');
});
