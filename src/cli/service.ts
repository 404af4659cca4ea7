import { readSettings } from '../environment.ts';
import { readRunning } from '../servers/running.ts';
import { createClient, type Client, type RetryLimits } from './client.ts';
import type { CliIo } from './io.ts';

/** The service that a command talks to: STEMMA_URL, else the one that runs with this STEMMA_HOME, else the default address. */
export function connect(io: CliIo, retry: Partial<RetryLimits> = {}): Client {
  const { home, STEMMA_URL: stated } = readSettings(io.env);
  const url = stated ?? readRunning(home)?.apiUrl ?? 'http://127.0.0.1:4000';
  return createClient({
    url,
    signal: io.interrupted(),
    retry,
    onRetry: (reason, delayMs) => {
      io.progress(`waiting ${(delayMs / 1000).toFixed(1)} s: ${reason}`);
    },
  });
}
