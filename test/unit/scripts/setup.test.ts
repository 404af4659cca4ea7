import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const JAVA_17 = `case "$1" in --list-modules) echo jdk.compiler@17;; *) echo 'openjdk version "17.0.15" 2025' >&2;; esac`;
const REDIS_7 = 'echo "Redis server v=7.0.15 sha=0:0"';
/** As `mvn dependency:copy…` does: fills -DoutputDirectory. */
const MAVEN = `for a in "$@"; do case "$a" in -DoutputDirectory=*) out="\${a#*=}";; esac; done
echo run >> "$0.runs"; /bin/mkdir -p "$out"; : > "$out/neo4j-5.26.30.jar"`;

let clone: string;
let bin: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'stemma-clone-'));
  bin = join(clone, 'bin');
  mkdirSync(bin);
  for (const file of [
    'scripts/setup.mjs',
    'servers/neo4j/pom.xml',
    'servers/neo4j/Neo4jServer.java',
  ]) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(clone, file));
  }
  // packages that are already installed, by npm's own record
  const lock = JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } });
  mkdirSync(join(clone, 'node_modules'));
  writeFileSync(join(clone, 'package.json'), '{"engines":{"node":">=22.22.2"}}');
  writeFileSync(join(clone, 'package-lock.json'), lock);
  writeFileSync(join(clone, 'node_modules', '.package-lock.json'), lock);
});
afterEach(() => {
  rmSync(clone, { recursive: true, force: true });
});

test('set-up fetches the servers once, and says nothing on stdout', async () => {
  commands({ java: JAVA_17, mvn: MAVEN, 'redis-server': REDIS_7 });

  expect(await setUp()).toMatchObject({ code: 0, stdout: '' });
  expect(existsSync(join(clone, '.stemma/servers/neo4j/lib/neo4j-5.26.30.jar'))).toBe(true);
  expect(await setUp()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(mavenRuns()).toBe(1);
});

test('a second home fetches nothing: programs belong to the checkout, only data to a home', async () => {
  commands({ java: JAVA_17, mvn: MAVEN, 'redis-server': REDIS_7 });
  const home = join(clone, 'another-home');

  await setUp();
  expect(await setUp({ STEMMA_HOME: home })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(mavenRuns()).toBe(1);
  expect(existsSync(home)).toBe(false);
});

test('set-up links the command for npx, over a link that leads nowhere as well', async () => {
  commands({ docker: 'echo 27.0' });
  const link = join(clone, 'node_modules/.bin/stemma');
  mkdirSync(dirname(link));
  symlinkSync('gone', link);

  expect(await setUp()).toMatchObject({ code: 0 });
  expect(readlinkSync(link)).toBe('../../bin/stemma.mjs');
});

test('two set-ups at once fetch once', async () => {
  commands({ java: JAVA_17, mvn: `/bin/sleep 0.3; ${MAVEN}`, 'redis-server': REDIS_7 });

  const results = await Promise.all([setUp(), setUp(), setUp()]);

  expect(results.map((result) => result.code)).toEqual([0, 0, 0]);
  expect(mavenRuns()).toBe(1);
  expect(readdirSync(join(clone, '.stemma'))).toEqual(['servers']);
});

test('the lock and the leavings of a killed set-up do not matter', async () => {
  commands({ java: JAVA_17, mvn: MAVEN, 'redis-server': REDIS_7 });
  mkdirSync(join(clone, '.stemma/servers/.new-neo4j-dead'), { recursive: true });
  writeFileSync(join(clone, '.stemma/setup.lock'), '999999999');

  expect(await setUp()).toMatchObject({ code: 0 });
  expect(readdirSync(join(clone, '.stemma/servers'))).toEqual(['neo4j']);
});

test('the redis-server for this platform is taken out of the Maven package', async () => {
  const cpu = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const name = `redis-server-6.2.6-v5-${process.platform}-${cpu}`;
  writeFileSync(join(clone, 'redis.jar'), zipOf(name, `#!/bin/sh\n${REDIS_7}\n`));
  const maven = MAVEN.replace(/: > .*$/, `/bin/cp ${clone}/redis.jar "$out"`);
  commands({ java: JAVA_17, mvn: maven });

  expect(await setUp({ NEO4J_URI: 'bolt://x' })).toMatchObject({ code: 0 });
  expect(readdirSync(join(clone, '.stemma/servers/redis')).toSorted()).toEqual([
    'redis-server',
    'stamp',
  ]);
});

test('nothing is fetched for servers that the environment names', async () => {
  commands({});

  expect(await setUp({ NEO4J_URI: 'bolt://x', REDIS_URL: 'redis://x' })).toEqual({
    ...{ code: 0, stdout: '', stderr: '' },
  });
});

test('nothing is fetched where a Docker engine answers', async () => {
  commands({ docker: 'echo 27.0' });

  expect(await setUp()).toEqual({ code: 0, stdout: '', stderr: '' });
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no JDK', { mvn: MAVEN }, /there is no `java` on the path; install a JDK 17 or newer/],
  [
    'an old JDK',
    { mvn: MAVEN, java: `echo 'java version "1.8.0_292"' >&2` },
    /Java 8 is too old for Neo4j; install a JDK 17/,
  ],
  [
    'a Java without compiler',
    { mvn: MAVEN, java: JAVA_17.replace('jdk.compiler@17', 'java.base@17') },
    /Java 17 is here without its compiler \(a JRE\); install a JDK 17/,
  ],
  ['no Maven', { java: JAVA_17 }, /Maven \(`mvn`\) is not on the path; install it/],
  [
    'no network',
    { java: JAVA_17, mvn: 'echo "[ERROR] Unknown host repo.maven.apache.org"; exit 1' },
    /Maven could not fetch Neo4j: Maven Central cannot be reached; check the network/,
  ],
  [
    'a full disk',
    { java: JAVA_17, mvn: 'echo "[ERROR] x.jar: No space left on device"; exit 1' },
    /Maven could not fetch Neo4j: the disk is full; free some space/,
  ],
  [
    'another failure of Maven',
    { java: JAVA_17, mvn: 'echo "[ERROR] something odd"; exit 1' },
    /Maven could not fetch Neo4j: something odd; its output is in .*setup\.log/,
  ],
  [
    'a Maven that brings nothing',
    { java: JAVA_17, mvn: 'exit 0' },
    /Maven ended well but brought no Neo4j jars/,
  ],
])('%s is told in one sentence, and nothing is left half-done', async (_name, tools, sentence) => {
  commands({ 'redis-server': REDIS_7, ...tools });

  const { code, stdout, stderr } = await setUp();

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trim().split('\n').at(-1)).toMatch(sentence);
  expect(stderr).not.toMatch(/\n\s+at /);
  const servers = join(clone, '.stemma/servers');
  expect(existsSync(servers) ? readdirSync(servers) : []).toEqual([]);
});

test('a missing npm is told in one sentence', async () => {
  commands({});
  rmSync(join(clone, 'node_modules'), { recursive: true });

  expect(await setUp()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/setup: npm is not on the path; install Node\.js with npm/),
  });
});

