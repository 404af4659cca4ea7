import { StemmaError, type ErrorCode } from '../errors.ts';
import { isRefusal, isTaken, isUnavailable, neo4jCode } from './driver.ts';

/**
 * What to do about a failed write:
 * `refused` – the database does not let this user write: an operator has to mend that;
 * `unavailable` – wait until the database is back, the events are not to blame;
 * `conflict` – lost a race with another transaction, try again at once with jitter;
 * `too-large` – the transaction is over the memory limit, halve it;
 * `permanent` – trying again cannot help (malformed event);
 * `unknown` – some event of the batch may be the cause: find it.
 */
export type FailureKind =
  'refused' | 'unavailable' | 'conflict' | 'too-large' | 'permanent' | 'unknown';

const PERMANENT = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'EVENT_MALFORMED',
  'EVENT_TYPE_UNKNOWN',
  'SCHEMA_VERSION_UNKNOWN',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_TOO_DEEP',
  'DOCUMENT_MALFORMED',
  'DOCUMENT_UNSUPPORTED',
  'IDEMPOTENCY_CONFLICT',
]);

export function classifyFailure(error: unknown): FailureKind {
  if (error instanceof StemmaError) {
    if (error.code === 'DEPENDENCY_UNAVAILABLE') return 'unavailable';
    if (error.code === 'DEPENDENCY_REFUSED') return 'refused';
    return PERMANENT.has(error.code) ? 'permanent' : 'unknown';
  }
  const code = neo4jCode(error);
  // Neo4j marks these as retriable, but the same transaction would fail again
  if (code.includes('MemoryPoolOutOfMemory') || code.includes('TransactionOutOfMemory'))
    return 'too-large';
  if (code.includes('OutOfMemoryError')) return 'too-large';
  if (isRefusal(code)) return 'refused';
  if (isUnavailable(code)) return 'unavailable';
  // it took a minute already: another ten such tries of the whole batch are ten more, so the batch is halved at once
  if (code.includes('TransactionTimedOut')) return 'unknown';
  if (code === 'Neo.TransientError.General.OutOfMemoryError') return 'too-large';
  if (code.startsWith('Neo.TransientError.Transaction')) return 'conflict';
  if (code.startsWith('Neo.TransientError')) return 'unavailable';
  // two transactions created the same key at the same moment
  if (isTaken(error)) return 'conflict';
  return 'unknown';
}
