/** An API as a process of its own, over the bus of a test, for tests that kill it: see graph-process.ts. */
import { createProducer } from '../../src/bus/log/producer.ts';
import { busKeys } from '../../src/bus/keys.ts';
import { connectRedis, whenConnected } from '../../src/bus/redis.ts';
import { createGraph } from '../../src/graph/driver.ts';
import { loadStatements } from '../../src/graph/statement.ts';
import { startApiRole } from '../../src/roles/api.ts';
import { LIVE_SETTINGS } from '../../src/roles/live.ts';
import { createLog, type LogLevel } from '../../src/telemetry.ts';

const env = process.env;
const connect = (name: string, failFast = true) =>
  connectRedis({ url: env['REDIS_URL'] ?? '', name, failFast, onError: () => undefined });
const keys = busKeys(env['STEMMA_TEST_TAG']);
const redis = connect('child');
const subscriber = connect('child-applied', false);
await Promise.all([whenConnected(redis), whenConnected(subscriber)]);
const api = await startApiRole({
  ...{ redis, subscriber, keys, now: Date.now, statements: loadStatements() },
  connectReader: () => connect('child-reader', false),
  producer: createProducer({ redis, keys, now: Date.now, floor: 0 }),
  graph: createGraph({
    uri: env['NEO4J_URI'] ?? '',
    user: env['NEO4J_USER'] ?? '',
    password: env['NEO4J_PASSWORD'] ?? '',
  }),
  ...{ host: '127.0.0.1', port: Number(env['STEMMA_PORT'] ?? 0), allowedHosts: [] },
  live: { ...LIVE_SETTINGS, heartbeatMs: Number(env['STEMMA_LIVE_HEARTBEAT_MS'] ?? 15_000) },
  cursorSecret: 'of a test, and of no use elsewhere',
  readiness: async () => ({ ready: true, healthy: true, checks: [] }),
  log: createLog((env['STEMMA_LOG_LEVEL'] ?? 'error') as LogLevel),
});
process.stdout.write(`READY ${api.address}\n`);
process.on('SIGTERM', () => void api.stop().then(() => process.exit(0)));
// the parent is gone
process.stdin.on('end', () => process.exit(1)).resume();
