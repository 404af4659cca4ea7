/* eslint-disable @typescript-eslint/no-unused-vars -- the test leaves a field out */
import { describe, expect, test } from '@jest/globals';
import { mapForeign } from '../../../src/foreign/foreign.ts';
import { accept, refusal } from './event-samples.ts';

const started = {
  type: 'WORKFLOW_STARTED',
  workflow_id: 'wf-1',
  source_agent: 'planner 1',
  timestamp: '2026-11-21T10:00:00Z',
  metadata: { step: 'plan', secret: 'not ours' },
};

const bodies = (value: unknown) => mapForeign(value)!.map((envelope) => accept(envelope).body);

describe("an agent's event", () => {
  test('becomes one of the catalogue', () => {
    const [envelope] = mapForeign(started)!;
    expect(envelope).toMatchObject({
      source: 'urn:agent:planner%201',
      time: '2026-11-21T10:00:00Z',
      workflowid: 'wf-1',
      correlationid: 'wf-1',
    });
    expect(accept(envelope!).body).toEqual({
      type: 'workflow.started',
      data: { workflow: 'wf-1', step: 'plan', agent: 'planner 1' },
    });
  });

  test('without id is identified by its content', () => {
    const [first] = mapForeign(started)!;
    const [again] = mapForeign(structuredClone(started))!;
    const [other] = mapForeign({ ...started, workflow_id: 'wf-2' })!;
    expect(again).toEqual(first);
    expect(other!.id).not.toBe(first!.id);
    expect(mapForeign({ ...started, event_id: 'e-1' })![0]!.id).toBe('e-1');
  });

  test('may write its time in seconds or milliseconds', () => {
    for (const timestamp of [1_795_000_000, 1_795_000_000_000]) {
      expect(mapForeign({ ...started, timestamp })![0]!.time).toBe('2026-11-18T11:06:40.000Z');
    }
  });

  test('that confirms a deployment completes and verifies it', () => {
    const event = { ...started, type: 'DEPLOYMENT_CONFIRMED', metadata: { deployment_id: 'd-1' } };
    expect(mapForeign(event)!.map(({ id }) => id.endsWith('/1'))).toEqual([false, true]);
    expect(bodies(event)).toEqual([
      { type: 'deployment.completed', data: { deployment: 'd-1' } },
      { type: 'deployment.verified', data: { deployment: 'd-1', result: 'passed' } },
    ]);
  });

  test('of a build says its outcome by name, and may name artifacts by digest alone', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const metadata = { build_id: 7, commit_sha: 'b'.repeat(40), artifacts: [digest] };
    expect(bodies({ ...started, type: 'BUILD_COMPLETED', metadata })).toMatchObject([
      {
        type: 'build.completed',
        data: { build: '7', outcome: 'success', artifacts: [{ digest }] },
      },
    ]);
    expect(bodies({ ...started, type: 'BUILD_FAILED', metadata })).toMatchObject([
      { data: { outcome: 'failure' } },
    ]);
  });

  test('to another agent names both and the request', () => {
    const metadata = { target_agent: 'coder', request_id: 'r-1', task: 'write' };
    expect(bodies({ ...started, type: 'A2A_REQUEST', metadata })).toMatchObject([
      {
        type: 'agent.request',
        data: { from: 'planner 1', to: 'coder', request: 'r-1', payload: metadata },
      },
    ]);
  });

  test.each([
    ['GENERATION_COMPLETED', 'generation.completed'],
    ['AUDIT_FAILED', 'audit.failed'],
    ['TESTING_STARTED', 'testing.started'],
    ['WORKFLOW_CANCELED', 'workflow.cancelled'],
  ])('%s is %s', (type, expected) => {
    expect(bodies({ ...started, type, metadata: {} }).map((body) => body.type)).toEqual([expected]);
  });
});

describe("an agent's event that is refused", () => {
  test('has a name without meaning', () => {
    const error = refusal(() => mapForeign({ ...started, type: 'COFFEE_BREWED' }));
    expect(error.code).toBe('EVENT_TYPE_UNKNOWN');
    expect(error.details['path']).toBe('type');
  });

  test('names what is missing', () => {
    const { source_agent: _agent, ...anonymous } = started;
    expect(refusal(() => mapForeign(anonymous)).details['path']).toBe('source_agent');
    const request = { ...started, type: 'A2A_REQUEST', metadata: { request_id: 'r' } };
    expect(refusal(() => mapForeign(request)).details['path']).toBe('to');
  });

  test('has a time without zone, because nobody knows when that was', () => {
    const error = refusal(() => mapForeign({ ...started, timestamp: '2026-11-21T10:00:00' }));
    expect(error.code).toBe('EVENT_MALFORMED');
    expect(error.details['path']).toBe('timestamp');
  });
});
