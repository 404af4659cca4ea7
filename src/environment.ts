import { resolve } from 'node:path';
import { z } from 'zod';
import { StemmaError } from './errors.ts';
import { DOMAINS } from './model/events/catalogue.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const words = z.string().transform((text) => text.split(',').map((part) => part.trim()));

const list = <T extends string>(values: readonly [T, ...T[]]) =>
  words.pipe(z.array(z.enum(values)).min(1));

/** As browsers write them in the header Origin: scheme, host, and port where it is not the usual one. */
const origins = z.string().transform((text, context) =>
  text
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

/** Every variable that the program reads, with its meaning; docs/operations.md has the same list. */
const variables = z.object({
  STEMMA_PORT: port.default(4000),
  /** Where a process without the role `api` answers to probes (/livez, /readyz, /healthz); 0 picks a free port. */
  STEMMA_HEALTH_PORT: port.default(0),
  STEMMA_HOST: z.string().default('127.0.0.1'),
  /** Host names, beside the local ones, under which the service may be called. */
  STEMMA_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part !== '')),
  /** Origins of web pages that may use the service, or `*`; none: only pages of its own origin. */
  STEMMA_CORS_ORIGINS: origins.default([]),
  /** Whether these pages may send cookies and the like; not with `*`. */
  STEMMA_CORS_CREDENTIALS: z.stringbool().default(false),
  /** Hosts whose names of owners and repositories have no case, beside those that are known (model/hosts.ts, pinned by cli.ts). */
  STEMMA_CASELESS_HOSTS: z
    .string()
    .regex(/^[\w.:,\s-]*$/, 'host names, with their ports where they have one, separated by commas')
    .default(''),
  STEMMA_HOME: z.string().default('.stemma'),
  STEMMA_URL: z.url().optional(),
  STEMMA_ROLES: words.optional(),
  STEMMA_DOMAINS: list(DOMAINS).default([...DOMAINS]),
  STEMMA_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  STEMMA_BATCH_SIZE: z.coerce.number().int().min(1).max(10_000).default(1_000),
  STEMMA_IN_FLIGHT: z.coerce.number().int().min(1).max(16).default(2),
  STEMMA_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(100).default(5),
  STEMMA_CLAIM_IDLE_MS: z.coerce.number().int().min(0).default(60_000),
  STEMMA_HEARTBEAT_MS: z.coerce.number().int().min(100).default(10_000),
  STEMMA_FAILPOINT: z.string().optional(),
  STEMMA_CURSOR_SECRET: z.string().min(16).optional(),
  NEO4J_URI: z.string().optional(),
  NEO4J_USER: z.string().default('neo4j'),
  NEO4J_PASSWORD: z.string().default(''),
  REDIS_URL: z.string().optional(),
});

const schema = variables.refine(
  (one) => !(one.STEMMA_CORS_CREDENTIALS && one.STEMMA_CORS_ORIGINS.includes('*')),
  {
    path: ['STEMMA_CORS_CREDENTIALS'],
    error: 'browsers send no credentials where STEMMA_CORS_ORIGINS is *: name the origins',
  },
);

export type Settings = Readonly<z.output<typeof schema>> & { readonly home: string };
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment once, as a whole.
 *
 * @throws StemmaError CONFIGURATION_INVALID with every problem at once
 */
export function readSettings(environment: Variables = process.env): Settings {
  const stated = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== ''),
  );
  const result = schema.safeParse(stated);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      `The environment is not valid. ${problems.join('; ')}.`,
    );
  }
  return Object.freeze({ ...result.data, home: resolve(result.data.STEMMA_HOME) });
}
