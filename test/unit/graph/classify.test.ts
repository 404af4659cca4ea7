import { describe, expect, test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { classifyFailure } from '../../../src/graph/classify.ts';

const neo4j = (code: string): Error => Object.assign(new Error(code), { code });

describe('what to do about a failed write', () => {
  test.each([
    ['ServiceUnavailable', 'unavailable'],
    ['SessionExpired', 'unavailable'],
    ['Neo.TransientError.General.DatabaseUnavailable', 'unavailable'],
    ['Neo.ClientError.Cluster.NotALeader', 'unavailable'],
    ['Neo.TransientError.Transaction.DeadlockDetected', 'conflict'],
    ['Neo.TransientError.Transaction.LockClientStopped', 'conflict'],
    ['Neo.ClientError.Schema.ConstraintValidationFailed', 'conflict'],
    ['Neo.ClientError.Transaction.TransactionTimedOut', 'unknown'],
    ['Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration', 'unknown'],
    ['Neo.ClientError.Security.Unauthorized', 'refused'],
    ['Neo.ClientError.Security.AuthenticationRateLimit', 'refused'],
    ['Neo.ClientError.Security.Forbidden', 'refused'],
    ['Neo.TransientError.General.MemoryPoolOutOfMemoryError', 'too-large'],
    ['Neo.TransientError.General.TransactionOutOfMemoryError', 'too-large'],
    ['Neo.ClientError.Statement.SemanticError', 'unknown'],
    ['Neo.DatabaseError.Statement.ExecutionFailed', 'unknown'],
  ])('%s is %s', (code, kind) => {
    expect(classifyFailure(neo4j(code))).toBe(kind);
  });

  test('our own refusals are permanent', () => {
    for (const code of ['EVENT_MALFORMED', 'BAD_USER_INPUT', 'DOCUMENT_MALFORMED'] as const) {
      expect(classifyFailure(new StemmaError(code, 'x'))).toBe('permanent');
    }
    expect(classifyFailure(new StemmaError('DEPENDENCY_UNAVAILABLE', 'x'))).toBe('unavailable');
  });

  test('anything else may be the fault of one event', () => {
    expect(classifyFailure(new TypeError('undefined is not a function'))).toBe('unknown');
  });
});
