import { identityOf, sha256, type Envelope } from '../model/event.ts';

/** An event that a watcher sends about what it has done. */
export type Answer = {
  readonly type: string;
  readonly data: unknown;
  /** What it is about: a digest, a package URL, a commit id, a URI. */
  readonly subject?: string;
  /** When it happened, RFC 3339; left out: when it is accepted. */
  readonly time?: string;
  readonly dataschema?: string;
};

/** The CloudEvents `source` of what a watcher sends. */
export function sourceOf(watcher: string): string {
  return `urn:stemma:watcher:${encodeURIComponent(watcher)}`;
}

/**
 * An answer as an event that its trigger caused. Its id follows from the watcher, the trigger and its place among the answers, so that
 * acting on the same event twice sends a duplicate.
 *
 * @param at its place among the answers to this trigger; `failed` is told apart from all of them
 */
export function toEnvelope(
  watcher: string,
  trigger: Envelope,
  answer: Answer,
  at: number | 'failed',
): Envelope {
  const identity = identityOf(trigger);
  const { correlationid, workflowid } = trigger;
  return {
    specversion: '1.0',
    id: sha256(JSON.stringify([watcher, identity, at])),
    source: sourceOf(watcher),
    // an identity may be longer than an attribute: the trigger then is only in the data of a failure
    ...(identity.length > 1024 ? {} : { causationid: identity }),
    ...(correlationid === undefined ? {} : { correlationid }),
    ...(workflowid === undefined ? {} : { workflowid }),
    ...answer,
  };
}

/** Says that a watcher has given an event up. */
export function toFailure(watcher: string, trigger: Envelope, attempts: number, reason: string) {
  const data = { watch: watcher, trigger: identityOf(trigger), attempts, reason };
  return toEnvelope(watcher, trigger, { type: 'watch.action.failed', data }, 'failed');
}
