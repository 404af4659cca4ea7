/**
 * A parent for tests of what becomes of the servers when it dies: starts them in <directory>, prints their process
 * numbers as JSON, says "draining" on SIGINT and stops them when its stdin ends.
 */
import { join } from 'node:path';
import { startLocalNeo4j } from '../../src/servers/local-neo4j.ts';
import { startLocalRedis } from '../../src/servers/local-redis.ts';
import { NEO4J_LIB, TEST_ENVIRONMENT, redisBinary } from './server-paths.ts';
import { SMALL } from './servers.ts';

const [directory = '', which = 'redis'] = process.argv.slice(2);
const environment = TEST_ENVIRONMENT;

process.on('SIGINT', () => process.stdout.write('draining\n'));

const redis = await startLocalRedis({
  ...{ binary: await redisBinary(), dataDir: join(directory, 'redis'), environment },
});
const neo4j =
  which === 'both'
    ? await startLocalNeo4j({
        ...{ libDir: NEO4J_LIB, dataDir: join(directory, 'neo4j'), environment },
        ...{ heap: '512m', settings: SMALL },
      })
    : null;
process.stdout.write(`${JSON.stringify({ redis: redis.pid, neo4j: neo4j?.pid ?? null })}\n`);

process.stdin.resume();
process.stdin.on('end', () => {
  void Promise.all([redis.stop(), neo4j?.stop()]);
});
