import { describe, expect, test } from '@jest/globals';
import { Neo4jError } from 'neo4j-driver';
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

  test('no free connection in time is not a fault of an event', () => {
    const text =
      'Connection acquisition timed out in 10000 ms. Pool status: Active conn count = 50, Idle conn count = 0.';
    // as the driver makes it: a code that says nothing
    expect(classifyFailure(new Neo4jError(text, 'N/A', '', '', undefined))).toBe('unavailable');
    expect(classifyFailure(new Neo4jError('odd', 'N/A', '', '', undefined))).toBe('unknown');
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
