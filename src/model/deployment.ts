import type { StemmaEvent } from './event.ts';
import type { EventData } from './events/catalogue.ts';
import { scopedKey, sourcedKey } from './keys.ts';
import { DEPLOYMENT_FACTS, slotOf, type DeploymentFact } from './liveness.ts';

/** Key of the deployment that an event of a source names. */
export function deploymentKey(source: string, id: string): string {
  return sourcedKey(source, id, 'deployment');
}

/** Where a deployment runs. */
export type Place = {
  /** Keys. */
  readonly environment: string;
  readonly service: string | null;
};

type Created = EventData<'deployment.created'>;

export function placeOf({
  scope,
  environment,
  service,
}: Pick<Created, 'scope' | 'environment' | 'service'>): Place {
  return {
    environment: scopedKey(scope, environment, 'environment'),
    service: service === undefined ? null : scopedKey(scope, service, 'service'),
  };
}

/** Which fact of the life of a deployment events of a type tell; null where they tell none. */
export function factKindOf(type: string): DeploymentFact['kind'] | null {
  return DEPLOYMENT_FACTS.find((kind) => type === `deployment.${kind}`) ?? null;
}

/** What an event tells of the life of its deployment beyond that it happened. */
export function factDetails({
  envelope,
  body,
}: StemmaEvent): Pick<DeploymentFact, 'slot' | 'parallel' | 'empty' | 'to'> {
  if (body.type === 'deployment.created') {
    const { instance = null, artifacts, commit, parallel } = body.data;
    const { environment, service } = placeOf(body.data);
    return {
      slot: slotOf(environment, service, instance),
      parallel: parallel === true,
      empty: artifacts?.length === 0 && commit === undefined,
    };
  }
  if (body.type !== 'deployment.rolledback' || body.data.to === undefined) return {};
  return { to: deploymentKey(envelope.source, body.data.to) };
}
