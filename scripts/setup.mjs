/**
 * Makes a clean clone ready: packages, and the servers to develop and test with. Runs before node_modules exists, on
 * whatever Node is there: built-in modules only, plain JavaScript. Speaks on stderr, since the stdout of
 * `npm run -s demo -- --json` belongs to the demo. Idempotent; a second run only compares stamps.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
// Of the checkout, whatever STEMMA_HOME says: programs are shared by all homes, data is not (src/servers/servers-dir.ts).
const OWN = join(ROOT, '.stemma');
const SERVERS = join(OWN, 'servers');
const MODULES = join(ROOT, 'node_modules');
const POM = join(ROOT, 'servers', 'neo4j', 'pom.xml');
const LAUNCHER = join(ROOT, 'servers', 'neo4j', 'Neo4jServer.java');
/** Argument of the set-up that fetches the servers while another one installs the packages. */
const SERVERS_ALONE = 'servers';

/** As src/servers/local-neo4j.ts opens them. */
const JVM_OPENS = ['java.nio', 'java.io', 'sun.nio.ch', 'java.util.concurrent'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);
const REDIS_ARTIFACT = 'com.github.codemonstur:embedded-redis:1.4.4';
const MAVEN_DEPENDENCY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const LOCK_DEADLINE_MS = 15 * 60_000;

/** What stops the set-up, in one sentence for the user. */
class SetupError extends Error {}

if (process.argv[2] === SERVERS_ALONE) tell(ensureServers);
else if (packagesAreThere()) tell(ensurePackages, ensureCommand, ensureServers);
else {
  // both wait for the network most of the time
  const self = fileURLToPath(import.meta.url);
  const servers = spawn(process.execPath, [self, SERVERS_ALONE], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(servers, 'close');
  tell(ensurePackages, ensureCommand);
  const [code] = await ended;
  if (code !== 0) process.exitCode = 1;
}

/** Until one of the steps fails, which is said. */
function tell(...steps) {
  try {
    for (const step of steps) step();
  } catch (error) {
    console.error(`setup: ${error instanceof SetupError ? error.message : sentenceOf(error)}`);
    process.exitCode = 1;
  }
}

// --- packages

function ensurePackages() {
  if (!packagesAreThere()) {
    withLock(join(OWN, 'packages.lock'), () => {
      if (packagesAreThere()) return; // another set-up did it while this one waited
      const { lock, wanted, stamp } = packages();
      if (!installedMatches(lock)) install(existsSync(lock));
      writeFileSync(stamp, wanted);
    });
  }
  ensureNode();
}

function packages() {
  const lock = join(ROOT, 'package-lock.json');
  const wanted = hashOf(existsSync(lock) ? lock : join(ROOT, 'package.json'));
  return { lock, wanted, stamp: join(MODULES, '.stemma-setup') };
}

function packagesAreThere() {
  const { wanted, stamp } = packages();
  return readText(stamp) === wanted;
}

/**
 * Whether node_modules holds what the lock file asks for, by npm's own record. Someone who ran `npm install` has no
 * stamp, and must not lose node_modules to `npm ci` under running processes.
 */
function installedMatches(lock) {
  const record = readText(join(MODULES, '.package-lock.json'));
  if (record === null || !existsSync(lock)) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(JSON.parse(readFileSync(lock, 'utf8')).packages).every(
    ([path, entry]) =>
      path === '' || entry.optional || entry.link || installed[path]?.version === entry.version,
  );
}

function install(locked) {
  say('installing npm packages (once; about a minute) …');
  // Whatever the user's configuration says, the developer packages are needed, and npm itself may run on an old Node.
  const flags = ['--include=dev', '--engine-strict=false', '--no-audit', '--no-fund'];
  const quiet = [...flags, '--loglevel=error'];
  let result = npm(locked ? ['ci', ...quiet] : ['install', ...quiet]);
  // A lock file that was written where the registry lacks the packages of other platforms is refused by `npm ci`.
  // `--no-save` installs the locked versions all the same and leaves the file alone.
  if (result.status !== 0 && locked && /code EUSAGE/.test(result.output)) {
    result = npm(['install', '--no-save', ...quiet]);
  }
  if (result.status !== 0) {
    const reason = /npm (?:error|ERR!) (?!code|A complete|syscall|errno)(.+)/.exec(result.output);
    fail(result, 'npm could not install the packages', 'the npm registry', reason?.[1]);
  }
}

function npm(args) {
  const env = { ...process.env };
  delete env.npm_config_local_prefix; // of the npm that started this script, perhaps elsewhere
  const own = process.env.npm_execpath;
  const result =
    own?.endsWith('.js') && existsSync(own)
      ? run(process.execPath, [own, ...args], { cwd: ROOT, env })
      : run('npm', args, { cwd: ROOT, env });
  if (result.missing) {
    throw new SetupError('npm is not on the path; install Node.js with npm (https://nodejs.org).');
  }
  return result;
}

/**
 * `npx stemma` runs what is linked here. (With a `bin` in package.json, npx would install the checkout in npm's cache at each call
 * and run that.)
 */
function ensureCommand() {
  const link = join(MODULES, '.bin', 'stemma');
  if (existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true }); // one that leads nowhere
  try {
    symlinkSync(join('..', '..', 'bin', 'stemma.mjs'), link);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error; // another set-up did it meanwhile
  }
}

