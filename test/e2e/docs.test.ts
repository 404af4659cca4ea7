import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocksOf, COLUMNS, inTerminal, isShown, ROWS, type Block } from '../support/docs.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
/** In the order in which somebody reads them: each goes on with what those before it told the service. */
const PAGES = [
  ...['README.md', 'docs/getting-started.md', 'docs/cve-night.md', 'docs/ci.md'],
  ...['docs/dashboards.md', 'docs/troubleshooting.md'],
  ...['docs/api.md', 'docs/events.md', 'docs/automation.md', 'docs/operations.md'],
];
/** Pages whose every output fits a terminal. */
const FITTING = ['README.md'];
/** With UPDATE_DOCS=1 outputs are written into the pages instead of compared. */
const isUpdate = process.env['UPDATE_DOCS'] === '1';

let port: number;
let demo: ReturnType<typeof inTerminal> | undefined;
const home = mkdtempSync(join(tmpdir(), 'stemma-docs-'));

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** In the checkout, as somebody types it whose machine has the Node that Stemma needs. */
function run({ code }: Block): ReturnType<typeof inTerminal> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|STEMMA_|REDIS_|NEO4J_)/i.test(name),
  );
  const shell = inTerminal(code.replaceAll('127.0.0.1:4000', `127.0.0.1:${port}`), ROOT, {
    ...Object.fromEntries(own),
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    STEMMA_HOME: home,
    STEMMA_PORT: String(port),
    STEMMA_SERVERS: 'local',
  });
  return { ...shell, text: () => shell.text().replaceAll(`127.0.0.1:${port}`, '127.0.0.1:4000') };
}

beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await until(() => server.listening, 1_000);
  ({ port } = server.address() as AddressInfo);
  server.close();
  const block = blocksOf(read('README.md')).find(({ staysUp }) => staysUp);
  demo = run(block!);
  const { text, ended } = demo;
  const over = ended.then(() => Promise.reject(new Error(text())));
  await Promise.race([until(() => text().includes('Ctrl-C stops it'), 290_000), over]);
}, 300_000);
afterAll(async () => {
  demo?.interrupt(); // where the last test did not come so far
  await demo?.ended;
  rmSync(home, { recursive: true, force: true });
}, 60_000);

describe.each(PAGES)('%s', (page) => {
  test('works as it is printed, and a terminal shows what it says', async () => {
    let text = read(page);
    const wrong: { line: number; code: string; status: number | null; shown: string }[] = [];
    // from the end, where a text that changes would move what is behind it
    const shown: { block: Block; is: string }[] = [];
    for (const block of blocksOf(text)) {
      if (block.notRun !== null) continue;
      const shell = block.staysUp ? demo! : run(block);
      const status = block.staysUp ? block.exitCode : await shell.ended;
      const is = shell.text();
      shown.push({ block, is });
      const { line, code, exitCode, output } = block;
      const isRight = isUpdate || output === null || isShown(output.text, is);
      if (status !== exitCode || !isRight) wrong.push({ line, code, status, shown: is });
      else if (FITTING.includes(page)) {
        const lines = is.trim().split('\n');
        const widest = Math.max(...lines.map((one) => one.length));
        expect([code, lines.length <= ROWS, widest <= COLUMNS]).toEqual([code, true, true]);
      }
    }
    expect(wrong).toEqual([]);
    if (!isUpdate) return;
    for (const { block, is } of shown.reverse()) {
      const { output } = block;
      if (output === null || isShown(output.text, is)) continue;
      const clean = is.trim().replaceAll(/[ \t]+$/gm, '');
      text = `${text.slice(0, output.from)}${clean}\n${text.slice(output.to)}`;
    }
    writeFileSync(join(ROOT, page), text);
  }, 240_000);
});

test('no page is left out', () => {
  const pages = readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`);
  const withCommands = pages.filter(
    (page) => page.endsWith('.md') && blocksOf(read(page)).length > 0,
  );
  expect(PAGES).toEqual(expect.arrayContaining(withCommands));
});

test('the questions of the README are answered', async () => {
  // the first gives the id that the second asks about
  const queries = [...read('README.md').matchAll(/```graphql\n([^]*?)```/g)];
  expect(queries.length).toBeGreaterThan(0);
  let of: string | undefined;
  for (const [, query] of queries) {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { of } }),
    });
    const answer = (await response.json()) as { data?: { resolve?: { id: string } } };
    expect(answer).toEqual({ data: expect.any(Object) as unknown });
    of ??= answer.data?.resolve?.id;
  }
});

test('Ctrl-C in the terminal of npm drains the service', async () => {
  const told = join(home, 'run/servers.json'); // removed by who stops in order
  expect(existsSync(told)).toBe(true);
  demo?.interrupt();
  await demo?.ended;
  await until(() => !existsSync(told), 30_000);
}, 60_000);
