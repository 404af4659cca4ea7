import { identityOf, type Envelope } from '../model/event.ts';

/** How many watches may act one because of the other. */
export const MAX_DEPTH = 8;

/** What an event has that another one caused: the cause, and what both belong to. */
export function causedBy(trigger: Envelope): Partial<Envelope> {
  const cause = identityOf(trigger);
  const { correlationid, workflowid, traceparent } = trigger;
  const depth = depthOf(trigger);
  return {
    // an identity may be longer than an attribute
    ...(cause.length > 1024 ? {} : { causationid: cause }),
    ...(correlationid === undefined ? {} : { correlationid }),
    ...(workflowid === undefined ? {} : { workflowid }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(depth === 0 ? {} : { watchdepth: depth }),
  };
}

/** How many watches have acted, one because of the other, until this event came about. */
export function depthOf(envelope: Envelope): number {
  const depth = envelope['watchdepth'];
  return typeof depth === 'number' && Number.isSafeInteger(depth) && depth > 0 ? depth : 0;
}