/** npm scripts find node_modules/.bin/node first, so an old Node is good enough to start from. */
function ensureNode() {
  if (existsSync(join(MODULES, '.bin', 'node'))) return;
  const oldest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node.slice(2);
  const wanted = oldest.split('.').map(Number);
  const version = process.versions.node.split('.').map(Number);
  const difference = wanted.map((part, at) => version[at] - part).find((d) => d !== 0);
  if ((difference ?? 0) >= 0) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old, and the npm package \`node\` could not bring a newer one ` +
      `(are install scripts switched off?); run \`npm rebuild node --ignore-scripts=false\`, or install Node ${oldest} or newer.`,
  );
}

// --- servers

function ensureServers() {
  const needed = [
    {
      ...{ name: 'neo4j', variable: 'NEO4J_URI', stamp: hashOf(POM, LAUNCHER) },
      ...{ fetch: fetchNeo4j, prepare: prepareNeo4j },
    },
    { name: 'redis', variable: 'REDIS_URL', stamp: REDIS_ARTIFACT, fetch: fetchRedis },
  ].filter(
    (server) =>
      !process.env[server.variable] &&
      readText(join(SERVERS, server.name, 'stamp')) !== server.stamp &&
      !(server.name === 'redis' && hasRedis()),
  );
  // the slowest question comes last, and only when there is something to fetch
  if (needed.length === 0 || hasDocker()) return;

  withLock(join(OWN, 'setup.lock'), () => {
    mkdirSync(SERVERS, { recursive: true });
    for (const name of readdirSync(SERVERS)) {
      // what a killed set-up left; the lock says that no other one is at work
      if (name.startsWith('.new-')) rmSync(join(SERVERS, name), { recursive: true, force: true });
    }
    for (const server of needed) {
      if (readText(join(SERVERS, server.name, 'stamp')) === server.stamp) continue;
      fetchServer(server);
    }
  });
}

