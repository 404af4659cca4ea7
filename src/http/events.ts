import type { FastifyInstance } from 'fastify';
import { MAX_EVENT_BYTES } from '../intake/admission.ts';
import { DEFAULT_WAIT_MS } from '../intake/intake.ts';
import { StemmaError } from '../errors.ts';
import type { AcceptOptions, Intake, Receipt } from '../model/receipt.ts';
import { readBody } from './body.ts';
import { parseEvents } from './cloudevents.ts';

export type EventLimits = {
  /** Largest body that is a list. */
  readonly batchBytes: number;
  readonly batchEvents: number;
};

/** `POST /events`: receipts in the order of the input, and a status that says whether all, some or none were taken. */
export function addEvents(app: FastifyInstance, intake: Intake, limits: EventLimits): void {
  // a list is known by its first character, whatever its media type
  const limitOf = (first: string | null): number =>
    first === null || first === '[' ? limits.batchBytes : MAX_EVENT_BYTES;

  app.post('/events', async (request, reply) => {
    const options = acceptOptions(request.query as Record<string, unknown>);
    const { headers } = request;
    const body = await readBody(request.raw, {
      encoding: headers['content-encoding'],
      length: headers['content-length'],
      limitOf,
    });
    const submissions = parseEvents({
      rawHeaders: request.raw.rawHeaders,
      contentType: headers['content-type'],
      body,
      maxEvents: limits.batchEvents,
    });
    const receipts = await intake.accept(submissions, options);
    return reply.code(statusOf(receipts)).send({ receipts });
  });
}

/** `wait` and `waitMs` of a request. */
export function acceptOptions(query: Record<string, unknown>): AcceptOptions {
  const { wait = 'accepted', waitMs = String(DEFAULT_WAIT_MS) } = query;
  const word = typeof wait === 'string' ? wait.toUpperCase() : '';
  if (word !== 'ACCEPTED' && word !== 'APPLIED')
    throw badQuery('wait', "is 'accepted' or 'applied'");
  if (typeof waitMs !== 'string' || !/^\d{1,6}$/.test(waitMs))
    throw badQuery('waitMs', 'is a number of milliseconds');
  return { wait: word, waitMs: Number(waitMs) };
}

function badQuery(name: string, why: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `The parameter '${name}' ${why}.`, {
    details: { path: name },
  });
}

/** 202 accepted, 200 where there is nothing left to wait for, 400 where nothing was taken, 207 where the receipts differ. */
export function statusOf(receipts: readonly Receipt[]): number {
  const isIn = (...statuses: Receipt['status'][]) =>
    receipts.every(({ status }) => statuses.includes(status));
  if (isIn('APPLIED', 'DUPLICATE')) return 200;
  if (isIn('ACCEPTED', 'APPLIED', 'DUPLICATE')) return 202;
  if (!isIn('REJECTED')) return 207;
  return receipts.every(({ error }) => error?.retryable === true) ? 503 : 400;
}
