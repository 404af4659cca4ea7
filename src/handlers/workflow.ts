import { stated, type Changes, type FacetProperties } from '../model/change.ts';
import { sourcedKey } from '../model/keys.ts';
import type { EventData } from '../model/events/catalogue.ts';
import { createCollector } from './collector.ts';
import type { Handler, HandlerContext } from './handler.ts';

type WorkflowData = EventData<'workflow.created'>;

export const workflowCreated: Handler<'workflow.created'> = (data, context) =>
  progressed(data, context, { created: { createdAt: context.at } });

export const workflowStarted: Handler<'workflow.started'> = (data, context) =>
  progressed(data, context, { started: { startedAt: context.at } });

export const workflowProgressed: Handler<'workflow.progressed'> = (data, context) =>
  progressed(data, context, {
    progress: { percentage: data.percentage, progressedAt: context.at },
  });

export const workflowCompleted: Handler<'workflow.completed'> = (data, context) =>
  ended(data, context, 'success');
export const workflowFailed: Handler<'workflow.failed'> = (data, context) =>
  ended(data, context, 'failure');
export const workflowCancelled: Handler<'workflow.cancelled'> = (data, context) =>
  ended(data, context, 'cancelled');

function ended(data: WorkflowData, context: HandlerContext, outcome: string): Changes {
  return {
    ...progressed(data, context, { end: { finishedAt: context.at, outcome } }),
    outcome,
  };
}

function progressed(
  data: WorkflowData,
  { envelope, at }: HandlerContext,
  facets: Readonly<Record<string, FacetProperties>>,
): Changes {
  const changes = createCollector();
  const { source } = envelope;
  const workflow = changes.state('Workflow', sourcedKey(source, data.workflow, 'workflow'), {
    name: stated({ name: data.name }),
    ...facets,
  });
  if (data.step !== undefined) {
    const step = changes.state('Step', sourcedKey(source, data.step, 'step'), {
      started: { startedAt: at },
    });
    changes.link('PART_OF', step, workflow);
  }
  if (data.agent !== undefined) changes.state('Agent', data.agent, { seen: { lastSeenAt: at } });
  return changes.finish({ subject: workflow });
}
