import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from './bus/redis.ts';
import { capabilitiesOf, requireSafe } from './bus/log/capabilities.ts';
import { connectRedis, whenConnected } from './bus/redis.ts';
import { busKeys, type BusKeys } from './bus/keys.ts';
import { readinessOfBus } from './bus/readiness.ts';
import { within } from './deadline.ts';
import type { Settings } from './environment.ts';
import { createGraph, type Graph } from './graph/driver.ts';
import { migrate } from './graph/migrate.ts';
import { ensureRules } from './graph/rules.ts';
import { loadStatements, type Statements } from './graph/statement.ts';
import { createHealthHttp } from './http/server.ts';
import type { Check, Readiness } from './http/state.ts';
import { messageOf, type StemmaError } from './errors.ts';
import { measuredGraph } from './metrics/graph.ts';
import { createMetrics } from './metrics/metrics.ts';
import { rulesNotice } from './model/rules.ts';
import { GRAPH } from './roles/graph.ts';
import { rolesOf } from './roles/index.ts';
import type { Role, RoleParts, RunningRole } from './roles/role.ts';
import type { Log } from './telemetry.ts';

export type ServiceAddresses = {
  readonly neo4j: { readonly uri: string; readonly user: string; readonly password: string };
  readonly redis: { readonly url: string };
};

export type ServiceOptions = {
  readonly settings: Settings;
  readonly servers: ServiceAddresses;
  readonly recreate?: boolean;
  /** Roles beside those of src/roles/index.ts. */
  readonly furtherRoles?: readonly Role[];
  readonly log: Log;
};

export interface Service {
  /** The roles that it plays. */
  readonly roles: readonly string[];
  /** Where the API listens; null without the role `api`. */
  readonly address: string | null;
  /** Where a process without the API answers to probes; null with it. */
  readonly healthAddress: string | null;
  readonly graph: Graph;
  readonly statements: Statements;
  readonly readiness: () => Promise<Readiness>;
  /** Resolves when a role cannot go on: the process is to end then, and whoever supervises it to decide. */
  readonly failed: Promise<StemmaError>;
  /** Stops taking events, lets the writer finish, closes everything. May be called twice. */
  stop(): Promise<void>;
}

/** The composition root of a process: clients, then the roles that it plays. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { settings, servers, log } = options;
  const roles = await rolesOf(settings.STEMMA_ROLES ?? null, options.furtherRoles);
  const keys = busKeys();
  const connections = new Set<Redis>();
  const connect = (name: string, failFast = true): Redis => {
    const redis = connectRedis({
      url: servers.redis.url,
      name,
      failFast,
      onError: (error) => {
        log.debug({ err: error, name }, 'redis connection');
      },
    });
    connections.add(redis);
    redis.once('end', () => connections.delete(redis));
    return redis;
  };
  const metrics = createMetrics();
  const graph = measuredGraph(createGraph(servers.neo4j), metrics);
  const closing: (() => Promise<unknown>)[] = [
    () => graph.close(),
    async () => {
      for (const connection of connections) connection.disconnect();
      return Promise.resolve();
    },
  ];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      while (closing.length > 0)
        await closing
          .pop()?.()
          .catch((error: unknown) => {
            log.warn({ err: error }, 'stopping');
          });
    })());

  try {
    const redis = connect('commands');
    await whenConnected(redis);
    requireSafe(await capabilitiesOf(redis, keys));
    await graph.ping();
    const statements = loadStatements();
    await migrate(graph, statements);
    const rules = await ensureRules(graph, statements);
    const notice = rulesNotice(rules);
    if (notice !== null) log.warn({ rules }, notice);
    const greatestPosition = await greatestPositionOf(graph, statements);
    const now = Date.now;

    const played: { readonly name: string; readonly role: RunningRole }[] = [];
    const readiness = createReadiness({
      ...{ redis, keys, graph, statements, rules },
      roleChecks: () => played.flatMap(({ role }) => role.checks?.() ?? []),
    });
    const parts: RoleParts = {
      ...{
        settings,
        redis,
        keys,
        graph,
        statements,
        greatestPosition,
        readiness,
        metrics,
        now,
        log,
      },
      cors: {
        origins: settings.STEMMA_CORS_ORIGINS,
        credentials: settings.STEMMA_CORS_CREDENTIALS,
      },
      cursorSecret: settings.STEMMA_CURSOR_SECRET ?? derivedSecret(servers.neo4j.password),
      connect: (name, { failFast } = { failFast: true }) => connect(name, failFast),
      greatestKnown: () => greatestPositionOf(graph, statements),
      recreate: options.recreate ?? false,
    };
    for (const one of roles) {
      const role = await one.start(parts);
      played.push({ name: one.name, role });
      closing.push(() => role.stop());
    }
    const address = played.find(({ role }) => role.address !== undefined)?.role.address ?? null;
    let healthAddress: string | null = null;
    if (address === null) {
      const health = await createHealthHttp({
        host: settings.STEMMA_HOST,
        port: settings.STEMMA_HEALTH_PORT,
        allowedHosts: settings.STEMMA_ALLOWED_HOSTS,
        readiness,
        metrics,
        log,
      });
      healthAddress = health.address;
      closing.push(() => health.stop());
    }
    return {
      roles: played.map(({ name }) => name),
      ...{ address, healthAddress, graph, statements, readiness, stop },
      failed: Promise.race(played.flatMap(({ role }) => role.failed ?? [])),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The same in every process that shares the database, and after a restart; cursors are no secrets, only hard to forge. */
