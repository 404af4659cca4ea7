/**
 * Random faults while producers send events: see test/support/chaos.ts.
 * `npm run chaos -- --seconds 120 --seed 7`, or `--seeds 10` for the seeds 1 to 10, one after another. Prints one line of JSON for each;
 * exit code 1 where something was lost, doubled, different, or not as a receipt had said.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from '../test/support/chaos.ts';
import { killGraphProcesses } from '../test/support/graph-process.ts';
import { startOwnGraph } from '../test/support/pipeline-graph.ts';
import { proveOurs, startRedis } from '../test/support/servers.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    writers: { type: 'string', default: '3' },
    producers: { type: 'string', default: '3' },
  },
});
const seeds =
  values.seeds === undefined
    ? [Number(values.seed)]
    : Array.from({ length: Number(values.seeds) }, (_, at) => at + 1);
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const redis = await startRedis();
const own = await startOwnGraph();
await proveOurs({ redisUrl: redis.url, neo4j: own.server });
let exitCode = 0;
try {
  for (const seed of seeds) {
    const { log, ...result } = await runChaos({
      ...{ redis, own, seed, seconds: Number(values.seconds), say },
      ...{ writers: Number(values.writers), producers: Number(values.producers) },
    });
    console.log(JSON.stringify(result));
    if (result.ok) continue;
    exitCode = 1;
    const directory = join(tmpdir(), `stemma-chaos-${randomUUID()}`);
    mkdirSync(directory);
    writeFileSync(join(directory, 'log.json'), JSON.stringify(log));
    say(`the log of the disturbed run is in ${directory}`);
  }
} catch (error) {
  exitCode = 1;
  throw error;
} finally {
  await killGraphProcesses();
  await Promise.allSettled([own.stop(), redis.stop()]);
}
process.exit(exitCode);
