import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

export type CorsOptions = {
  /** Such as `https://app.example`; `*` stands for every origin. Empty: no other origin may read answers. */
  readonly origins: readonly string[];
  /** Whether browsers may send cookies and the like, which a proxy in front may ask for; never together with `*`. */
  readonly credentials: boolean;
};

/** What scripts may read of an answer beyond the headers that every script may. */
const EXPOSED = ['x-request-id', 'retry-after', 'allow'];
/** Browsers keep a permission for so long. */
const MAX_AGE_SECONDS = 600;

/**
 * Lets web pages of other origins use the service. An origin that is not named gets no header at all and no answer to its
 * preflight, so that its browser sends nothing but what any page may send, and shows it nothing.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export async function addCors(
  app: FastifyInstance,
  { origins, credentials }: CorsOptions,
): Promise<void> {
  if (origins.length === 0) return;
  const any = origins.includes('*');
  const allowed = new Set(origins);
  const originFor = (asked: string | undefined): string | false => {
    if (asked === undefined) return false;
    if (any) return '*';
    return allowed.has(asked) && asked;
  };

  await app.register(cors, () => async ({ headers }: { headers: Record<string, unknown> }) => ({
    origin: originFor(typeof headers['origin'] === 'string' ? headers['origin'] : undefined),
    credentials: credentials && !any,
    // OPTIONS is also how CloudEvents asks whether events may be sent
    preflight: headers['access-control-request-method'] !== undefined,
    strictPreflight: false,
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SECONDS,
  }));
}
