import { describe, expect, test } from '@jest/globals';
import { createCompiler } from '../../../src/automation/cel.ts';
import { eventExpressions, variablesOf } from '../../../src/automation/variables.ts';
import { parseEvent } from '../../../src/model/event.ts';
import { event } from '../../support/events.ts';

const compiler = createCompiler({ event: 'map', artifacts: 'list<string>', commit: 'string' });
const compile = (text: string) => compiler.compile(text, ['bool'], 'data.when');
const values = {
  event: { type: 'a', data: { outcome: 'success', list: [1, 2], count: 5 } },
  artifacts: ['sha256:aa'],
  commit: 'c',
};

describe('an expression', () => {
  test.each([
    ['event.data.outcome == "success"', true],
    ['event.data.count > 3 && event.data.count <= 5', true],
    ['has(event.data.missing)', false],
    ['event.data.list.exists(one, one == 2)', true],
    ['"sha256:aa" in artifacts', true],
    ['commit.startsWith("d") || event.type in ["a", "b"]', true],
  ])('%s is %s', (text, value) => {
    expect(compile(text).evaluate(values)).toBe(value);
  });

  test.each([
    ['event.data.', 'Expected IDENTIFIER'],
    ['commit + 1 == 2', 'int'],
    ['nobody == 1', 'nobody'],
    ['commit', 'is of type string, not bool'],
    ['commit.matches("(a+)+$")', 'matches(), which is not bounded'],
    ['cel.bind(a, commit + commit, a == "c")', 'bind(), which is not bounded'],
    ['artifacts.all(a, artifacts.all(b, a == b))', 'all() within another macro'],
    ['artifacts.map(a, a).map(a, a).map(a, a).all(a, a == "")', '4 macros; at most 3 are allowed'],
    [`commit == "${'x'.repeat(2_000)}"`, 'more than 2000 characters'],
    [`${Array.from({ length: 250 }, () => '1').join('+')} == 1`, 'maxAstNodes'],
  ])('%.60s is refused, with the reason', (text, reason) => {
    expect(() => compile(text)).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(reason),
        details: { path: 'data.when' },
      }),
    );
  });

  test('reaches nothing but its variables', () => {
    for (const text of [
      'event.constructor == 1',
      'event.__proto__ == 1',
      'event.data.toString == 1',
    ]) {
      expect(() => compile(text).evaluate(values)).toThrow('No such key');
    }
    expect(() => compile('process == 1')).toThrow('Unknown variable');
  });
});

test('what an event says is there under one name, whatever its type', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  const commit = 'cd'.repeat(20);
  const of = (type: string, data: Record<string, unknown>, more: object = {}) =>
    variablesOf(
      parseEvent(event(type, data, more), () => undefined),
      {
        ...{ subjectRef: null, outcome: null },
      },
    );
  expect(
    of('build.completed', {
      ...{ build: 'https://ci.example/1', commit, outcome: 'success', extra: 'kept' },
      artifacts: [{ digest }, { purl: 'pkg:npm/Left-Pad@1.0.0' }],
    }),
  ).toMatchObject({
    ...{ artifacts: [digest], packages: ['pkg:npm/Left-Pad@1.0.0'], commit, outcome: 'success' },
    event: { type: 'build.completed', data: { extra: 'kept' }, workflowid: '' },
  });
  expect(of('artifact.created', { digest }).artifacts).toEqual([digest]);
  // a document is not what it is about
  const document = { digest: `sha256:${'ef'.repeat(32)}`, content: '{}' };
  expect(of('document.submitted', document).artifacts).toEqual([]);
  expect(of('document.submitted', { ...document, about: digest }).artifacts).toEqual([digest]);
  expect(of('com.example.scan', { verdict: 'FINE' }, { subject: digest })).toMatchObject({
    ...{ artifacts: [digest], outcome: 'fine', commit: '' },
  });
  expect(of('com.example.scan', {}, { subject: commit, workflowid: 'w' })).toMatchObject({
    ...{ artifacts: [], commit, workflow: 'w', correlation: '' },
  });
  expect(of('deployment.verified', { deployment: 'd', result: 'failed' }).outcome).toBe('failed');
  expect(eventExpressions.compile('artifacts', ['list<string>'], 'key').text).toBe('artifacts');
});
