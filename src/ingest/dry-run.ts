import { StemmaError, messageOf } from '../errors.ts';
import { parseEvent } from '../model/event.ts';
import type { Receipt } from '../model/receipt.ts';
import type { Sender } from './sender.ts';

/** Sends nothing: says of each event whether its form is valid. Only the service knows the types that were registered. */
export function createDryRun(): Sender {
  return {
    send: async ({ raw, settle }) => {
      settle(check(raw));
    },
    flush: async () => undefined,
  };
}

function check(raw: string): Receipt {
  const none = { eventId: null, source: null, position: null };
  try {
    const { envelope } = parseEvent(JSON.parse(raw), () => undefined);
    const { id: eventId, source } = envelope;
    return { eventId, source, position: null, status: 'ACCEPTED', first: null, error: null };
  } catch (error) {
    const code = error instanceof StemmaError ? error.code : 'BAD_REQUEST';
    return {
      ...none,
      status: 'REJECTED',
      first: null,
      error: { code, message: messageOf(error), path: '', retryable: false },
    };
  }
}
