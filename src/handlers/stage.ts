import { stated, type Changes } from '../model/change.ts';
import { sourcedKey } from '../model/keys.ts';
import type { EventData } from '../model/events/catalogue.ts';
import { createCollector } from './collector.ts';
import type { DataHandler, HandlerContext } from './handler.ts';

type StageData = EventData<'audit.started'>;

/** generation.*, audit.*, testing.*: steps of a workflow. */
export const stageStarted: DataHandler<StageData> = (data, context) =>
  step(data, context, { started: { startedAt: context.at } });

export const stageCompleted: DataHandler<StageData> = (data, context) => {
  const outcome = data.outcome ?? 'success';
  return { ...step(data, context, { end: { finishedAt: context.at, outcome } }), outcome };
};

export const stageFailed: DataHandler<StageData> = (data, context) => {
  const outcome = data.outcome ?? 'failure';
  return { ...step(data, context, { end: { finishedAt: context.at, outcome } }), outcome };
};

/** Agent-to-agent messages: both agents are seen; the message itself is in the log. */
export const agentMessage: DataHandler<EventData<'agent.request'>> = (data, { at }) => {
  const changes = createCollector();
  const agent = changes.state('Agent', data.from, { seen: { lastSeenAt: at } });
  changes.state('Agent', data.to);
  return changes.finish({ subject: agent });
};

function step(
  data: StageData,
  { envelope }: HandlerContext,
  facets: Parameters<ReturnType<typeof createCollector>['state']>[2],
): Changes {
  const changes = createCollector();
  const { source, workflowid } = envelope;
  const node = changes.state('Step', sourcedKey(source, data.id, 'step'), {
    name: stated({ name: data.name }),
    ...facets,
  });
  if (workflowid !== undefined) {
    changes.link('PART_OF', node, {
      label: 'Workflow',
      key: sourcedKey(source, workflowid, 'workflow'),
    });
  }
  return changes.finish({ subject: node });
}
