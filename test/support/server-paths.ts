import { join } from 'node:path';
import { findRedisServer } from '../../src/servers/redis-binary.ts';
import { SERVERS_DIR } from '../../src/servers/servers-dir.ts';

export const NEO4J_LIB = join(SERVERS_DIR, 'neo4j', 'lib');

/** The first compiler tier alone: a server that lives for seconds starts a third faster and leaves the CPU to the tests. */
export const TEST_ENVIRONMENT = {
  ...process.env,
  JAVA_TOOL_OPTIONS: `${process.env['JAVA_TOOL_OPTIONS'] ?? ''} -XX:TieredStopAtLevel=1`.trim(),
};

export async function redisBinary(): Promise<string> {
  const found = await findRedisServer(SERVERS_DIR, process.env);
  if (found === null) throw new Error('no redis-server 6.2 or newer; run `npm run setup`');
  return found.file;
}
