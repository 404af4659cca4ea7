import { z } from 'zod';
import { DEAD_LETTER_LIMITS } from './bus/letters/archive.ts';
import { DOMAINS } from './model/events/catalogue.ts';
import { nearest } from './model/nearest.ts';

/** Which part of the program a variable is for, as the documentation says it. */
type Reader =
  'API' | 'graph writer' | 'service' | 'command line' | 'all' | 'watches' | 'servers' | 'tests';

/** One variable of the environment: what it takes, and what the documentation says of it. */
export type Setting<T extends z.ZodType = z.ZodType> = {
  readonly schema: T;
  /** Type and bounds, in words. */
  readonly takes: string;
  /** In words; empty where there is none. */
  readonly default: string;
  readonly reader: Reader;
  readonly means: string;
  /** Never shown. */
  readonly isSecret?: boolean;
};

const MIB = 1024 ** 2;

/** Every variable that the program reads: environment.ts, docs/operations.md and `stemma doctor` come from here. */
export const SETTINGS = {
  STEMMA_HOME: text(
    '.stemma',
    'all',
    'a directory for the data of the local servers and the lock of the service',
  ),
  STEMMA_ROLES: {
    ...about(
      'roles, separated by commas: api, graph, metrics, watch',
      'all',
      'service',
      'what this process does',
    ),
    schema: names().optional(),
  },
  STEMMA_DOMAINS: {
    ...about(
      'domains, separated by commas',
      'all',
      'graph writer',
      'domains of events that it reads',
    ),
    schema: names()
      .pipe(z.array(z.enum(DOMAINS)).min(1))
      .default([...DOMAINS]),
  },
  STEMMA_PORT: whole(
    0,
    65_535,
    4_000,
    'API',
    'where the API listens, and, where it is set, the command line asks; 0 picks a free port and prints it',
  ),
  STEMMA_HOST: text('127.0.0.1', 'service', 'the address it listens on'),
  STEMMA_HEALTH_PORT: whole(
    0,
    65_535,
    0,
    'service',
    'where a process without the API answers to `/livez`, `/readyz`, `/healthz`; 0 picks a free port and prints it',
  ),
  STEMMA_ALLOWED_HOSTS: {
    ...about(
      'host names, separated by commas',
      '',
      'service',
      'under which it may be called, beside the local ones',
    ),
    schema: z
      .string()
      .default('')
      .transform((given) => given.split(',').filter((part) => part !== '')),
  },
  STEMMA_CORS_ORIGINS: {
    ...about(
      'origins, separated by commas, or `*`',
      'none',
      'API',
      'web pages that may call the API from a browser',
    ),
    schema: origins().default([]),
  },
  STEMMA_CORS_CREDENTIALS: {
    ...about(
      'true or false',
      'false',
      'API',
      'whether they may send credentials; not together with `*`',
    ),
    schema: z.stringbool().default(false),
  },
  STEMMA_CASELESS_HOSTS: {
    ...about(
      'host names, separated by commas',
      'none',
      'all',
      'hosts whose names of owners and repositories have no case, beside those that are known; the same for the service and for `stemma ingest`; what was written before has to be rebuilt',
    ),
    schema: z
      .string()
      .regex(
        /^[\w.:,\s-]*$/,
        'host names, with their ports where they have one, separated by commas',
      )
      .default(''),
  },
  STEMMA_BATCH_SIZE: whole(1, 10_000, 1_000, 'graph writer', 'events per transaction'),
  STEMMA_IN_FLIGHT: whole(1, 16, 2, 'graph writer', 'transactions at once'),
  STEMMA_MAX_ATTEMPTS: whole(
    1,
    100,
    5,
    'graph writer',
    'tries of one event before it becomes a dead letter',
  ),
  STEMMA_CLAIM_IDLE_MS: whole(
    0,
    null,
    60_000,
    'graph writer',
    'for how long an event may wait for the writer that has it, before another one takes it over',
  ),
  STEMMA_HEARTBEAT_MS: whole(
    100,
    null,
    10_000,
    'graph writer',
    'how often it gives a sign of life',
  ),
  STEMMA_DEAD_LETTERS: whole(
    0,
    null,
    DEAD_LETTER_LIMITS.letters,
    'graph writer',
    'dead letters that stay on the bus; older ones are archived in the graph database',
  ),
  STEMMA_DEAD_LETTER_BYTES: whole(
    0,
    null,
    DEAD_LETTER_LIMITS.bytes,
    'graph writer',
    'about how much of its memory they may take',
  ),
  STEMMA_FSYNC_TIMEOUT_MS: {
    ...about(
      '1 to 60000',
      'no waiting',
      'API',
      'for how long a receipt waits until its event is on the disk of Redis (`WAITAOF`, Redis 7.2)',
    ),
    schema: z.coerce.number().int().min(1).max(60_000).optional(),
  },
  STEMMA_LIVE_QUEUE: whole(
    1,
    1_000_000,
    1_000,
    'API',
    'events that may wait for one subscription before it is ended as too slow',
  ),
  STEMMA_LIVE_HEARTBEAT_MS: whole(
    100,
    null,
    15_000,
    'API',
    'after so long without an event a subscription is told how far the log has come',
  ),
  STEMMA_LIVE_SUBSCRIPTIONS: whole(0, null, 10_000, 'API', 'subscriptions at once'),
  STEMMA_ALLOWED_TARGETS: {
    ...about(
      '`host` or `host:port`, separated by commas',
      'none',
      'watches',
      'where in the own network watches may send to, beside the public internet',
    ),
    schema: z
      .string()
      .default('')
      .transform((given) => given.split(',').filter((part) => part !== '')),
  },
  STEMMA_DELIVERY_ATTEMPTS: whole(
    1,
    100,
    10,
    'watches',
    'tries of one delivery before it is given up',
  ),
  STEMMA_DELIVERY_WAIT_MS: whole(
    1,
    3_600_000,
    5_000,
    'watches',
    'the longest wait after the first try that failed; each further one is up to three times as long, at most 6 hours',
  ),
  STEMMA_DELIVERY_LEASE_MS: whole(
    100,
    3_600_000,
    30_000,
    'watches',
    'after so long another process tries a delivery whose process has died',
  ),
  STEMMA_DELIVERY_DISABLE_AFTER: whole(
    1,
    null,
    10,
    'watches',
    'deliveries of a watch that are given up in a row before it is disabled',
  ),
  STEMMA_MAX_DOCUMENT_BYTES: whole(
    1,
    100 * MIB,
    32 * MIB,
    'all',
    'the largest document that `submitDocument` and `stemma ingest` take',
  ),
  STEMMA_CURSOR_SECRET: {
    ...about(
      '16 characters or more',
      'derived from the database password',
      'API',
      'signs cursors; the same for every API process',
    ),
    schema: z.string().min(16).optional(),
    isSecret: true,
  },
  STEMMA_LOG_LEVEL: {
    ...about(
      'silent, error, warn, info, debug',
      'info',
      'service',
      'logs are JSON on standard error',
    ),
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  },
  STEMMA_URL: {
    ...about('a URL', 'the local service', 'command line', 'the service that it asks'),
    schema: z.url().optional(),
  },
  NEO4J_URI: optional(
    'a URI',
    'all',
    'the graph database; left out: a container, or a local process',
  ),
  NEO4J_USER: text('neo4j', 'all', 'its user'),
  NEO4J_PASSWORD: { ...text('', 'all', 'the password of that user'), isSecret: true },
  REDIS_URL: {
    ...optional(
      'a URL, or several',
      'all',
      'the event bus; nodes of a Redis Cluster are separated by commas; left out: a container, or a local process',
    ),
    isSecret: true,
  },
  STEMMA_SERVERS: {
    ...about('local', '', 'servers', '`local`: no containers even where Docker runs'),
    schema: z.enum(['local']).optional(),
  },
  STEMMA_NEO4J_HEAP: {
    ...about('such as 512m or 2g', '2g', 'servers', 'heap of a local Neo4j'),
    schema: z
      .string()
      .regex(/^\d+[kmg]$/i, 'a size such as 512m or 2g')
      .optional(),
  },
  STEMMA_NEO4J_PORT: whole(1, 65_535, 7_687, 'servers', 'port of the Neo4j in a container'),
  STEMMA_REDIS_PORT: whole(1, 65_535, 6_379, 'servers', 'port of the Redis in a container'),
  STEMMA_FAILPOINT: optional(
    'points and actions',
    'tests',
    'where the process kills, stops or fails itself',
  ),
} as const satisfies Readonly<Record<string, Setting>>;

