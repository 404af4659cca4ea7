#!/usr/bin/env node
/**
 * Starts the CLI. The sources are TypeScript that Node runs as they are; on a Node that is older than `engines` in package.json
 * asks for, this runs itself again with the Node of the npm package `node`. Plain JavaScript, since it must start on whatever Node is there.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const PARENT_WATCH_MS = 200;

endWithShellOfNpx();
// asked by scripts and by people in a hurry: nothing of the sources is needed for it
if (['--version', '-V'].includes(process.argv.slice(2).join(' '))) {
  process.stdout.write(`${packageFile().version}\n`);
} else if (isNewEnough(process.versions.node)) await start();
else runWithOwnNode();

async function start() {
  if (!existsSync(new URL('../node_modules/commander/package.json', import.meta.url))) {
    fail('The packages of Stemma are not installed: run npm run setup.');
    return;
  }
  // to read the sources anew takes most of the time of a short command; not in /tmp, where others could put other code
  module.enableCompileCache(
    fileURLToPath(new URL('../node_modules/.cache/stemma', import.meta.url)),
  );
  process.env.NODE_ENV ??= 'production'; // graphql-js checks much more without it
  const { main } = await import('../src/cli.ts');
  await main();
}

function runWithOwnNode() {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    fail(
      `Node ${process.versions.node} is too old for Stemma and no newer one is installed: run npm run setup, or install Node 24.`,
    );
    return;
  }
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes, and a second one would end the child at once; without a terminal it comes here alone.
  const isAtTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  process.on('SIGINT', () => {
    if (!isAtTerminal) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    fail(`Stemma could not be started with ${node}: ${error.message}.`);
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/**
 * npx passes SIGTERM to the shell that it runs a command in, and a shell like dash dies of it without passing it on. So the end of
 * that shell counts as SIGTERM.
 */
function endWithShellOfNpx() {
  if (process.env.npm_lifecycle_event !== 'npx') return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_WATCH_MS);
  watch.unref();
}

function isNewEnough(version) {
  const oldest = packageFile().engines.node.slice('>='.length).split('.').map(Number);
  const numbers = version.split('.').map(Number);
  const difference = oldest.map((part, at) => (numbers[at] ?? 0) - part).find((d) => d !== 0);
  return (difference ?? 0) >= 0;
}

function packageFile() {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
}

function fail(sentence) {
  process.stderr.write(`stemma: ${sentence}\n`);
  process.exitCode = 1;
}
