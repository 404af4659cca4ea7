import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StemmaError, messageOf } from '../errors.ts';
import { sendSignal, startChild, stopChild } from './child.ts';
import type { Child, ChildEnd } from './child.ts';
import { LOOPBACK, portFor, portInUse } from './port.ts';
import { removeOwner, waitForOwnerToLeave, writeOwner } from './process-info.ts';

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

/**
 * Runs redis-server ("$1") with a configuration file ("$2") and ends it when stdin ends, so that it cannot outlive its
 * parent. Prints the number of the real process first. SIGCONT after SIGTERM: a stopped process would never see it.
 */
const SUPERVISOR = `
exec 3<&0
"$1" "$2" </dev/null 3<&- 1>&2 &
server=$!
echo "PID $server"
( while read -r _ <&3; do :; done; kill -TERM "$server"; kill -CONT "$server" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

export type LocalRedisOptions = {
  readonly binary: string;
  readonly dataDir: string;
  /** A free one when not given. */
  readonly port?: number;
  readonly password?: string;
  /** Further lines of redis.conf, over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of this process, for PATH and JAVA_HOME. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
};

export interface LocalRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  readonly ended: Promise<ChildEnd>;
  /** For fault tests: a signal to the real server process. */
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts Redis with its data on disk and waits until it answers. Everything it started is gone when it throws. */
export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const owner = join(options.dataDir, 'stemma-redis.pid');
  makeDirectory(options.dataDir);
  if (!existsSync(options.binary)) {
    throw unavailable(`redis-server is not at ${options.binary}; run \`npm run setup\`.`);
  }
  await waitForOwnerToLeave({
    file: owner,
    server: 'Redis',
    dataDir: options.dataDir,
    deadlineMs: STOP_DEADLINE_MS,
  });
  const port = await portFor('Redis', options.port);
  const configuration = writeConfiguration(options, port);

  const child = startChild({
    command: 'sh',
    args: ['-c', SUPERVISOR, 'stemma-redis', options.binary, configuration],
    env: options.environment,
  });
  const started = await child.line(/^PID (\d+)$/, START_DEADLINE_MS, options.signal);
  const pid = Number(started?.[1]);
  if (started === null) {
    child.process.kill('SIGKILL');
    throw failure(child, port);
  }
  writeOwner(owner, pid);
  void child.ended.then(() => {
    removeOwner(owner);
  });

  try {
    const version = await untilReady(child, { ...options, port, pid });
    let stopping: Promise<void> | null = null;
    return {
      url: `redis://${options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`}${LOOPBACK}:${port}`,
      port,
      pid,
      version,
      ended: child.ended,
      kill: (signal) => {
        if (!child.hasEnded()) sendSignal(pid, signal);
      },
      stop: async () => (stopping ??= stopChild(child, pid, STOP_DEADLINE_MS)),
    };
  } catch (error) {
    await stopChild(child, pid, STOP_DEADLINE_MS);
    throw error;
  }
}

type Probe = {
  readonly port: number;
  readonly pid: number;
  readonly password?: string;
  readonly signal?: AbortSignal;
};

async function untilReady(child: Child, probe: Probe): Promise<string> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    probe.signal?.throwIfAborted();
    if (child.hasEnded()) throw failure(child, probe.port);
    const answer = await ask(probe).catch(() => '');
    const version = /^redis_version:(.+?)\r?$/m.exec(answer)?.[1];
    const answering = /^process_id:(\d+)\r?$/m.exec(answer)?.[1];
    // while the append-only file is loaded, INFO answers and PING does not
    if (version !== undefined && answer.includes('+PONG')) {
      // somebody else may have taken the port between the look and the start: never mistake their server for ours
      if (Number(answering) !== probe.pid) throw portInUse('Redis', probe.port);
      return version;
    }
    if (Date.now() > deadline) {
      throw unavailable(
        `Redis did not answer on port ${probe.port} within ${START_DEADLINE_MS / 1000} s; its last words: ${lastWords(child)}`,
      );
    }
    await Promise.race([delay(20), child.ended]);
  }
}

/** PING and INFO over a bare socket, since only src/bus may use a client library. */
async function ask(probe: Probe): Promise<string> {
  const password = probe.password;
  const login =
    password === undefined
      ? ''
      : `*2\r\n$4\r\nAUTH\r\n$${Buffer.byteLength(password)}\r\n${password}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: LOOPBACK, port: probe.port });
    let answer = '';
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer within 1 s')));
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${login}PING\r\nINFO server\r\nQUIT\r\n`));
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(answer);
    });
  });
}

function writeConfiguration(options: LocalRedisOptions, port: number): string {
  const settings: Record<string, string> = {
    bind: LOOPBACK,
    port: String(port),
    dir: quote(options.dataDir),
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: 'everysec',
    // evicted stream entries would be lost events
    'maxmemory-policy': 'noeviction',
    ...(options.password === undefined ? {} : { requirepass: quote(options.password) }),
    ...options.settings,
  };
  const file = join(options.dataDir, 'redis.conf');
  const text = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  try {
    writeFileSync(file, text.join(''), { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    throw unwritable(options.dataDir, error);
  }
  return file;
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

function unwritable(dataDir: string, cause: unknown): StemmaError {
  const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
  return unavailable(
    full
      ? `Redis cannot start: the disk of ${dataDir} is full; free some space.`
      : `Redis cannot start: ${dataDir} cannot be written (${messageOf(cause)}); set STEMMA_HOME to a writable directory.`,
    cause,
  );
}

function failure(child: Child, port: number): StemmaError {
  const words = lastWords(child);
  if (/address already in use/i.test(words)) return portInUse('Redis', port);
  if (/no space left/i.test(words)) {
    return unavailable(`Redis cannot start: the disk is full; free some space.`);
  }
  return unavailable(`Redis ended while it was starting; its last words: ${words}`);
}

function lastWords(child: Child): string {
  const lines = child.tail().filter((line) => !line.startsWith('PID '));
  return lines.slice(-5).join(' | ') || 'none';
}

function unavailable(message: string, cause?: unknown): StemmaError {
  return new StemmaError('SERVER_UNAVAILABLE', message, { cause });
}
