import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { StemmaError } from '../../errors.ts';
import { readSettings, type Settings } from '../../environment.ts';
import { setFailpoints } from '../../failpoint.ts';
import { findServers, type FoundServers } from '../../servers/find-servers.ts';
import { readRunning } from '../../servers/running.ts';
import { startService, type Service } from '../../service.ts';
import { secretsOf } from '../../settings.ts';
import { createLog, type Log } from '../../telemetry.ts';
import type { CliIo } from '../io.ts';

export type RunningService = {
  readonly service: Service;
  readonly servers: ServersOfService;
  /** Drains and stops everything that was started. May be called twice. */
  stop(): Promise<void>;
};

export type StartOptions = {
  readonly settings: Settings;
  readonly home: string;
  readonly purpose: 'serve' | 'demo';
  readonly recreate?: boolean;
  /** Work on the servers of the service that runs on this home, where there is one. */
  readonly join?: boolean;
  readonly log: Log;
};

/** Finds or starts the servers and starts the service on them; nothing is left running where that fails. */
export async function startAll(options: StartOptions): Promise<RunningService> {
  const { settings, home, log } = options;
  const servers =
    sharedServers(options) ??
    (await findServers({
      environment: process.env,
      home,
      log,
      purpose: options.purpose,
    }));
  let service: Service;
  try {
    service = await startService({ settings, servers, log, recreate: options.recreate ?? false });
  } catch (error) {
    await servers.stop();
    throw error;
  }
  if (service.address !== null) servers.announceApi(service.address);
  let stopping: Promise<void> | undefined;
  return {
    service,
    servers,
    stop: () =>
      (stopping ??= (async () => {
        await service.stop();
        await servers.stop();
      })()),
  };
}

type ServersOfService = Pick<FoundServers, 'neo4j' | 'redis' | 'announceApi' | 'stop'>;

/**
 * Servers that this process neither starts nor stops, so that several processes may work on them at once: the ones that the
 * environment names, or (for single roles) those of the service that runs on this home.
 */
function sharedServers({ settings, home, join }: StartOptions): ServersOfService | null {
  const { NEO4J_URI, NEO4J_USER, NEO4J_PASSWORD, REDIS_URL } = settings;
  const own = { announceApi: () => undefined, stop: () => Promise.resolve() };
  if (NEO4J_URI !== undefined && REDIS_URL !== undefined) {
    const neo4j = { uri: NEO4J_URI, user: NEO4J_USER, password: NEO4J_PASSWORD };
    return { neo4j, redis: { url: REDIS_URL }, ...own };
  }
  if (join !== true) return null;
  const { neo4jUri, neo4jUser, neo4jPassword, redisUrl } = readRunning(home) ?? {};
  if (neo4jUri === undefined || redisUrl === undefined) return null;
  const neo4j = { uri: neo4jUri, user: neo4jUser ?? 'neo4j', password: neo4jPassword ?? '' };
  return { neo4j, redis: { url: redisUrl }, ...own };
}

export function addServe(program: Command, io: CliIo): void {
  program
    .command('serve')
    .description('start the service and keep it running until Ctrl-C')
    .option('--roles <list>', 'api, graph, metrics, watch (default: all)')
    .option('--domains <list>', 'domains that the graph writer reads (default: all)')
    .option('--port <number>', 'port of the API; 0 picks a free one')
    .option('--recreate', 'read what is left where Redis has lost streams')
    .option('--json', 'print the address as JSON')
    .addHelpText(
      'after',
      `
Examples:
  stemma serve                              everything in one process, on http://127.0.0.1:4000
  stemma serve --roles graph                a further graph writer for the service that runs here
  stemma serve --roles api --port 0         a further API on a free port`,
    )
    .action(async (options: ServeOptions) => {
      await serve(options, io);
    });
}

type ServeOptions = {
  readonly roles?: string;
  readonly domains?: string;
  readonly port?: string;
  readonly recreate?: boolean;
  readonly json?: boolean;
};

/**
 * V8 lets a heap grow to four times what is alive in it before it looks for garbage. A writer has 40 MB alive under full load and
 * makes 100 MB of garbage a second: looked at when it has doubled, the process takes 100 MB less (bench soak), at no rate lost.
 */
const HEAP_GROWTH = '--heap-growing-percent=100';

async function serve(options: ServeOptions, io: CliIo): Promise<void> {
  setFlagsFromString(HEAP_GROWTH);
  const settings = readSettings({
    ...process.env,
    ...(options.roles === undefined ? {} : { STEMMA_ROLES: options.roles }),
    ...(options.domains === undefined ? {} : { STEMMA_DOMAINS: options.domains }),
    ...(options.port === undefined ? {} : { STEMMA_PORT: options.port }),
  });
  setFailpoints(settings.STEMMA_FAILPOINT);
  const log = createLog(settings.STEMMA_LOG_LEVEL, { secrets: secretsOf(process.env) });
  const stopped = whenStopped();
  const running = await startAll({
    settings,
    home: settings.home,
    purpose: 'serve',
    recreate: options.recreate ?? false,
    join: options.roles !== undefined,
    log,
  });
  const { address, healthAddress, roles } = running.service;
  io.out(
    options.json === true
      ? JSON.stringify({ address, healthAddress, roles })
      : address === null
        ? `Stemma runs (${roles.join(', ')}); probes at ${healthAddress ?? 'none'}/readyz.`
        : `Stemma answers at ${address}/graphql`,
  );
  const ended = await Promise.race([stopped, running.service.failed]);
  if (ended instanceof StemmaError) {
    await running.stop();
    throw ended;
  }
  log.info({ signal: ended }, 'stopping');
  await running.stop();
}

/** So soon after the first one a signal is the same Ctrl-C: npm passes on what the terminal has sent to all of its processes. */
const SAME_SIGNAL_MS = 500;

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function whenStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | null = null;
    const stop = (signal: NodeJS.Signals): void => {
      first ??= performance.now();
      if (performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  });
}
