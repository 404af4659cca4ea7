import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const BIN = join(import.meta.dirname, '../../../bin/stemma.mjs');
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-cli-'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Runs the command line as a user does; nothing listens on the address that it talks to. */
function stemma(
  args: readonly string[],
  input = '',
  address: Readonly<Record<string, string>> = { STEMMA_URL: 'http://127.0.0.1:9' },
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], STEMMA_HOME: home, ...address },
  });
  return { status, stdout, stderr };
}

describe('help', () => {
  test('lists the commands, with examples, and exits 0', () => {
    const { status, stdout, stderr } = stemma(['--help']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    for (const word of ['ingest', 'record', 'publish', 'events', 'lineage', 'get', 'Examples:']) {
      expect(stdout).toContain(word);
    }
  });

  test.each([
    ['ingest'],
    ['watch-advisories'],
    ['explain'],
    ['record'],
    ['record', 'commit'],
    ['record', 'build'],
    ['record', 'artifact'],
    ['record', 'deployment'],
    ['publish'],
    ['events'],
    ['lineage'],
    ['get'],
  ])('of %s %s has examples', (...command) => {
    const { status, stdout } = stemma([...command.filter((word) => word !== ''), '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:');
    if (command.join() !== 'record') expect(stdout).toContain('--json');
  });

  test('groups the commands by task', () => {
    const { stdout } = stemma(['--help']);
    const titles = [...stdout.matchAll(/^([A-Z][\w ]+):$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      ...['Options', 'Run it', 'Tell it what happened', 'Ask every day'],
      ...['Ask where from and where to', 'Look around', 'Operate', 'Commands', 'Examples'],
    ]);
    const everyDay = /Ask every day:([^]*?)\n\n/.exec(stdout)?.[1] ?? '';
    for (const word of ['ps', 'log', 'diff', 'impact', 'why', 'blame', 'open'])
      expect(everyDay).toMatch(new RegExp(`^  ${word} `, 'm'));
  });

  test.each(['--version', '-V'])('%s says the version', (flag) => {
    expect(stemma([flag])).toMatchObject({ status: 0, stdout: '0.1.0\n' });
  });

  test('says the version at once: no source is read for it', () => {
    const root = join(import.meta.dirname, '../../..');
    const readable = ['bin/*', 'package.json'].map((path) => `--allow-fs-read=${join(root, path)}`);
    const args = ['--permission', ...readable, BIN, '--version'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
    expect([stdout, stderr]).toEqual(['0.1.0\n', '']);
  });
});

describe('wrong usage exits 2, in one sentence', () => {
  test.each([
    [['ingst', 'x'], "Unknown command 'ingst' (Did you mean ingest?)"],
    [['ingest'], "Missing required argument 'path'"],
    [['ingest', '--wiat', 'x'], "Unknown option '--wiat' (Did you mean --wait?)"],
    [['ingest', '--concurrency', '99', 'x'], 'whole number from 1 to 16'],
    [['lineage', 'x'], 'give --up or --down'],
    [['lineage', 'x', '--up', '--down'], 'give --up or --down'],
    [['record', 'deployment', 'd1', '--environment', 'prod'], '--artifacts'],
    [['record', 'build', 'b1', '--outcome', 'maybe'], 'Allowed choices are success'],
    [
      ['record', 'build', 'b1', '--outcome', 'success', '--artifacts', 'sha256:1,nme=x'],
      'cannot be read',
    ],
    [['record', 'artifact', 'sha256:1', '--size', 'big'], '--size must be a whole number'],
    [['publish', '/nowhere/events.json'], 'does not exist'],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = stemma(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('and with --json as one object', () => {
    const { status, stderr } = stemma(['lineage', 'x', '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'USAGE', message: expect.any(String) } });
  });

  test('without a command shows the help', () => {
    expect(stemma([])).toMatchObject({ status: 2, stderr: expect.stringContaining('Commands:') });
  });
});

describe('without a service', () => {
  test.each([
    [['get', 'sha256:1']],
    [['events']],
    [['lineage', 'x', '--up']],
    [['publish']],
    [['record', 'commit', 'a'.repeat(40)]],
    [['ingest', '-']],
  ])('%j exits 6 and says what to do', (args) => {
    const input = JSON.stringify({ specversion: '1.0', id: '1', source: 'urn:ci', type: 'x' });
    const { status, stderr } = stemma(args, input);
    expect(stderr).toBe(
      'stemma: No service answers at http://127.0.0.1:9: start it with npm start, or set STEMMA_URL or STEMMA_PORT.\n',
    );
    expect(status).toBe(6);
  });

  test('an invalid configuration exits 2', () => {
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'get', 'x'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], STEMMA_URL: 'nowhere' },
    });
    expect(status).toBe(2);
    expect(stderr).toContain('STEMMA_URL');
  });
});

describe('ingest --dry-run', () => {
  test('with --json prints one object and exits 1 where a file was refused', () => {
    const file = join(home, 'bad\u001b[31m.txt');
    writeFileSync(file, 'text');
    const good = JSON.stringify({
      specversion: '1.0',
      id: '1',
      source: 'urn:ci',
      type: 'build.started',
      data: { build: 'b' },
    });
    const { status, stdout } = stemma(['ingest', '--dry-run', '--json', '-', file], good);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      accepted: 1,
      refused: 1,
      events: 1,
      skipped: 0,
      warnings: 0,
      files: [
        { file: '-', format: 'cloudevents', outcome: 'accepted', events: 1, reason: null },
        { file, format: null, outcome: 'refused', events: 0, reason: expect.any(String) },
      ],
    });
  });

  test('never lets a name speak to the terminal', () => {
    const { stdout } = stemma(['ingest', '--dry-run', home]);
    expect(stdout).toContain('bad\\u{1b}[31m.txt');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('explain', () => {
  const bom = JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    components: [{ type: 'library', name: 'a', purl: 'pkg:npm/a@1', licenses: 'MIT' }],
  });
  const signature = JSON.stringify({ verificationMaterial: {}, messageSignature: {} });

  test('says what a document says, without a service', () => {
    const { status, stdout } = stemma(['explain', '-'], bom);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^cyclonedx-1\.6\n/);
    expect(stdout).toMatch(/ {2}components {2}1\n/);
    expect(stdout).toMatch(
      / {2}schema {6}By the schema of CycloneDX 1\.6, 'components\.0\.licenses' /,
    );
  });

  test('says of events that they are events, in a list as well', () => {
    const event = { specversion: '1.0', id: '1', source: 's', type: 'policy.changed', data: {} };
    const { status, stdout } = stemma(['explain', '-'], JSON.stringify([event, JSON.parse(bom)]));
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^0: not read\n {2}This is not a document: .*ingest.* an event of cloudevents\./,
    );
    expect(stdout).toContain('\n1: cyclonedx-1.6\n');
  });

  test('with --json says why a part is not read, and exits 1 where nothing is', () => {
    const two = stemma(['explain', '-', '--json'], `${bom}\n${signature}\n`);
    expect(two.status).toBe(0);
    expect(JSON.parse(two.stdout)).toMatchObject({
      documents: [
        { where: 'line 1', document: { components: 1 } },
        { where: 'line 2', document: null, reason: expect.any(String) },
      ],
    });
    expect(stemma(['explain', '-'], signature)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^not read\n {2}\S/),
    });
  });

  test('of a file that is not there says so in one sentence', () => {
    expect(stemma(['explain', join(home, 'none')])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^stemma: '.*none' does not exist\.\n$/),
    });
  });
});

