import { messageOf } from '../errors.ts';
import type { Delivery } from '../model/deliveries.ts';
import { definitionId, isActiveAt } from '../model/definitions.ts';
import { identityOf, sha256, type Envelope } from '../model/event.ts';
import type { WatchDefinition } from '../model/watches.ts';
import { causedBy, depthOf, MAX_DEPTH } from './caused.ts';
import { createDefinitions, type DefinitionsOptions } from './definitions.ts';
import type { Kind, ReadEvent } from './follow.ts';
import { compileWatch, type CompiledWatch } from './watch.ts';

/** The CloudEvents `source` of what watches say. */
export const WATCHES_SOURCE = 'urn:stemma:watches';

export type WatchesOptions = Pick<
  DefinitionsOptions<WatchDefinition, CompiledWatch>,
  'statements' | 'onInvalid'
>;

/** Watches: each event that matches becomes `watch.matched` and a delivery. They look at nothing before their definition. */
export function createWatches({ statements, onInvalid }: WatchesOptions): Kind {
  const watches = createDefinitions<WatchDefinition, CompiledWatch>({
    ...{ kind: 'watch', statements, onInvalid, compile: compileWatch },
    typesOf: ({ types }) => types,
    beginOf: ({ position }) => position,
  });
  return {
    refresh: async () => watches.refresh(),
    followers: () => watches.followers(),

    async work(events, ids) {
      const reactions = events.flatMap((event) =>
        watches
          .of(event.event.envelope.type)
          .filter(
            ({ follower, defined, compiled }) =>
              ids.has(follower.id) &&
              isActiveAt(defined, event.n) &&
              compiled.matches(event.values).matches,
          )
          .map(({ compiled }) => react(compiled, event)),
      );
      return Promise.resolve({
        said: reactions.flatMap(({ said }) => said),
        deliveries: reactions.flatMap(({ delivery }) => (delivery === null ? [] : [delivery])),
        states: [],
      });
    },
  };
}

type Reaction = {
  readonly said: readonly Envelope[];
  /** Null where nothing can be done, which `said` tells. */
  readonly delivery: Delivery | null;
};

/**
 * What a watch says and does about an event that matches. Everything in it follows from the watch and the event, so that doing it again
 * is the same. Pure.
 */
function react(watch: CompiledWatch, { event: { envelope }, at, values }: ReadEvent): Reaction {
  const id = definitionId(watch);
  const trigger = identityOf(envelope);
  const delivery = sha256(JSON.stringify([id, trigger]));
  const tell = (type: string, what: string, cause: Envelope, data: object): Envelope => ({
    ...{ specversion: '1.0', id: sha256(JSON.stringify([id, trigger, what])), type },
    ...{ source: WATCHES_SOURCE, time: new Date(at).toISOString(), ...causedBy(cause) },
    data: { watch: watch.name, version: watch.version, action: watch.kind, delivery, ...data },
  });
  const matched = tell('watch.matched', 'matched', envelope, { trigger });
  const fail = (reason: string): Reaction => ({
    said: [
      matched,
      tell('watch.action.failed', 'failed', matched, { attempt: 0, reason, final: true }),
    ],
    delivery: null,
  });
  if (depthOf(envelope) >= MAX_DEPTH) {
    return fail(
      `LOOP: ${MAX_DEPTH} watches have acted, one because of the other. Let one of them look at fewer events.`,
    );
  }
  try {
    const action = watch.render({ envelope, at }, values, delivery);
    const { correlationid, workflowid, traceparent } = envelope;
    return {
      said: [matched],
      delivery: {
        ...{ id: delivery, watch: id, trigger, matched: identityOf(matched), action },
        ...(correlationid === undefined ? {} : { correlationid }),
        ...(workflowid === undefined ? {} : { workflowid }),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
    };
  } catch (error) {
    return fail(messageOf(error));
  }
}
