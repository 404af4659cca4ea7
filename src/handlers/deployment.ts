import { stated, type Changes, type FacetProperties } from '../model/change.ts';
import { deploymentKey, placeOf } from '../model/deployment.ts';
import type { FacetName, NodeRef } from '../model/node.ts';
import { withoutUser } from '../model/uri.ts';
import { createCollector } from './collector.ts';
import type { Handler, HandlerContext } from './handler.ts';

export const deploymentCreated: Handler<'deployment.created'> = (data, { envelope, at }) => {
  const changes = createCollector();
  const key = deploymentKey(envelope.source, data.deployment);
  const { environment, service } = placeOf(data);
  const deployment = changes.state('Deployment', key, {
    name: stated({ name: data.name }),
    link: stated({ url: data.url }),
    slot: stated({
      environment,
      service,
      instance: data.instance,
      parallel: data.parallel,
    }),
    created: stated({
      createdAt: at,
      createdBy: envelope.source,
      rollback: data.rollback === true ? true : undefined,
    }),
    request: stated({
      ref: data.ref,
      task: data.task,
      description: data.description,
      parameterNames: data.parameterNames,
    }),
    purpose: stated({ production: data.production, transient: data.transient }),
  });
  const scope = withoutUser(data.scope ?? '-');
  changes.link(
    'TARGETS',
    deployment,
    changes.state('Environment', environment, { name: { name: data.environment, scope } }),
  );
  if (service !== null) {
    const node = changes.state('Service', service, {
      name: stated({ name: data.service, scope }),
    });
    changes.link('TARGETS', deployment, node);
  }
  for (const artifact of data.artifacts ?? []) {
    changes.link('DEPLOYS', deployment, changes.refer(artifact));
  }
  if (data.commit !== undefined) {
    changes.link('DEPLOYS', deployment, { label: 'Commit', key: data.commit });
  }
  if (data.replaces !== undefined) {
    const before: NodeRef = {
      label: 'Deployment',
      key: deploymentKey(envelope.source, data.replaces),
    };
    changes.link('REPLACES', deployment, before);
  }
  return changes.finish({ subject: deployment });
};

export const deploymentProgressed: Handler<'deployment.progressed'> = (data, context) =>
  reached(data.deployment, context, 'progress', { phase: data.phase, phaseAt: context.at });

/** Who reports completions is kept: what they have only created is not live (model/liveness.ts). */
export const deploymentCompleted: Handler<'deployment.completed'> = (data, context) =>
  reached(data.deployment, context, 'completed', {
    completedAt: context.at,
    completedBy: context.envelope.source,
  });

export const deploymentFailed: Handler<'deployment.failed'> = (data, context) =>
  reached(
    data.deployment,
    context,
    'failed',
    stated({ failedAt: context.at, failure: data.reason }),
  );

export const deploymentRemoved: Handler<'deployment.removed'> = (data, context) =>
  reached(data.deployment, context, 'removed', { removedAt: context.at });

export const deploymentRolledBack: Handler<'deployment.rolledback'> = (data, context) =>
  reached(
    data.deployment,
    context,
    'rolledback',
    stated({
      rolledBackAt: context.at,
      rolledBackTo:
        data.to === undefined ? undefined : deploymentKey(context.envelope.source, data.to),
    }),
  );

export const deploymentVerified: Handler<'deployment.verified'> = (data, context) =>
  reached(data.deployment, context, 'verified', {
    verifiedAt: context.at,
    verification: data.result,
  });

function reached(
  id: string,
  { envelope }: HandlerContext,
  facet: FacetName<'Deployment'>,
  properties: FacetProperties | null,
): Changes {
  const changes = createCollector();
  const key = deploymentKey(envelope.source, id);
  const deployment = changes.state('Deployment', key, { [facet]: properties });
  return changes.finish({ subject: deployment });
}
