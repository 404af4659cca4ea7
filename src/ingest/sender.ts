import { StemmaError, type ErrorCode } from '../errors.ts';
import type { Receipt, WaitFor } from '../model/receipt.ts';

/** Where events go: answers with one receipt for each, in order. Retries what can heal by itself. */
export type EventSink = (
  events: readonly string[],
  options: { readonly wait: WaitFor; readonly waitMs: number },
) => Promise<readonly Receipt[]>;

export type SenderOptions = {
  readonly sink: EventSink;
  /** Wait until the events are applied. */
  readonly wait: boolean;
  /** Requests at the same time. */
  readonly concurrency: number;
  readonly limits?: Partial<typeof LIMITS>;
};

export type Outgoing = { readonly raw: string; readonly settle: (receipt: Receipt) => void };

export interface Sender {
  /** Resolves when there is room for more. Throws what made an earlier request fail. */
  send(event: Outgoing): Promise<void>;
  /** Resolves when everything is settled. */
  flush(): Promise<void>;
}

const LIMITS = {
  batchEvents: 500,
  batchBytes: 4 * 1024 * 1024,
  /** One request waits this long for its events to be applied … */
  waitMs: 30_000,
  /** … and is made again this often. */
  waits: 20,
};

/** Answers to a request as a whole that one of its events has caused. */
const REFUSALS = new Set<ErrorCode>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'EVENT_MALFORMED',
  'PAYLOAD_TOO_DEEP',
  'PAYLOAD_TOO_LARGE',
]);

/** Sends events in batches, a few requests at a time; holds at most that many batches in memory. */
export function createSender(options: SenderOptions): Sender {
  const limits = { ...LIMITS, ...options.limits };
  const inFlight = new Set<Promise<void>>();
  let batch: Outgoing[] = [];
  let bytes = 0;
  let failure: unknown = null;

  async function dispatch(): Promise<void> {
    const events = batch;
    batch = [];
    bytes = 0;
    while (inFlight.size >= options.concurrency) await Promise.race(inFlight);
    stopOnFailure();
    const request = deliver(events, options, limits).catch((error: unknown) => {
      failure ??= error;
    });
    inFlight.add(request);
    void request.finally(() => inFlight.delete(request));
  }

  function stopOnFailure(): void {
    if (failure !== null) throw failure as Error; // what the sink threw
  }

  return {
    async send(event) {
      stopOnFailure();
      const size = Buffer.byteLength(event.raw);
      if (batch.length > 0 && bytes + size > limits.batchBytes) await dispatch();
      batch.push(event);
      bytes += size;
      if (batch.length >= limits.batchEvents) await dispatch();
    },
    async flush() {
      if (batch.length > 0) await dispatch();
      await Promise.all(inFlight);
      stopOnFailure();
    },
  };
}

/** One event that the service cannot even read must not refuse its neighbours: the batch is halved until it is alone. */
async function deliver(
  events: readonly Outgoing[],
  options: SenderOptions,
  limits: typeof LIMITS,
): Promise<void> {
  try {
    const receipts = await receiptsOf(events, options, limits);
    for (const [index, event] of events.entries()) {
      const receipt = receipts[index];
      if (receipt !== undefined) event.settle(receipt);
    }
  } catch (error) {
    if (!(error instanceof StemmaError) || !REFUSALS.has(error.code)) throw error;
    const [first] = events;
    if (events.length === 1) {
      first?.settle(rejected(error));
      return;
    }
    const half = Math.ceil(events.length / 2);
    await deliver(events.slice(0, half), options, limits);
    await deliver(events.slice(half), options, limits);
  }
}

async function receiptsOf(
  events: readonly Outgoing[],
  { sink, wait }: SenderOptions,
  { waitMs, waits }: typeof LIMITS,
): Promise<readonly Receipt[]> {
  const raws = events.map(({ raw }) => raw);
  if (!wait) return sink(raws, { wait: 'ACCEPTED', waitMs });
  const receipts: Receipt[] = [];
  let open = raws.map((_, index) => index);
  for (let attempt = 0; attempt < waits && open.length > 0; attempt += 1) {
    const answers = await sink(
      open.map((index) => raws[index] ?? ''),
      { wait: 'APPLIED', waitMs },
    );
    for (const [at, index] of open.entries()) {
      const answer = answers[at];
      if (answer !== undefined) receipts[index] = answer;
    }
    open = open.filter((index) => isOpen(receipts[index]));
  }
  for (const index of open) receipts[index] = unapplied(receipts[index], waitMs * waits);
  return receipts;
}

function isOpen(receipt: Receipt | undefined): boolean {
  return (receipt?.first ?? receipt?.status) === 'ACCEPTED';
}

function rejected({ code, message, retryable }: StemmaError): Receipt {
  const error = { code, message, path: '', retryable };
  return { eventId: null, source: null, position: null, status: 'REJECTED', first: null, error };
}

function unapplied(receipt: Receipt | undefined, ms: number): Receipt {
  const message = `It is on the bus, but was not applied within ${Math.round(ms / 60_000)} minutes.`;
  const error = { code: 'DEPENDENCY_UNAVAILABLE' as const, message, path: '', retryable: true };
  const none = { eventId: null, source: null, position: null };
  return { ...(receipt ?? none), status: 'REJECTED', first: null, error };
}