function derivedSecret(password: string): string {
  return password === ''
    ? randomBytes(32).toString('hex')
    : createHash('sha256').update(`stemma cursor ${password}`).digest('hex');
}

async function greatestPositionOf(
  graph: Graph,
  statements: Statements,
  timeoutMs?: number,
): Promise<number> {
  const [row] = await graph.read(
    statements.get('lookup/greatest-position'),
    {},
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  return row === undefined ? 0 : Number(row.get('n'));
}

type ReadinessParts = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly graph: Graph;
  readonly statements: Statements;
  /** Of the roles that have started: without them the process cannot serve. */
  readonly roleChecks: () => readonly Check[];
  /** Under which the graph was written. */
  readonly rules: number;
};

/** A probe is answered in time, whatever does not answer here. */
const PROBE_MS = 3_000;

/** Without these, and without what its roles say, a process cannot serve; everything else is for an operator to mend, while it serves. */
const SERVING: ReadonlySet<string> = new Set(['redis', 'neo4j', 'bus']);

/** What `/readyz` and `/healthz` tell: every part by name, and what is wrong with it. */
function createReadiness(parts: ReadinessParts) {
  const { redis, keys, graph, statements } = parts;
  // old answers are answers: it says so, and serves all the same
  const rules: Check = {
    name: 'rules',
    ok: true,
    detail: rulesNotice(parts.rules) ?? `written under rules ${parts.rules}, those of this program`,
  };
  let greatestPosition = 0; // as far as the database could be asked
  return async (): Promise<Readiness> => {
    const checks: Check[] = await Promise.all([
      check('redis', async () => {
        await redis.exists(keys.counter);
        return 'answers';
      }),
      check('neo4j', async () => {
        greatestPosition = await greatestPositionOf(graph, statements, 2_000);
        return 'answers';
      }),
    ]);
    if (checks[0]?.ok === true) {
      checks.push(
        ...(await readinessOfBus({
          redis,
          keys,
          group: GRAPH.name,
          floor: greatestPosition,
          now: Date.now,
        })),
      );
    }
    checks.push(rules);
    const roleChecks = parts.roleChecks();
    return {
      ready:
        checks.every(({ name, ok }) => ok || !SERVING.has(name)) &&
        roleChecks.every(({ ok }) => ok),
      healthy: [...checks, ...roleChecks].every(({ ok }) => ok),
      checks: [...checks, ...roleChecks],
    };
  };
}

async function check(name: string, probe: () => Promise<string>): Promise<Check> {
  try {
    const late = (): Error => new Error(`does not answer within ${PROBE_MS / 1_000} s`);
    return { name, ok: true, detail: await within(PROBE_MS, probe(), late) };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error).slice(0, 200) };
  }
}
