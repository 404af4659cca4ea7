import type { Entry } from '../bus/log/entry.ts';
import type { EventRecord } from '../graph/read/records.ts';
import { changesOf } from '../handlers/index.ts';
import {
  contentHash,
  effectiveTime,
  identityOf,
  parseEvent,
  sha256,
  type StemmaEvent,
} from '../model/event.ts';
import { refId } from '../model/node.ts';
import { acceptAnyType, isSkewed } from './decode.ts';

/** What only the handler of an event knows. */
type Said = Pick<EventRecord, 'subjectRef' | 'outcome'>;
const NOTHING: Said = { subjectRef: null, outcome: null };

/**
 * An entry of the bus as the log will have it, before it is applied; null where it is no event at all, and will be a dead letter. What it is
 * about is worked out where somebody looks at it: that may take the reading of a document.
 */
export function acceptedEvent(entry: Entry): EventRecord | null {
  const { n, acceptedAt, text } = entry;
  let event: StemmaEvent;
  try {
    event = parseEvent(JSON.parse(text), acceptAnyType);
  } catch {
    return null;
  }
  const { envelope } = event;
  let known: Said | null = null;
  const said = (): Said => (known ??= saidBy(event, acceptedAt));
  return {
    key: identityOf(envelope),
    eventId: envelope.id,
    source: envelope.source,
    type: envelope.type,
    subject: envelope.subject ?? null,
    time: envelope.time === undefined ? null : Date.parse(envelope.time),
    at: effectiveTime(envelope, acceptedAt),
    ...{ n, acceptedAt, body: text },
    correlationId: envelope.correlationid ?? null,
    causationId: envelope.causationid ?? null,
    workflowId: envelope.workflowid ?? null,
    clockSkew: isSkewed(envelope, acceptedAt),
    get sha256() {
      return sha256(text);
    },
    get contentHash() {
      return entry.contentHash ?? contentHash(envelope);
    },
    get subjectRef() {
      return said().subjectRef;
    },
    get outcome() {
      return said().outcome;
    },
  };
}

function saidBy(event: StemmaEvent, acceptedAt: number): Said {
  try {
    const { subject, outcome } = changesOf(event, acceptedAt);
    return { subjectRef: subject === null ? null : refId(subject), outcome };
  } catch {
    return NOTHING; // the writer will say why
  }
}
