import { readSettings, type Settings } from '../environment.ts';
import { readRunning } from '../servers/running.ts';
import { createClient, type Client, type RetryLimits } from './client.ts';
import type { CliIo } from './io.ts';

/** The service that a command talks to. */
export function connect(io: CliIo, retry: Partial<RetryLimits> = {}): Client {
  return createClient({
    url: serviceUrl(readSettings(io.env), io.env['STEMMA_PORT']),
    signal: io.interrupted(),
    retry,
    ...(io.timeoutMs === undefined ? {} : { timeoutMs: io.timeoutMs }),
    onRetry: (reason, delayMs) => {
      io.progress(`waiting ${(delayMs / 1000).toFixed(1)} s: ${reason}`);
    },
  });
}

/** STEMMA_URL, else this machine at STEMMA_PORT, else the service that runs with this STEMMA_HOME, else the default address. */
function serviceUrl(
  { home, STEMMA_URL, STEMMA_HOST, STEMMA_PORT }: Settings,
  statedPort: string | undefined,
): string {
  if (STEMMA_URL !== undefined) return STEMMA_URL;
  const isStated = statedPort !== undefined && statedPort !== '' && STEMMA_PORT !== 0;
  const running = isStated ? null : readRunning(home)?.apiUrl;
  // what listens everywhere is here as well
  const host = ['0.0.0.0', '::'].includes(STEMMA_HOST) ? '127.0.0.1' : STEMMA_HOST;
  return running ?? `http://${host.includes(':') ? `[${host}]` : host}:${STEMMA_PORT || 4000}`;
}