export type Variables = Readonly<Record<string, string | undefined>>;

/** Variables that look like ours and are not read by anybody, with the name that was probably meant. */
export function unknownSettings(
  environment: Variables,
): readonly { readonly name: string; readonly meant: string }[] {
  const names = Object.keys(SETTINGS);
  return Object.keys(environment)
    .filter((name) => /^STEMMA_(?!TEST_|SECRET_)/.test(name) && !names.includes(name))
    .map((name) => ({ name, meant: nearest(name, names)[0] ?? '' }));
}

/** What is set, as `name=value`, without secrets. */
export function settingsShown(environment: Variables): string[] {
  return Object.entries<Setting>(SETTINGS).flatMap(([name, { isSecret = false }]) => {
    const value = environment[name] ?? '';
    if (value === '') return [];
    return [isSecret ? `${name} (not shown)` : `${name}=${value}`];
  });
}

/** What is never to be written anywhere: values that are secret, of a URL its password, as it stands there and as it is. */
export function secretsOf(environment: Variables): string[] {
  const own = Object.values(givenSecrets(environment));
  const settings = Object.entries<Setting>(SETTINGS).flatMap(([name, { isSecret = false }]) => {
    const value = environment[name] ?? '';
    if (!isSecret || value === '') return [];
    if (!value.includes('://')) return [value];
    const password = /:\/\/[^/@:]*:([^@]*)@/.exec(value)?.[1] ?? '';
    return password === '' ? [] : [...new Set([password, decoded(password)])];
  });
  return [...settings, ...own];
}

