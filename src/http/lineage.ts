import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { StemmaError } from '../errors.ts';

export type LineageQuestion = {
  /** Global id. */
  readonly of: string;
  readonly direction: 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';
  readonly maxDepth: number | null;
  readonly limit: number;
  readonly throughHistory: boolean;
  /** RFC 3339; null = now. */
  readonly valid: string | null;
  /** Log number, or RFC 3339; null = everything. */
  readonly known: number | string | null;
};

export interface LineageStream {
  /**
   * The rows of a lineage in pieces of whole lines: nodes, edges, and one that ends it.
   *
   * @throws StemmaError before the first row where the question cannot be answered
   */
  open(question: LineageQuestion): Promise<AsyncIterable<string>>;
}

const MAX_NODES = 1_000_000;
const DIRECTIONS = ['UPSTREAM', 'DOWNSTREAM', 'BOTH'] as const;

/**
 * `GET /lineage.ndjson?of=<id>&direction=upstream&maxDepth=…&limit=…&throughHistory=true&valid=…&known=…`: a lineage of any size,
 * row by row. An answer is whole only where its last row is `{"end":…}`.
 */
export function addLineage(app: FastifyInstance, lineage: LineageStream): void {
  app.get('/lineage.ndjson', async (request, reply) => {
    const rows = await lineage.open(toQuestion(request.query as Record<string, unknown>));
    return reply
      .type('application/x-ndjson; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(Readable.from(rows, { objectMode: false, highWaterMark: 1 << 18 }));
  });
}

function toQuestion(query: Record<string, unknown>): LineageQuestion {
  const text = (name: string): string | null => {
    const value = query[name];
    if (value === undefined || value === '') return null;
    if (typeof value === 'string') return value;
    throw bad(name, 'is given twice');
  };
  const number = (name: string, most: number, least = 1): number | null => {
    const value = text(name);
    if (value === null) return null;
    if (/^\d{1,16}$/.test(value) && Number(value) >= least && Number(value) <= most) {
      return Number(value);
    }
    throw bad(name, `is a number from ${least} to ${most}`);
  };
  const time = (name: string, problem = 'is not an RFC 3339 time'): string | null => {
    const value = text(name);
    if (value !== null && Number.isNaN(Date.parse(value))) throw bad(name, problem);
    return value;
  };
  const of = text('of');
  if (of === null) throw bad('of', 'is missing: give the global id of a thing');
  const word = (text('direction') ?? '').toUpperCase();
  const direction = DIRECTIONS.find((one) => one === word);
  if (direction === undefined) throw bad('direction', "is 'upstream', 'downstream' or 'both'");
  const history = text('throughHistory') ?? 'false';
  if (history !== 'true' && history !== 'false')
    throw bad('throughHistory', "is 'true' or 'false'");
  const valid = time('valid');
  const known = /^\d{1,16}$/.test(text('known') ?? '')
    ? number('known', Number.MAX_SAFE_INTEGER, 0) // before everything
    : time('known', 'is neither a log number nor an RFC 3339 time');
  return {
    ...{ of, direction, valid, known },
    maxDepth: number('maxDepth', 100_000),
    limit: number('limit', MAX_NODES) ?? MAX_NODES,
    throughHistory: history === 'true',
  };
}

function bad(name: string, why: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `The parameter '${name}' ${why}.`, {
    details: { path: name },
  });
}
