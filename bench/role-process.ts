import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from './servers.ts';

/** A role in a process of its own, as an operator would run it. */
export type RoleProcess = {
  readonly pid: number;
  /** Where the API listens; null for a graph writer. */
  readonly address: string | null;
  /** Resident memory, MB: now, and the most it ever was. */
  memoryMb(): number;
  peakMemoryMb(): number;
  /** CPU seconds used so far. */
  cpuSeconds(): number;
  stop(): Promise<void>;
};

/** @param variables of its environment, beside the servers */
export async function startRole(
  role: 'api' | 'graph' | 'watch' | 'api,graph' | 'api,graph,watch',
  servers: { readonly redisUrl: string; readonly neo4jUri: string },
  variables: Readonly<Record<string, string>> = {},
): Promise<RoleProcess> {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../bin/stemma.mjs', import.meta.url)),
      ...['serve', '--roles', role, '--port', '0', '--json'],
    ],
    {
      env: {
        ...process.env,
        NEO4J_URI: servers.neo4jUri,
        NEO4J_PASSWORD: '',
        REDIS_URL: servers.redisUrl,
        STEMMA_LOG_LEVEL: 'warn',
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  process.once('exit', () => child.kill()); // a bench that fails leaves nobody behind
  const ended = once(child, 'exit');
  const ready = once(child.stdout, 'data') as Promise<[Buffer]>;
  const [line] = await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`the role ${role} ended at its start`);
    }),
  ]);
  const { address = null } = JSON.parse(line.toString()) as { readonly address?: string | null };
  const pid = child.pid ?? 0;
  const memory = (field: 'VmRSS' | 'VmHWM'): number => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1];
    return Math.round(Number(kilobytes) / 1_024);
  };
  return {
    ...{ pid, address },
    memoryMb: () => memory('VmRSS'),
    peakMemoryMb: () => memory('VmHWM'),
    cpuSeconds: () => cpuSecondsOf(pid),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
