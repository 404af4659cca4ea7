import { tryThingRef } from '../../model/keys.ts';
import type { Statement } from '../envelope.ts';
import { referenceField, textField, type CdEvent } from './event.ts';

/**
 * CDEvents tell of a service, not of a deployment: each event is a deployment of its own (named by the event's id) in the slot of
 * its environment and service, and ends the one before it there.
 */
export const SERVICE_MAPPINGS: Readonly<Record<string, (event: CdEvent) => Statement[] | null>> = {
  'service.deployed': (event) => running(event),
  'service.upgraded': (event) => running(event),
  // Says which artifact runs again, not which deployment ended: that is the one before it in the slot.
  'service.rolledback': (event) => running(event, true),
  'service.removed': removed,
};

/** The service runs: past tense, so the deployment is complete. */
function running(event: CdEvent, rollback?: true): Statement[] | null {
  const slot = slotOf(event);
  const artifactId = textField(event, 'artifactId');
  if (slot === null || artifactId === undefined || tryThingRef(artifactId) === null) return null;
  return [
    { type: 'deployment.created', data: { ...slot, artifacts: [artifactId], rollback } },
    { type: 'deployment.completed', data: { deployment: slot.deployment } },
  ];
}

/** Nothing runs any more: a deployment of nothing, which ends the live one of the slot and is itself removed at once. */
function removed(event: CdEvent): Statement[] | null {
  const slot = slotOf(event);
  if (slot === null) return null;
  return [
    { type: 'deployment.removed', data: { deployment: slot.deployment } },
    { type: 'deployment.created', data: { ...slot, artifacts: [] } },
    { type: 'deployment.completed', data: { deployment: slot.deployment } },
  ];
}

function slotOf(event: CdEvent) {
  const environment = referenceField(event, 'environment');
  if (environment === null) return null;
  return {
    deployment: event.context.id,
    environment: environment.id,
    scope: environment.source ?? undefined,
    service: event.subject.id,
  };
}
