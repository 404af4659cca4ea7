import { describe, expect, it } from '@jest/globals';
import { buildState, deploymentState, isRunningAgain } from '../../../src/model/states.ts';

describe('13-rerun-state: the state of a build', () => {
  it.each([
    ['nothing is known', {}, null],
    ['queued', { queuedAt: 1 }, 'QUEUED'],
    ['started', { queuedAt: 1, startedAt: 2 }, 'RUNNING'],
    ['its queueing is stamped after its start', { queuedAt: 3, startedAt: 2 }, 'RUNNING'],
    ['finished', { startedAt: 2, finishedAt: 3, outcome: 'success' }, 'SUCCESS'],
    ['finished at once', { startedAt: 3, finishedAt: 3, outcome: 'failure' }, 'FAILURE'],
    ['only its end is told', { finishedAt: 3, outcome: 'cancelled' }, 'CANCELLED'],
    ['started again', { startedAt: 9, finishedAt: 3, outcome: 'failure' }, 'RUNNING'],
    ['queued again', { queuedAt: 9, startedAt: 2, finishedAt: 3, outcome: 'failure' }, 'QUEUED'],
    [
      'queued and started again',
      { queuedAt: 8, startedAt: 9, finishedAt: 3, outcome: 'error' },
      'RUNNING',
    ],
    ['ended with another word', { startedAt: 2, finishedAt: 3, outcome: 'unstable' }, 'UNKNOWN'],
  ])('%s', (_, properties, state) => {
    expect(buildState(properties)).toBe(state);
    expect(isRunningAgain(properties)).toBe(
      'finishedAt' in properties && state !== null && ['QUEUED', 'RUNNING'].includes(state),
    );
  });
});

describe('the state of a deployment', () => {
  it.each([
    ['nothing is known', {}, null],
    ['created', { createdAt: 1 }, 'CREATED'],
    ['waiting for approval', { createdAt: 1, phase: 'waiting', phaseAt: 2 }, 'WAITING'],
    ['completed', { createdAt: 1, phase: 'running', phaseAt: 2, completedAt: 3 }, 'COMPLETED'],
    ['at a word of its own', { createdAt: 1, phase: 'baking', phaseAt: 2 }, 'UNKNOWN'],
    ['tried again', { createdAt: 1, failedAt: 2, phase: 'running', phaseAt: 3 }, 'RUNNING'],
    ['removed', { createdAt: 1, completedAt: 2, removedAt: 3 }, 'REMOVED'],
    ['completed again after it', { createdAt: 1, completedAt: 4, removedAt: 3 }, 'COMPLETED'],
    ['removed at the moment it completed', { completedAt: 3, removedAt: 3 }, 'REMOVED'],
    ['failed, then rolled back', { completedAt: 2, failedAt: 3, rolledBackAt: 4 }, 'ROLLED_BACK'],
  ])('%s', (_, properties, state) => {
    expect(deploymentState(properties)).toBe(state);
  });
});
