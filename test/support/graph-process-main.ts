/** A graph writer as a process of its own, for tests that kill it: see graph-process.ts. */
import { connectRedis, whenConnected } from '../../src/bus/redis.ts';
import { busKeys } from '../../src/bus/keys.ts';
import { setFailpoints } from '../../src/failpoint.ts';
import { createGraph } from '../../src/graph/driver.ts';
import { loadStatements } from '../../src/graph/statement.ts';
import { DOMAINS, type Domain } from '../../src/model/events/catalogue.ts';
import { startGraphRole } from '../../src/roles/graph.ts';
import { StemmaError } from '../../src/errors.ts';
import { createLog, type LogLevel } from '../../src/telemetry.ts';

const env = process.env;
const number = (name: string, otherwise: number): number => Number(env[name] ?? otherwise);
const log = createLog((env['STEMMA_LOG_LEVEL'] ?? 'error') as LogLevel);
const url = env['REDIS_URL'] ?? '';
const connect = (name: string, failFast = true) =>
  connectRedis({ url, name, failFast, onError: () => undefined });

const redis = connect('child');
await whenConnected(redis);
setFailpoints(env['STEMMA_FAILPOINT']);
try {
  const role = await startGraphRole({
    redis,
    connectReader: () => connect('child-reader', false),
    keys: busKeys(env['STEMMA_TEST_TAG']),
    graph: createGraph({
      uri: env['NEO4J_URI'] ?? '',
      user: env['NEO4J_USER'] ?? '',
      password: env['NEO4J_PASSWORD'] ?? '',
    }),
    statements: loadStatements(),
    domains: (env['STEMMA_DOMAINS']?.split(',') ?? DOMAINS) as readonly Domain[],
    greatestPosition: number('STEMMA_TEST_POSITION', 0),
    batchSize: number('STEMMA_BATCH_SIZE', 1_000),
    maxAttempts: number('STEMMA_MAX_ATTEMPTS', 5),
    claimIdleMs: number('STEMMA_CLAIM_IDLE_MS', 60_000),
    claimEveryMs: number('STEMMA_CLAIM_EVERY_MS', 100),
    heartbeatMs: number('STEMMA_HEARTBEAT_MS', 200),
    ...(env['STEMMA_CONSUMER'] === undefined ? {} : { name: env['STEMMA_CONSUMER'] }),
    now: Date.now,
    log,
  });
  process.stdout.write('READY\n');
  const leave = async (): Promise<never> => {
    await role.stop();
    const state = role.state();
    process.exit(state.phase === 'failed' ? 3 : 0);
  };
  process.on('SIGTERM', () => void leave());
  // the parent is gone
  process.stdin.on('end', () => process.exit(1)).resume();
  setInterval(() => {
    const state = role.state();
    if (state.phase !== 'failed') return;
    process.stdout.write(`FAILED ${state.error.code}\n`);
    void leave();
  }, 50);
} catch (error) {
  process.stdout.write(`FAILED ${error instanceof StemmaError ? error.code : String(error)}\n`);
  process.exit(2);
}
