import { buildKey, sourcedKey } from '../model/keys.ts';
import { forgeOf } from '../model/run-key.ts';
import type { NodeRef } from '../model/node.ts';
import type { EventData } from '../model/events/catalogue.ts';
import { stated } from '../model/change.ts';
import { createCollector, type Collector } from './collector.ts';
import type { Handler, HandlerContext } from './handler.ts';

export const buildQueued: Handler<'build.queued'> = (data, context) => {
  const changes = createCollector();
  const build = stateBuild(changes, data, context, { queue: { queuedAt: context.at } });
  return changes.finish({ subject: build });
};

export const buildStarted: Handler<'build.started'> = (data, context) => {
  const changes = createCollector();
  const build = stateBuild(changes, data, context, { start: { startedAt: context.at } });
  return changes.finish({ subject: build });
};

export const buildCompleted: Handler<'build.completed'> = (data, context) => {
  const changes = createCollector();
  const build = stateBuild(changes, data, context, {
    end: { finishedAt: context.at, outcome: data.outcome },
  });
  for (const artifact of data.artifacts ?? []) {
    changes.generated(changes.artifact(artifact), build);
  }
  return changes.finish({ subject: build, outcome: data.outcome });
};

type Stage =
  | { readonly queue: { readonly queuedAt: number } }
  | { readonly start: { readonly startedAt: number } }
  | { readonly end: { readonly finishedAt: number; readonly outcome: string } };

function stateBuild(
  changes: Collector,
  data: EventData<'build.started'>,
  { envelope }: HandlerContext,
  stage: Stage,
): NodeRef {
  const key = buildKey(data.build, data.builder ?? envelope.source);
  const build = changes.state('Build', key, {
    name: stated({ name: data.name }),
    link: stated({ url: data.url }),
    type: stated({ buildType: data.buildType }),
    trigger: stated({ trigger: data.trigger }),
    ...stage,
  });
  if (data.builder !== undefined) {
    changes.link('RAN_ON', build, changes.state('Builder', data.builder));
  }
  if (data.commit !== undefined) {
    const commit: NodeRef = { label: 'Commit', key: data.commit };
    changes.link('BUILT_FROM', build, commit);
    if (data.repository !== undefined) {
      changes.link('IN_REPOSITORY', commit, changes.repository(data.repository, forgeOf(key)));
    }
  } else if (data.repository !== undefined) {
    changes.repository(data.repository, forgeOf(key));
  }
  for (const material of data.materials ?? []) changes.link('USED', build, changes.refer(material));
  const workflow = data.workflow ?? envelope.workflowid;
  if (workflow !== undefined) {
    changes.link('PART_OF', build, {
      label: 'Workflow',
      key: sourcedKey(envelope.source, workflow, 'workflow'),
    });
  }
  return build;
}
