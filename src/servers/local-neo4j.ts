import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StemmaError, messageOf } from '../errors.ts';
import { sendSignal, startChild, stopChild } from './child.ts';
import type { Child, ChildEnd } from './child.ts';
import { findJava } from './java.ts';
import { LOOPBACK, portFor, portInUse } from './port.ts';
import { removeOwner, waitForOwnerToLeave, writeOwner } from './process-info.ts';

const LAUNCHER = fileURLToPath(new URL('../../servers/neo4j/Neo4jServer.java', import.meta.url));
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 20_000;

const JVM_FLAGS = [
  '-XX:+UseParallelGC', // throughput on few cores; G1 spends its gain on barriers with a heap this small
  '-XX:+ExitOnOutOfMemoryError', // a database that limps on after it is worse than one that is restarted
  '-XX:-UsePerfData',
  '-Dlog4j2.disable.jmx=true',
  '-Djava.awt.headless=true',
  '-Dfile.encoding=UTF-8',
  // what Neo4j's own start script opens
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/java.io=ALL-UNNAMED',
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/java.util.concurrent=ALL-UNNAMED',
];

export type LocalNeo4jOptions = {
  /** The jars that scripts/setup.mjs fetched; what it prepared is beside it. */
  readonly libDir: string;
  readonly dataDir: string;
  /** A free one when not given. */
  readonly port?: number;
  /** The user is `neo4j`; without a password there is no authentication. */
  readonly password?: string;
  /** Limit of the Java heap, as -Xmx takes it. */
  readonly heap?: string;
  /** Neo4j settings by name, over the defaults of Neo4jServer.java. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of this process, for PATH and JAVA_HOME. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startDeadlineMs?: number;
  readonly signal?: AbortSignal;
};

export interface LocalNeo4j {
  readonly uri: string;
  readonly port: number;
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  /** For fault tests. */
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts Neo4j and waits until Bolt answers. Everything it started is gone when it throws. */
export async function startLocalNeo4j(options: LocalNeo4jOptions): Promise<LocalNeo4j> {
  const env = options.environment;
  const java = findJava(env);
  if (java === null) {
    throw unavailable(
      'Neo4j cannot start: there is no `java` on the path; install a JDK 17 or newer, or set NEO4J_URI.',
    );
  }
  if (!existsSync(options.libDir)) {
    throw unavailable(`The Neo4j jars are not in ${options.libDir}; run \`npm run setup\`.`);
  }
  const owner = join(options.dataDir, 'stemma-neo4j.pid');
  makeDirectory(options.dataDir);
  await waitForOwnerToLeave({
    file: owner,
    server: 'Neo4j',
    dataDir: options.dataDir,
    deadlineMs: STOP_DEADLINE_MS,
  });
  const port = await portFor('Neo4j', options.port);

  const child = startChild({
    command: java,
    args: [
      `-Xmx${options.heap ?? '2g'}`,
      ...JVM_FLAGS,
      ...programOf(options.libDir),
      ...[options.dataDir, String(port)],
      ...Object.entries(options.settings ?? {}).map(([name, value]) => `${name}=${value}`),
    ],
    env: { ...env, NEO4J_LOCAL_PASSWORD: options.password },
  });
  const pid = child.process.pid;
  if (pid === undefined) {
    await child.ended;
    throw failure(child, options, port);
  }
  writeOwner(owner, pid);
  void child.ended.then(() => {
    removeOwner(owner);
  });

  const deadlineMs = options.startDeadlineMs ?? START_DEADLINE_MS;
  const ready = await child.line(/^READY \d+$/, deadlineMs, options.signal);
  if (ready === null) {
    const late = !child.hasEnded() && options.signal?.aborted !== true;
    await stopChild(child, pid, options.signal?.aborted === true ? STOP_DEADLINE_MS : 0);
    options.signal?.throwIfAborted();
    if (late) {
      throw unavailable(
        `Neo4j did not answer within ${deadlineMs / 1000} s; see ${join(options.dataDir, 'logs', 'debug.log')}.`,
      );
    }
    throw failure(child, options, port);
  }
  let stopping: Promise<void> | null = null;
  return {
    uri: `bolt://${LOOPBACK}:${port}`,
    port,
    pid,
    ended: child.ended,
    kill: (signal) => {
      if (!child.hasEnded()) sendSignal(pid, signal);
    },
    stop: async () => (stopping ??= stopChild(child, pid, STOP_DEADLINE_MS)),
  };
}

/**
 * What scripts/setup.mjs has prepared, where it has: the compiled launcher, and an archive of the classes that it loads, which halves the
 * time of a start. Java leaves an archive of another version or of another place alone.
 */
function programOf(libDir: string): string[] {
  const [jar, archive] = ['launcher.jar', 'classes.jsa'].map((name) => join(dirname(libDir), name));
  if (jar === undefined || archive === undefined || !existsSync(jar)) {
    return ['-cp', join(libDir, '*'), LAUNCHER];
  }
  const path = [
    jar,
    ...readdirSync(libDir)
      .toSorted()
      .map((name) => join(libDir, name)),
  ];
  const shared = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xlog:disable'] : [];
  return [...shared, '-cp', path.join(delimiter), 'Neo4jServer'];
}

function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unavailable(
      (error as NodeJS.ErrnoException).code === 'ENOSPC'
        ? `Neo4j cannot start: the disk of ${dataDir} is full; free some space.`
        : `Neo4j cannot start: ${dataDir} cannot be written (${messageOf(error)}); set STEMMA_HOME to a writable directory.`,
      error,
    );
  }
}

function failure(child: Child, options: LocalNeo4jOptions, port: number): StemmaError {
  const lines = child.tail();
  const reason =
    lines.findLast((line) => line.startsWith('FAILED ')) ?? lines.slice(-3).join(' | ');
  if (/BindException|already in use/i.test(reason)) return portInUse('Neo4j', port);
  if (/locked by another process|FileLockException/i.test(reason)) {
    return unavailable(
      `Neo4j cannot start: its data directory ${options.dataDir} is locked by another process; stop that process or set STEMMA_HOME to another directory.`,
    );
  }
  if (/no space left/i.test(reason)) {
    return unavailable(
      `Neo4j cannot start: the disk of ${options.dataDir} is full; free some space.`,
    );
  }
  if (/invalid maximum heap size|could not reserve|insufficient memory/i.test(reason)) {
    return unavailable(
      `Neo4j cannot start: Java cannot have a heap of ${options.heap ?? '2g'}; set STEMMA_NEO4J_HEAP to less, for example 1g.`,
    );
  }
  if (/jdk\.compiler|class file version|release version|UnsupportedClassVersion/i.test(reason)) {
    return unavailable(
      'Neo4j cannot start: `java` is not a JDK 17 or newer; install one, or set JAVA_HOME to it.',
    );
  }
  return unavailable(`Neo4j ended while it was starting: ${reason || 'it said nothing'}`);
}

function unavailable(message: string, cause?: unknown): StemmaError {
  return new StemmaError('SERVER_UNAVAILABLE', message, { cause });
}
