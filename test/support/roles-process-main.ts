/** A service with roles of a test beside its own, as a process of its own, for tests that kill it: see graph-process.ts. */
import { readSettings } from '../../src/environment.ts';
import { setFailpoints } from '../../src/failpoint.ts';
import { startService } from '../../src/service.ts';
import { createLog } from '../../src/telemetry.ts';
import { role as chain } from './chain-role.ts';
import { role as feed } from './feed-role.ts';
import { role as tally } from './tally-role.ts';

const settings = readSettings({ STEMMA_PORT: '0', STEMMA_HEALTH_PORT: '0', ...process.env });
setFailpoints(settings.STEMMA_FAILPOINT);
const service = await startService({
  settings,
  servers: {
    neo4j: {
      uri: settings.NEO4J_URI ?? '',
      user: settings.NEO4J_USER,
      password: settings.NEO4J_PASSWORD,
    },
    redis: { url: settings.REDIS_URL ?? '' },
  },
  furtherRoles: [tally, chain, feed],
  log: createLog(settings.STEMMA_LOG_LEVEL),
}).catch((error: unknown) => {
  process.stdout.write(`FAILED ${String(error)}\n`);
  process.exit(1);
});
process.stdout.write(`READY ${service.address ?? service.healthAddress ?? ''}\n`);
process.on('SIGTERM', () => void service.stop().then(() => process.exit(0)));
// the parent is gone
process.stdin.on('end', () => process.exit(1)).resume();
