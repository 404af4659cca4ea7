import { StemmaError } from '../../errors.ts';
import type { AcceptOptions, Receipt } from '../../model/receipt.ts';
import type { MutationResolvers } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { sendDocument } from '../documents.ts';
import { ENVELOPES, toSubmission } from '../envelopes.ts';
import { withOccurrence, type Envelope } from '../../questions/ask/recurrence.ts';
import { discardDeadLetters, replayDeadLetters } from './dead-letters.ts';

const MAX_EVENTS = 1_000;
const MAX_WAIT_MS = 60_000;

export const mutation: MutationResolvers = {
  recordCommit: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.recordCommit(input), wait),
  startBuild: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.startBuild(input), wait),
  completeBuild: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.completeBuild(input), wait),
  recordArtifact: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.recordArtifact(input), wait),
  signArtifact: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.signArtifact(input), wait),
  recordDeployment: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.recordDeployment(input), wait),
  completeDeployment: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.completeDeployment(input), wait),
  failDeployment: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.failDeployment(input), wait),
  removeDeployment: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.removeDeployment(input), wait),
  rollbackDeployment: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.rollbackDeployment(input), wait),
  verifyDeployment: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.verifyDeployment(input), wait),
  reportVulnerability: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.reportVulnerability(input), wait),
  registerEventType: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.registerEventType(input), wait),
  deprecateEventType: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.deprecateEventType(input), wait),
  defineGate: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.defineGate(input), wait),
  enableGate: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.enableGate(input), wait),
  disableGate: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.disableGate(input), wait),
  defineWatch: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.defineWatch(input), wait),
  enableWatch: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.enableWatch(input), wait),
  disableWatch: async (_, { input, ...wait }, context) =>
    send(context, input, ENVELOPES.disableWatch(input), wait),
  submitDocument: async (_, { input, ...wait }, context) =>
    sendDocument(context, input, checked(wait)),
  publishEvents: async (_, { events, ...wait }, { intake }) =>
    intake.accept(atMost(events).map(toSubmission), checked(wait)),
  replayDeadLetters: async (_, args, context) => replayDeadLetters(args, context),
  discardDeadLetters: async (_, args, context) => discardDeadLetters(args, context),
};

async function send(
  { intake, reader, now }: Context,
  given: { readonly id?: string | null; readonly time?: string | null },
  envelope: Envelope,
  wait: AcceptOptions,
): Promise<Receipt> {
  const options = checked(wait);
  const isNamed = typeof given.id === 'string' || typeof given.time === 'string';
  const event = isNamed
    ? envelope
    : await withOccurrence(envelope, {
        lastWord: async (ref, types) => reader.lastWord(ref, types),
        now,
      });
  const [receipt] = await intake.accept([toSubmission(event)], options);
  if (receipt === undefined) throw new Error('The intake gave no receipt.');
  return receipt;
}

function atMost(events: readonly unknown[]): readonly unknown[] {
  if (events.length >= 1 && events.length <= MAX_EVENTS) return events;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `There are ${events.length} events: send 1 to ${MAX_EVENTS} at once.`,
    {
      details: { path: 'events', limit: MAX_EVENTS },
    },
  );
}

function checked({ wait, waitMs }: AcceptOptions): AcceptOptions {
  if (waitMs >= 1 && waitMs <= MAX_WAIT_MS) return { wait, waitMs };
  throw new StemmaError('BAD_USER_INPUT', `'waitMs' is ${waitMs}: give 1 to ${MAX_WAIT_MS}.`, {
    details: { path: 'waitMs', limit: MAX_WAIT_MS },
  });
}
