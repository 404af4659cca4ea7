import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestServers } from './pipeline.ts';
import { until } from './until.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export type GraphProcessOptions = {
  /** A file beside this one; default: a graph writer. */
  readonly main?: string;
  readonly servers: TestServers;
  /** Of the keys in Redis: `pipeline.tag`. */
  readonly tag: string;
  /** See src/failpoint.ts. */
  readonly failpoint?: string;
  /** Further variables, such as STEMMA_BATCH_SIZE or STEMMA_CONSUMER. */
  readonly variables?: Readonly<Record<string, string>>;
};

export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A graph writer that can be killed and stopped like any process. */
export interface GraphProcess {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** What it said on standard output so far. */
  said(): string;
  /** Resolves once it reads from the bus; rejects when it ends before. */
  whenReady(): Promise<void>;
  /** Resolves once it is stopped by SIGSTOP, at a failpoint say. */
  whenStopped(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it in order. */
  stop(): Promise<void>;
}

const alive = new Set<GraphProcess>();

export function startGraphProcess(options: GraphProcessOptions): GraphProcess {
  const { servers, tag, failpoint, variables, main = 'graph-process-main.ts' } = options;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file(main)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: servers.redisUrl,
      NEO4J_URI: servers.neo4jUri,
      NEO4J_USER: servers.neo4jUser,
      NEO4J_PASSWORD: servers.neo4jPassword,
      STEMMA_TEST_TAG: tag,
      STEMMA_LOG_LEVEL: process.env['STEMMA_TEST_LOG'] ?? 'silent',
      ...(failpoint === undefined ? {} : { STEMMA_FAILPOINT: failpoint }),
      ...variables,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the graph writer could not be started');
  let output = '';
  let hasEnded = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<Ending>((resolve) => {
    child.on('close', (code, signal) => {
      hasEnded = true;
      alive.delete(life);
      resolve({ code, signal });
    });
  });
  const life: GraphProcess = {
    pid,
    ended,
    said: () => output,
    async whenReady() {
      await until(() => output.includes('READY') || hasEnded, 60_000);
      if (!output.includes('READY')) throw new Error(`the graph writer ended: ${output}`);
    },
    async whenStopped() {
      await until(() => {
        if (hasEnded) throw new Error(`the graph writer ended: ${output}`);
        return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], {
          encoding: 'utf8',
        }).startsWith('T');
      }, 60_000);
    },
    signal(signal) {
      if (!hasEnded) child.kill(signal);
    },
    async stop() {
      if (hasEnded) return;
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      await ended;
    },
  };
  alive.add(life);
  return life;
}

/** For afterEach: nothing that a failed test has left behind may go on writing. */
export async function killGraphProcesses(): Promise<void> {
  await Promise.all(
    [...alive].map(async (life) => {
      life.signal('SIGKILL');
      await life.ended;
    }),
  );
}