/** Into a directory aside, which takes its place in one step: nobody ever sees half a server. */
function fetchServer(server) {
  const aside = mkdtempSync(join(SERVERS, `.new-${server.name}-`));
  try {
    server.fetch(aside);
    writeFileSync(join(aside, 'stamp'), server.stamp);
    const target = join(SERVERS, server.name);
    rmSync(target, { recursive: true, force: true });
    renameSync(aside, target);
    server.prepare?.(target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function fetchNeo4j(directory) {
  requireJava('NEO4J_URI');
  requireMaven('NEO4J_URI');
  say('fetching Neo4j Community 5.26 through Maven (once; 120 MB) …');
  const lib = join(directory, 'lib');
  maven(
    [
      '-f',
      POM,
      `${MAVEN_DEPENDENCY}:copy-dependencies`,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${lib}`,
    ],
    directory,
    'Neo4j',
  );
  if (!existsSync(lib) || !readdirSync(lib).some((name) => /^neo4j-\d.*\.jar$/.test(name))) {
    throw new SetupError(
      'Maven ended well but brought no Neo4j jars; look at servers/neo4j/pom.xml.',
    );
  }
}

/**
 * Compiles the launcher, runs it once, and keeps the classes that this loaded in an archive that Java reads in one piece: Neo4j starts
 * in half the time with it (src/servers/local-neo4j.ts). Java looks at the path of each jar, so this is done where they stay. Without
 * it, Neo4j starts from the source of the launcher.
 */
function prepareNeo4j(directory) {
  say('preparing Neo4j to start fast (once; about 15 s) …');
  const java = javaCommand();
  const lib = join(directory, 'lib');
  const work = mkdtempSync(join(tmpdir(), 'stemma-setup-'));
  try {
    const [classes, jar, archive] = ['classes', 'launcher.jar', 'classes.jsa'].map((name) =>
      join(work, name),
    );
    const jars = readdirSync(lib)
      .sort()
      .map((name) => join(lib, name));
    const compile = [
      '-m',
      'jdk.compiler/com.sun.tools.javac.Main',
      '--release',
      '17',
      '-d',
      classes,
    ];
    const pack = ['-m', 'jdk.jartool/sun.tools.jar.Main', '-c', '-f', jar, '-C', classes, '.'];
    if (run(java, [...compile, '-cp', jars.join(delimiter), LAUNCHER]).status !== 0) return;
    if (run(java, pack).status !== 0 || !existsSync(jar)) return;
    const launcher = join(directory, 'launcher.jar');
    copyFileSync(jar, launcher);
    const flags = [
      '-XX:+UseParallelGC',
      '-XX:TieredStopAtLevel=1',
      `-XX:ArchiveClassesAtExit=${archive}`,
      '-Xlog:disable',
    ];
    const program = ['-cp', [launcher, ...jars].join(delimiter), 'Neo4jServer', 'train'];
    run(java, [...flags, ...JVM_OPENS, ...program, join(work, 'data')], { timeout: 120_000 });
    if (existsSync(archive)) copyFileSync(archive, join(directory, 'classes.jsa'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function fetchRedis(directory) {
  const platform = { linux: 'linux', darwin: 'darwin' }[process.platform];
  const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  if (platform === undefined || cpu === undefined) {
    throw new SetupError(
      `there is no packaged Redis for ${process.platform} on ${process.arch}; install Redis 6.2 or newer, or set REDIS_URL.`,
    );
  }
  requireMaven('REDIS_URL');
  say('fetching a redis-server through Maven (once; 12 MB) …');
  const packages = join(directory, 'package');
  maven(
    [`${MAVEN_DEPENDENCY}:copy`, `-Dartifact=${REDIS_ARTIFACT}`, `-DoutputDirectory=${packages}`],
    directory,
    'Redis',
  );
  const jar = existsSync(packages) && readdirSync(packages).find((name) => name.endsWith('.jar'));
  const name = new RegExp(`^redis-server-[0-9.]+(-v\\d+)?-${platform}-${cpu}$`);
  const content = jar ? readFromZip(readFileSync(join(packages, jar)), name) : null;
  if (content === null) {
    throw new SetupError(
      `${REDIS_ARTIFACT} has no redis-server for ${platform} on ${cpu}; install Redis 6.2 or newer, or set REDIS_URL.`,
    );
  }
  const binary = join(directory, 'redis-server');
  writeFileSync(binary, content);
  chmodSync(binary, 0o755);
  rmSync(packages, { recursive: true });
  const tried = run(binary, ['--version']);
  if (tried.status !== 0) {
    const reason = tried.output.trim().split('\n')[0] || 'it cannot be executed';
    throw new SetupError(
      `the packaged redis-server does not run on this machine (${reason}); install Redis 6.2 or newer, or set REDIS_URL.`,
    );
  }
}

function maven(args, directory, what) {
  const result = run('mvn', ['-q', '-B', ...args], { cwd: directory });
  if (result.status === 0) return;
  const reason = /\[ERROR\] (.+)/.exec(result.output)?.[1]?.slice(0, 300);
  fail(result, `Maven could not fetch ${what}`, 'Maven Central', reason);
}

function requireMaven(variable) {
  if (onPath('mvn') === null) {
    throw new SetupError(
      `Maven (\`mvn\`) is not on the path; install it (for example \`apt install maven\` or \`brew install maven\`), start Docker, or set ${variable}.`,
    );
  }
}

function requireJava(variable) {
  const fix = `install a JDK 17 or newer (for example \`apt install openjdk-17-jdk-headless\`), start Docker, or set ${variable}`;
  const java = javaCommand();
  const result = run(java, ['-version']);
  if (result.missing) throw new SetupError(`there is no \`java\` on the path; ${fix}.`);
  const version = /version "(?:1\.)?(\d+)/.exec(result.output)?.[1];
  if (result.status !== 0 || version === undefined) {
    throw new SetupError(`\`java -version\` failed; ${fix}.`);
  }
  if (Number(version) < 17) throw new SetupError(`Java ${version} is too old for Neo4j; ${fix}.`);
  const modules = run(java, ['--list-modules']);
  if (modules.status === 0 && !modules.output.includes('jdk.compiler')) {
    throw new SetupError(`Java ${version} is here without its compiler (a JRE); ${fix}.`);
  }
}

function javaCommand() {
  const home = process.env.JAVA_HOME;
  const own = home ? join(home, 'bin', 'java') : null;
  return own !== null && existsSync(own) ? own : 'java';
}

function hasRedis() {
  const result = onPath('redis-server') === null ? null : run('redis-server', ['--version']);
  const version = /v=(\d+)\.(\d+)/.exec(result?.output ?? '');
  if (version === null) return false;
  return Number(version[1]) > 6 || (Number(version[1]) === 6 && Number(version[2]) >= 2);
}

/** As src/servers/docker.ts asks: the engine must answer, and compose must be there. */
function hasDocker() {
  if (process.env.STEMMA_SERVERS === 'local' || onPath('docker') === null) return false;
  const engine = run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 3_000 });
  if (engine.status !== 0 || engine.stdout.trim() === '') return false;
  return run('docker', ['compose', 'version'], { timeout: 3_000 }).status === 0;
}

// --- tools

function fail(result, what, where, reason) {
  const { output } = result;
  const log = join(OWN, 'setup.log');
  let kept = '';
  try {
    mkdirSync(OWN, { recursive: true });
    writeFileSync(log, output);
    kept = `; its output is in ${log}`;
  } catch {
    // the sentence matters more than the log
  }
  if (/ENOSPC|no space left on device/i.test(output)) {
    throw new SetupError(`${what}: the disk is full; free some space (about 1.5 GB is needed).`);
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|UnknownHost|Unknown host|Could not transfer|Connection refused|timed out|Network is unreachable/i.test(
      output,
    )
  ) {
    throw new SetupError(
      `${what}: ${where} cannot be reached; check the network or the proxy settings${kept}.`,
    );
  }
  if (result.signal) throw new SetupError(`${what}: it was stopped by ${result.signal}.`);
  throw new SetupError(`${what}: ${(reason ?? `exit code ${result.status}`).trim()}${kept}.`);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  return {
    status: result.status,
    signal: result.signal,
    missing: result.error?.code === 'ENOENT',
    stdout: result.stdout ?? '',
    output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`,
  };
}

function onPath(command) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (directory !== '' && existsSync(join(directory, command))) return join(directory, command);
  }
  return null;
}

/**
 * Only one set-up at a time. The lock appears complete (a link to a file that holds the process number), and the lock
 * of a process that is gone does not count.
 */
function withLock(lock, work) {
  mkdirSync(dirname(lock), { recursive: true });
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  const deadline = Date.now() + LOCK_DEADLINE_MS;
  let told = false;
  try {
    while (!take(mine, lock)) {
      const holder = readText(lock);
      if (holder !== null && !isAlive(Number(holder))) {
        discard(lock, holder);
        continue;
      }
      if (!told && holder !== null)
        say(`another set-up is at work (process ${holder}); waiting for it …`);
      told = true;
      if (Date.now() > deadline) {
        throw new SetupError(
          `another set-up (process ${holder}) does not end; stop it, or remove ${lock}.`,
        );
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
    try {
      work();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function take(mine, lock) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two waiters may find the same dead lock; the slower one must not remove the new lock of the faster one. */
function discard(lock, holder) {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (readText(aside) !== holder) take(aside, lock);
  rmSync(aside, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The content of the first entry whose name matches: a jar is a zip, and `unzip` is not everywhere. */
function readFromZip(zip, name) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) return null;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    if (name.test(zip.toString('utf8', at + 46, nameEnd))) {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const content = zip.subarray(start, start + size);
      return method === 0 ? content : inflateRawSync(content);
    }
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return null;
}

function hashOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function say(text) {
  console.error(`setup: ${text}`);
}

function sentenceOf(error) {
  if (error?.code === 'ENOSPC')
    return 'the disk is full; free some space (about 1.5 GB is needed).';
  if (error?.code === 'EACCES' || error?.code === 'EROFS') {
    return `${error.path ?? OWN} cannot be written; make the checkout writable, or set NEO4J_URI and REDIS_URL.`;
  }
  return `unexpected failure: ${error?.message ?? error}.`;
}
