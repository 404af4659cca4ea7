import { StemmaError } from '../../errors.ts';
import type { AcceptOptions, Receipt } from '../../model/receipt.ts';
import type { MutationResolvers } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { sendDocument } from '../documents.ts';
import { ENVELOPES, toSubmission, type Envelope } from '../envelopes.ts';
import { discardDeadLetters, replayDeadLetters } from './dead-letters.ts';

const MAX_EVENTS = 1_000;
const MAX_WAIT_MS = 60_000;

export const mutation: MutationResolvers = {
  recordCommit: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.recordCommit(input), wait),
  startBuild: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.startBuild(input), wait),
  completeBuild: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.completeBuild(input), wait),
  recordArtifact: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.recordArtifact(input), wait),
  signArtifact: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.signArtifact(input), wait),
  recordDeployment: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.recordDeployment(input), wait),
  completeDeployment: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.completeDeployment(input), wait),
  failDeployment: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.failDeployment(input), wait),
  removeDeployment: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.removeDeployment(input), wait),
  rollbackDeployment: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.rollbackDeployment(input), wait),
  verifyDeployment: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.verifyDeployment(input), wait),
  reportVulnerability: async (_, { input, ...wait }, context) =>
    send(context, ENVELOPES.reportVulnerability(input), wait),
  submitDocument: async (_, { input, ...wait }, context) =>
    sendDocument(context, input, checked(wait)),
  publishEvents: async (_, { events, ...wait }, { intake }) =>
    intake.accept(atMost(events).map(toSubmission), checked(wait)),
  replayDeadLetters: async (_, args, context) => replayDeadLetters(args, context),
  discardDeadLetters: async (_, args, context) => discardDeadLetters(args, context),
};

async function send(
  { intake }: Context,
  envelope: Envelope,
  wait: AcceptOptions,
): Promise<Receipt> {
  const [receipt] = await intake.accept([toSubmission(envelope)], checked(wait));
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
