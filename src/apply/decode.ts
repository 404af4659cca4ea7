import type { Entry } from '../bus/log/entry.ts';
import { StemmaError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import type { LoggedEvent } from '../graph/write/writer.ts';
import { stored } from '../graph/write/rows.ts';
import { changesOf } from '../handlers/index.ts';
import type { Changes, EdgeChange } from '../model/change.ts';
import { claimsOf, IMPLIED } from '../model/implied.ts';
import { refId } from '../model/node.ts';
import {
  contentHash,
  effectiveTime,
  identityOf,
  MAX_CLOCK_SKEW_MS,
  parseEvent,
  sha256,
  type CustomTypeCheck,
  type Envelope,
  type StemmaEvent,
} from '../model/event.ts';

/** Before this, a clock has most likely never been set. */
const EARLIEST_PLAUSIBLE = Date.parse('1971-01-01T00:00:00Z');

/** The edge has checked custom types when it accepted them; what is on the bus is applied whatever the registry says now. */
export const acceptAnyType: CustomTypeCheck = () => undefined;

/**
 * An entry of the bus as an event of the log with all that it says. Pure.
 *
 * @throws StemmaError EVENT_MALFORMED, DOCUMENT_MALFORMED, BAD_USER_INPUT, …: permanent; anything else is a fault of a handler
 */
export function decodeEntry(
  entry: Pick<Entry, 'text' | 'n' | 'acceptedAt' | 'contentHash'>,
): LoggedEvent {
  const { text, n, acceptedAt } = entry;
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(acceptedAt)) {
    throw new StemmaError('EVENT_MALFORMED', 'The entry has no log number or no acceptance time.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StemmaError('EVENT_MALFORMED', 'The entry is not JSON.', { cause });
  }
  const event = parseEvent(value, acceptAnyType);
  const { envelope } = event;
  failpoint(`crash_on:${envelope.id}`);
  const identity = identityOf(envelope);
  const hash = entry.contentHash ?? contentHash(envelope);
  const at = effectiveTime(envelope, acceptedAt);
  const changes = endingOnce(changesOf(event, acceptedAt));
  return {
    identity,
    n,
    acceptedAt,
    at,
    source: envelope.source,
    tie: sha256(identity).slice(0, 16),
    contentHash: hash,
    changes,
    inParts: travelsInParts(event),
    properties: {
      ...envelopeProperties(envelope),
      partDigest: event.body.type === 'document.part' ? (event.body.data.partDigest ?? null) : null,
      subjectRef: changes.subject === null ? null : refId(changes.subject),
      outcome: changes.outcome,
      at: BigInt(at),
      acceptedAt: BigInt(acceptedAt),
      n: BigInt(n),
      body: text,
      sha256: sha256(text),
      contentHash: hash,
      clockSkew: isSkewed(envelope, acceptedAt) ? true : null,
    },
  };
}

/** What the writer needs to know of an event of the log to end the edges that it claims: the log number has no part in that. */
export function assertedBy(
  body: string,
  acceptedAt: number,
): { readonly claim: string | null; readonly edges: readonly EdgeChange[] } {
  const { changes, identity } = decodeEntry({ text: body, n: 0, acceptedAt, contentHash: null });
  const claimOf = claimsOf(changes, identity);
  return {
    claim: changes.claim,
    edges: changes.edges.filter((edge) => claimOf(edge) !== IMPLIED),
  };
}

/** An event that names a claim twice ends it once: endings are a set, and one statement would add both. */
function endingOnce(changes: Changes): Changes {
  const { endsClaims, edgeEndings = [] } = changes;
  if (endsClaims.length < 2 && edgeEndings.length < 2) return changes;
  const edges = new Map(
    edgeEndings.map((ending) => [
      [ending.type, refId(ending.from), refId(ending.to), ending.claim].join('\n'),
      ending,
    ]),
  );
  return { ...changes, endsClaims: [...new Set(endsClaims)], edgeEndings: [...edges.values()] };
}

function travelsInParts({ body }: StemmaEvent): boolean {
  return (
    body.type === 'document.part' ||
    (body.type === 'document.submitted' && body.data.content === undefined)
  );
}

function envelopeProperties(envelope: Envelope): LoggedEvent['properties'] {
  return {
    eventId: envelope.id,
    source: envelope.source,
    type: envelope.type,
    subject: envelope.subject ?? null,
    time: stored(envelope.time === undefined ? null : Date.parse(envelope.time)),
    correlationId: envelope.correlationid ?? null,
    causationId: envelope.causationid ?? null,
    workflowId: envelope.workflowid ?? null,
  };
}

export function isSkewed({ time }: Envelope, acceptedAt: number): boolean {
  if (time === undefined) return false;
  const at = Date.parse(time);
  return at > acceptedAt + MAX_CLOCK_SKEW_MS || at < EARLIEST_PLAUSIBLE;
}