test('an unreachable npm registry is told in one sentence, and tried again at the next run', async () => {
  commands({ npm: 'echo "npm error code ENOTFOUND" >&2; exit 1' });
  rmSync(join(clone, 'node_modules'), { recursive: true });

  expect(await setUp()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /npm could not install the packages: the npm registry cannot be reached/,
    ),
  });
  commands({ npm: '/bin/mkdir node_modules', docker: 'echo 27.0' });
  expect(await setUp()).toMatchObject({ code: 0 });
});

test('a lock file that `npm ci` refuses as incomplete is installed without changing it', async () => {
  commands({
    npm: 'case "$1" in ci) echo "npm error code EUSAGE" >&2; exit 1;; *) echo "$@" > args; /bin/mkdir node_modules;; esac',
    docker: 'echo 27.0',
  });
  rmSync(join(clone, 'node_modules'), { recursive: true });

  expect(await setUp()).toMatchObject({ code: 0 });
  expect(existsSync(join(clone, 'args'))).toBe(true);
});

function commands(scripts: Readonly<Record<string, string>>): void {
  for (const [name, script] of Object.entries(scripts)) {
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
  if (!existsSync(join(bin, 'sh'))) symlinkSync('/bin/sh', join(bin, 'sh'));
}

function mavenRuns(): number {
  return readFileSync(join(bin, 'mvn.runs'), 'utf8').trim().split('\n').length;
}

async function setUp(environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(clone, 'scripts/setup.mjs')], {
    cwd: clone,
    env: { PATH: bin, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** A zip of one deflated entry. */
function zipOf(name: string, text: string): Buffer {
  const content = deflateRawSync(text);
  const fields = (signature: string, size: number, values: Readonly<Record<number, number>>) => {
    const header = Buffer.alloc(size);
    header.write(signature, 0, 'latin1');
    for (const [at, value] of Object.entries(values)) header.writeUInt16LE(value, Number(at));
    return header;
  };
  const sizes = content.length; // small enough for the lower half of each 32-bit field
  const local = fields('PK\x03\x04', 30, { 8: 8, 18: sizes, 22: text.length, 26: name.length });
  const entry = fields('PK\x01\x02', 46, { 10: 8, 20: sizes, 24: text.length, 28: name.length });
  const directory = local.length + name.length + content.length;
  const end = fields('PK\x05\x06', 22, { 8: 1, 10: 1, 12: 46 + name.length, 16: directory });
  return Buffer.concat([local, Buffer.from(name), content, entry, Buffer.from(name), end]);
}
