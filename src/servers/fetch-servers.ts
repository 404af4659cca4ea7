import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StemmaError } from '../errors.ts';

const SET_UP = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));

/**
 * Runs the set-up, which fetches the servers that this machine lacks (once; about half a minute) and says on standard error what it does.
 * Where there is no set-up (an image), nothing happens.
 *
 * @throws StemmaError SERVER_UNAVAILABLE with the sentence of the set-up
 */
export async function fetchServers(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (!existsSync(SET_UP)) return;
  const child = spawn(process.execPath, [SET_UP], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    process.stderr.write(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const reason =
    said
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^setup: /, '') ?? '';
  throw new StemmaError('SERVER_UNAVAILABLE', `The servers could not be fetched: ${reason}`);
}