test('ingest --strict exits 1 where a part was skipped, which is none without it', () => {
  const event =
    '{"specversion":"1.0","id":"1","source":"urn:ci","type":"build.queued","data":{"build":"b"}}';
  const lines = `${event}\n{"hello":"world"}\n`;
  const plain = stemma(['ingest', '--dry-run', '-'], lines);
  expect(plain).toMatchObject({ status: 0, stderr: expect.stringContaining('1 part skipped') });
  expect(stemma(['ingest', '--dry-run', '--strict', '-'], lines).status).toBe(1);
  expect(stemma(['ingest', '--dry-run', '--strict', '-'], event).status).toBe(0);
});

describe('the service that is asked', () => {
  test.each([
    [{ STEMMA_PORT: '9' }, 'http://127.0.0.1:9'],
    [{ STEMMA_PORT: '9', STEMMA_HOST: '0.0.0.0' }, 'http://127.0.0.1:9'],
    [{ STEMMA_PORT: '9', STEMMA_HOST: '::1' }, 'http://[::1]:9'],
    [{ STEMMA_PORT: '9', STEMMA_URL: 'http://127.0.0.1:10' }, 'http://127.0.0.1:10'],
  ])('with %j is %s', (address, url) => {
    const { status, stderr } = stemma(['stats'], '', address);
    expect([status, stderr]).toEqual([6, expect.stringContaining(`No service answers at ${url}:`)]);
  });

  test('is waited for no longer than --timeout, which is a number of seconds', () => {
    const { status, stderr } = stemma(['stats', '--timeout', '0']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('from 1 to 86400')]);
    expect(stemma(['record', 'complete', '--help']).stdout).toContain('--timeout <seconds>');
    expect(stemma(['digest', '--help']).stdout).not.toContain('--timeout');
  });
});
