import type { Redis } from '../bus/redis.ts';
import type { Consumer } from '../bus/group/member.ts';
import type { BusKeys } from '../bus/keys.ts';
import type { StemmaError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import type { CorsOptions } from '../http/cors.ts';
import type { Check, Readiness } from '../http/state.ts';
import type { Domain } from '../model/events/catalogue.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Log } from '../telemetry.ts';

/** Of the settings of a process, those that roles look at (src/environment.ts). */
export type RoleSettings = {
  readonly STEMMA_HOST: string;
  readonly STEMMA_PORT: number;
  readonly STEMMA_ALLOWED_HOSTS: readonly string[];
  readonly STEMMA_DOMAINS: readonly Domain[];
  readonly STEMMA_BATCH_SIZE: number;
  readonly STEMMA_IN_FLIGHT: number;
  readonly STEMMA_MAX_ATTEMPTS: number;
  readonly STEMMA_CLAIM_IDLE_MS: number;
  readonly STEMMA_HEARTBEAT_MS: number;
  readonly STEMMA_DEAD_LETTERS: number;
  readonly STEMMA_DEAD_LETTER_BYTES: number;
  readonly STEMMA_MAX_DOCUMENT_BYTES: number;
  readonly STEMMA_LIVE_QUEUE: number;
  readonly STEMMA_LIVE_HEARTBEAT_MS: number;
  readonly STEMMA_LIVE_SUBSCRIPTIONS: number;
  readonly STEMMA_ALLOWED_TARGETS: readonly string[];
  readonly STEMMA_DELIVERY_ATTEMPTS: number;
  readonly STEMMA_DELIVERY_WAIT_MS: number;
  readonly STEMMA_DELIVERY_LEASE_MS: number;
  readonly STEMMA_DELIVERY_DISABLE_AFTER: number;
  /** Variables with secrets for watches, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly STEMMA_FSYNC_TIMEOUT_MS?: number | undefined;
};

/** What a process has for each of its roles. */
export type RoleParts = {
  readonly settings: RoleSettings;
  readonly cors: CorsOptions;
  /** Signs cursors: the same in every process of an installation. */
  readonly cursorSecret: string;
  /** For commands; shared by the roles. */
  readonly redis: Redis;
  /**
   * A further connection, which the process closes at its end.
   *
   * @param options.failFast whether commands fail at once while Redis is away, default true; otherwise they wait
   */
  readonly connect: (name: string, options?: { readonly failFast: boolean }) => Redis;
  readonly keys: BusKeys;
  readonly graph: Graph;
  readonly statements: Statements;
  /** The greatest log number in the graph, at the start of the process. */
  readonly greatestPosition: number;
  /** The same, asked again. */
  readonly greatestKnown: () => Promise<number>;
  /** Of the whole process. */
  readonly readiness: () => Promise<Readiness>;
  /** Go on where Redis has lost data. */
  readonly recreate: boolean;
  /** Of the whole process. */
  readonly metrics: Metrics;
  readonly now: () => number;
  readonly log: Log;
};

export type RunningRole = {
  /** Where it answers over HTTP, where it does: with the probes of the process. */
  readonly address?: string;
  /** Lines of `/readyz`; the process is not ready while one of them is not ok. */
  readonly checks?: () => readonly Check[];
  /** Resolves when the role cannot go on: the process ends then. */
  readonly failed?: Promise<StemmaError>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
};

export type Role = {
  /** As in `--roles` and STEMMA_ROLES. */
  readonly name: string;
  start(parts: RoleParts): Promise<RunningRole>;
};

/** A role is one file that exports it as `role`, and one line of src/roles/index.ts. */
export function defineRole(role: Role): Role {
  return Object.freeze(role);
}

/** What a consumer says of itself on `/readyz`. */
export function checkOf(name: string, consumer: Pick<Consumer, 'state'>): Check {
  const state = consumer.state();
  let detail: string = state.phase;
  if (state.phase === 'failed') detail = `${state.error.code}: ${state.error.message}`;
  return { name, ok: state.phase === 'running', detail };
}