/** Variables with secrets for watches, by name: a definition names them, and nothing holds them but the environment. */
export function givenSecrets(environment: Variables): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value = '']) =>
      name.startsWith('STEMMA_SECRET_') && value !== '' ? [[name, value]] : [],
    ),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}

function about(takes: string, fallback: string, reader: Reader, means: string) {
  return { takes, default: fallback, reader, means };
}

function text(fallback: string, reader: Reader, means: string) {
  return { ...about('text', fallback, reader, means), schema: z.string().default(fallback) };
}

function optional(takes: string, reader: Reader, means: string) {
  return { ...about(takes, '', reader, means), schema: z.string().optional() };
}

function whole(
  least: number,
  most: number | null,
  fallback: number,
  reader: Reader,
  means: string,
) {
  const takes = most === null ? `${least} or more` : `${least} to ${most}`;
  const schema = z.coerce
    .number()
    .int()
    .min(least)
    .max(most ?? Number.MAX_SAFE_INTEGER);
  return { ...about(takes, String(fallback), reader, means), schema: schema.default(fallback) };
}

function names() {
  return z.string().transform((given) => given.split(',').map((part) => part.trim()));
}

/** As browsers write them in the header Origin: scheme, host, and port where it is not the usual one. */
function origins() {
  return z.string().transform((given, context) =>
    given
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => {
        if (part === '*') return part;
        const url = URL.canParse(part) ? new URL(part) : null;
        const isOrigin =
          url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
        if (isOrigin) return url.origin;
        context.addIssue(
          `'${part.slice(0, 80)}' is not an origin: write it as https://app.example or http://localhost:5173, without a path, or * for every origin`,
        );
        return part;
      }),
  );
}
