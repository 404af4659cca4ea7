import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machine, median, progress } from './servers.ts';

const ROUNDS = 15;
const BIN = join(import.meta.dirname, '../bin/stemma.mjs');
const RECEIPT = { ...{ eventId: 'e', source: 's', position: 1, status: 'ACCEPTED' }, error: null };

/** ms from the start of a command to its end, beside Node that does nothing; the service is one that answers at once. */
export async function run(argv: readonly string[]): Promise<object> {
  const rounds = Number(argv[0] ?? ROUNDS);
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: { receipt: RECEIPT } }));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const build = ['record', 'build', 'https://ci.example/runs/1', '--outcome', 'success'];
  const commands: Readonly<Record<string, readonly string[]>> = {
    limit: ['-e', '0'],
    version: [BIN, '--version'],
    recordBuild: [BIN, ...build],
    help: [BIN, '--help'],
  };
  const env = { ...process.env, STEMMA_URL: `http://127.0.0.1:${port}` };
  const times: Record<string, number[]> = {};
  try {
    // in turns, so that what else the machine does meets all of them; the first round fills the cache of compiled sources
    for (let round = 0; round <= rounds; round++) {
      for (const [name, args] of Object.entries(commands)) {
        const begin = performance.now();
        await promisify(execFile)(process.execPath, [...args], { env });
        if (round > 0) (times[name] ??= []).push(performance.now() - begin);
      }
      progress(`round ${round} of ${rounds}`);
    }
  } finally {
    server.close();
  }
  const medians = Object.entries(times).map(([name, all]) => [name, Math.round(median(all))]);
  return { bench: 'cli', ...machine(), rounds, ms: Object.fromEntries(medians) as object };
}
