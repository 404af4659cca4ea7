import { setImmediate as nextTurn } from 'node:timers/promises';
import { StemmaError } from '../errors.ts';
import type { StemmaEvent } from '../model/event.ts';
import {
  DURABILITIES,
  type AcceptedEvent,
  type AcceptOptions,
  type Applied,
  type Intake,
  type Published,
  type Publisher,
  type Receipt,
  type ReceiptStatus,
  type Submission,
} from '../model/receipt.ts';
import { admit, toReceiptError, type ForeignMapper, type Inspect } from './admission.ts';
import type { CustomTypes } from './custom-types.ts';

export const DEFAULT_WAIT_MS = 10_000;
export const MAX_WAIT_MS = 60_000;

/** Events validated before other requests get their turn. */
const TURN = 256;

export type IntakeOptions = {
  readonly publisher: Publisher;
  readonly mapForeign: ForeignMapper;
  readonly customTypes: CustomTypes;
  readonly inspect?: Inspect;
  /** What is wrong with an event that refuses nothing and takes its time to be found, a sentence each. */
  readonly complaints?: (event: StemmaEvent) => Promise<readonly string[]>;
  /** What an event that is in the graph was meant to change there and did not, a sentence each. */
  readonly lookBack?: (event: StemmaEvent) => Promise<readonly string[]>;
  readonly log: { error(fields: object, message: string): void };
  readonly now: () => number;
};

/** What validation made of one submission. */
type Admitted =
  | {
      readonly kind: 'events';
      readonly events: readonly AcceptedEvent[];
      readonly undo: readonly (() => void)[];
    }
  | { readonly kind: 'refused'; readonly receipt: Receipt };

/**
 * The one way in. All valid events of a call are published together and in order. A foreign submission that stands for
 * several events has one receipt: identity and position of its last event, and the worst status of all of them.
 */
export function createIntake({
  publisher,
  mapForeign,
  customTypes,
  inspect = () => [],
  complaints = () => Promise.resolve([]),
  lookBack = () => Promise.resolve([]),
  log,
  now,
}: IntakeOptions): Intake {
  function admitOne(submission: Submission, index: number): Admitted {
    if ('problem' in submission)
      return { kind: 'refused', receipt: rejected(null, submission.problem) };
    const undo: (() => void)[] = [];
    try {
      const events = admit(
        submission.raw,
        submission.value,
        mapForeign,
        customTypes.check,
        inspect,
      );
      for (const { event } of events) {
        if (event.body.type === 'type.registered') undo.push(customTypes.register(event.body.data));
        if (event.body.type === 'type.deprecated')
          undo.push(customTypes.deprecate(event.body.data));
      }
      return { kind: 'events', events, undo };
    } catch (error) {
      for (const step of undo) step();
      const problem = toReceiptError(error, `events.${index}`, (cause) => {
        log.error({ err: error, cause }, 'An event could not be validated');
      });
      return { kind: 'refused', receipt: rejected(submission.value, problem) };
    }
  }

  /** A type that this process does not know yet may have been registered through another one. */
  async function admitAll(submissions: readonly Submission[]): Promise<Admitted[]> {
    const admitted: Admitted[] = [];
    for (const [index, submission] of submissions.entries()) {
      admitted.push(admitOne(submission, index));
      if (index % TURN === TURN - 1) await nextTurn();
    }
    if (!admitted.some(isUnknownType)) return admitted;
    try {
      if (!(await customTypes.refresh())) return admitted;
    } catch (error) {
      const unavailable = new StemmaError('DEPENDENCY_UNAVAILABLE', 'types cannot be loaded', {
        cause: error,
      });
      return admitted.map((one, index) => {
        if (!isUnknownType(one)) return one;
        const problem = toReceiptError(unavailable, `events.${index}`, () => undefined);
        return { kind: 'refused', receipt: { ...one.receipt, error: problem } };
      });
    }
    return admitted.map((one, index) => {
      const submission = submissions[index];
      return isUnknownType(one) && submission !== undefined ? admitOne(submission, index) : one;
    });
  }

  async function publish(admitted: readonly Admitted[]): Promise<Published[]> {
    const events = admitted.flatMap((one) => (one.kind === 'events' ? one.events : []));
    if (events.length === 0) return [];
    try {
      return await publisher.publish(events);
    } catch (error) {
      for (const one of admitted) if (one.kind === 'events') for (const undo of one.undo) undo();
      throw error;
    }
  }

  /** The graph is asked only about what is in it: what is merely accepted may yet find what it is about. */
  async function warned(
    receipt: Receipt,
    { event, warnings = [] }: AcceptedEvent,
  ): Promise<Receipt> {
    if (receipt.error !== null) return receipt;
    const isApplied = (receipt.first ?? receipt.status) === 'APPLIED';
    const later = isApplied ? await found(lookBack, event) : [];
    const told = await found(async (of) => customTypes.warningsOf(of), event);
    const all = new Set([...warnings, ...(await found(complaints, event)), ...told, ...later]);
    return all.size === 0 ? receipt : { ...receipt, warnings: [...all] };
  }

  async function found(
    ask: NonNullable<IntakeOptions['lookBack']>,
    event: StemmaEvent,
  ): Promise<readonly string[]> {
    try {
      return await ask(event);
    } catch (error) {
      log.error({ err: error }, 'What is to be told of an event could not be found out');
      return [];
    }
  }

  async function receiptOf(
    one: Admitted,
    outcomes: readonly Published[],
    index: number,
    wait: Wait,
  ): Promise<Receipt> {
    if (one.kind === 'refused') return one.receipt;
    const receipts = await Promise.all(
      one.events.map(async (event, at) => {
        const receipt = await toReceipt(event, outcomes[at], `events.${index}`, wait);
        return warned(receipt, event);
      }),
    );
    if (receipts.some(({ status }) => status === 'REJECTED')) for (const undo of one.undo) undo();
    return combine(receipts);
  }

  return {
    async accept(submissions, options) {
      const deadline = now() + waitMsOf(options);
      const admitted = await admitAll(submissions);
      const published = await publish(admitted);
      const wait: Wait = async (position) =>
        options.wait === 'APPLIED'
          ? publisher.whenApplied(position, Math.max(0, deadline - now()))
          : null;
      let at = 0;
      return Promise.all(
        admitted.map((one, index) => {
          const count = one.kind === 'events' ? one.events.length : 0;
          const outcomes = published.slice(at, at + count);
          at += count;
          return receiptOf(one, outcomes, index, wait);
        }),
      );
    },
  };
}

