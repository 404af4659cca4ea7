import { resolve } from 'node:path';
import { z } from 'zod';
import { StemmaError } from './errors.ts';
import { DOMAINS } from './model/events/catalogue.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const ROLES = ['api', 'graph'] as const;

const list = <T extends string>(values: readonly [T, ...T[]]) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(values)).min(1));

/** Every variable that the program reads, with its meaning; docs/operations.md has the same list. */
const schema = z.object({
  STEMMA_PORT: port.default(4000),
  STEMMA_HOST: z.string().default('127.0.0.1'),
  /** Host names, beside the local ones, under which the service may be called. */
  STEMMA_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part !== '')),
  STEMMA_HOME: z.string().default('.stemma'),
  STEMMA_URL: z.url().optional(),
  STEMMA_ROLES: list(ROLES).default([...ROLES]),
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

export type Settings = Readonly<z.output<typeof schema>> & { readonly home: string };
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment once, as a whole.
 *
 * @throws StemmaError CONFIGURATION_INVALID with every problem at once
 */
export function readSettings(variables: Variables = process.env): Settings {
  const stated = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
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