type Wait = (position: number) => Promise<Applied | null>;

function waitMsOf({ waitMs }: AcceptOptions): number {
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), MAX_WAIT_MS) : DEFAULT_WAIT_MS;
}

function isUnknownType(one: Admitted): one is Extract<Admitted, { kind: 'refused' }> {
  if (one.kind !== 'refused') return false;
  const code = one.receipt.error?.code;
  return code === 'EVENT_TYPE_UNKNOWN' || code === 'SCHEMA_VERSION_UNKNOWN';
}

async function toReceipt(
  { event, contentHash }: AcceptedEvent,
  outcome: Published | undefined,
  path: string,
  wait: Wait,
): Promise<Receipt> {
  const { id: eventId, source } = event.envelope;
  if (outcome === undefined) throw new Error('the publisher must answer for every event');
  if (outcome.outcome === 'failed') {
    const error = toReceiptError(outcome.error, path, () => undefined);
    return { eventId, source, position: null, status: 'REJECTED', first: null, error };
  }
  const { position } = outcome;
  if (outcome.outcome === 'conflict') {
    const message =
      `(${source}, ${eventId}) was published before with other content: the first, ${outcome.firstHash}, stays; ` +
      `this one has ${contentHash}. Send a new id.`;
    const error = {
      code: 'IDEMPOTENCY_CONFLICT' as const,
      message,
      path: `${path}.id`,
      retryable: false,
    };
    return { eventId, source, position: null, status: 'REJECTED', first: null, error };
  }
  const known = outcome.outcome === 'duplicate' ? outcome.first : null;
  const applied = known ?? (await wait(position));
  const { durability } = outcome;
  const worth = durability === undefined ? {} : { durability };
  if (applied?.status === 'DEAD_LETTERED') {
    const { error } = applied;
    return { eventId, source, position, status: 'DEAD_LETTERED', first: null, error, ...worth };
  }
  const isDuplicate = outcome.outcome === 'duplicate' || applied?.status === 'DUPLICATE';
  const reached = applied === null ? 'ACCEPTED' : 'APPLIED';
  return {
    ...{ eventId, source, position, error: null, ...worth },
    ...(isDuplicate ? { status: 'DUPLICATE', first: reached } : { status: reached, first: null }),
  };
}

/** From worst to best. */
const STATUSES: readonly ReceiptStatus[] = [
  'REJECTED',
  'DEAD_LETTERED',
  'ACCEPTED',
  'APPLIED',
  'DUPLICATE',
];

function combine(receipts: readonly Receipt[]): Receipt {
  const last = receipts.at(-1);
  const worst = STATUSES.map((status) =>
    receipts.find((receipt) => receipt.status === status),
  ).find((receipt) => receipt !== undefined);
  if (last === undefined || worst === undefined)
    throw new Error('a submission stands for at least one event');
  const warnings = receipts.flatMap((receipt) => receipt.warnings ?? []);
  const { eventId, source, position } = last;
  const weakest = DURABILITIES.find((one) => receipts.some(({ durability }) => durability === one));
  const isKnown = receipts.every(({ durability }) => durability !== undefined);
  return {
    ...(isKnown && weakest !== undefined ? { durability: weakest } : {}),
    ...{ eventId, source, position, status: worst.status, first: worst.first, error: worst.error },
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function rejected(value: unknown, error: NonNullable<Receipt['error']>): Receipt {
  return {
    eventId: attributeOf(value, 'id'),
    source: attributeOf(value, 'source'),
    position: null,
    status: 'REJECTED',
    first: null,
    error,
  };
}

/** An attribute of an event that may be anything; long ones are cut. */
function attributeOf(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
  const attribute: unknown = Reflect.get(value, name);
  return typeof attribute === 'string' ? attribute.slice(0, 1024).toWellFormed() : null;
}
