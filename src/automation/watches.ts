import { messageOf } from '../errors.ts';
import type { LoggedEvent } from '../model/automation.ts';
import type { Delivery } from '../model/deliveries.ts';
import {
  definedVersions,
  definitionId,
  isActiveAt,
  type LoggedDefinition,
} from '../model/definitions.ts';
import { identityOf, sha256, type Envelope } from '../model/event.ts';
import type { DefinedWatch, WatchDefinition } from '../model/watches.ts';
import { causedBy, depthOf, MAX_DEPTH } from './caused.ts';
import type { Follower, Kind } from './follow.ts';
import { variablesOf, type VariableValues } from './variables.ts';
import { compileWatch, type CompiledWatch } from './watch.ts';

/** The CloudEvents `source` of what watches say. */
export const WATCHES_SOURCE = 'urn:stemma:watches';

export type WatchesOptions = {
  readonly statements: () => Promise<readonly LoggedDefinition<WatchDefinition>[]>;
  readonly onInvalid: (watch: string, error: unknown) => void;
};

type Watch = {
  readonly defined: DefinedWatch;
  readonly compiled: CompiledWatch;
  readonly follower: Follower;
};

/** Watches: each event that matches becomes `watch.matched` and a delivery. They look at nothing before their definition. */
export function createWatches({ statements, onInvalid }: WatchesOptions): Kind {
  let byType = new Map<string, Watch[]>();
  let watches: readonly Watch[] = [];
  return {
    async refresh() {
      const known = new Map(watches.map((watch) => [watch.follower.id, watch.compiled]));
      watches = definedVersions(await statements()).flatMap((defined) => {
        const id = watchFollower(defined.definition);
        const compiled = known.get(id) ?? tryCompile(defined, onInvalid);
        return compiled === null ? [] : [{ defined, compiled, follower: toFollower(id, defined) }];
      });
      byType = new Map();
      for (const watch of watches) {
        for (const type of new Set(watch.compiled.types)) {
          byType.set(type, [...(byType.get(type) ?? []), watch]);
        }
      }
    },

    followers: () => watches.map(({ follower }) => follower),

    async work(events, ids) {
      const reactions = events.flatMap((event) => {
        const some = byType.get(event.event.envelope.type) ?? [];
        const active = some.filter(
          ({ follower, defined }) => ids.has(follower.id) && isActiveAt(defined, event.n),
        );
        if (active.length === 0) return [];
        const values = variablesOf(event.event, event);
        return active
          .filter(({ compiled }) => compiled.matches(values).matches)
          .map(({ compiled }) => react(compiled, event, values));
      });
      return Promise.resolve({
        said: reactions.flatMap(({ said }) => said),
        deliveries: reactions.flatMap(({ delivery }) => (delivery === null ? [] : [delivery])),
        states: [],
      });
    },
  };
}

/** What a version of a watch is called among those that follow the log. */
export function watchFollower(watch: Pick<WatchDefinition, 'name' | 'version'>): string {
  return `watch ${definitionId(watch)}`;
}

function toFollower(id: string, { definition, position, supersededAt }: DefinedWatch): Follower {
  const { types } = definition;
  return { id, types, begin: position, end: supersededAt === null ? null : supersededAt - 1 };
}

export type Reaction = {
  readonly said: readonly Envelope[];
  /** Null where nothing can be done, which `said` tells. */
  readonly delivery: Delivery | null;
};

/**
 * What a watch says and does about an event that matches. Everything in it follows from the watch and the event, so that doing it again
 * is the same. Pure.
 */
export function react(
  watch: CompiledWatch,
  { event: { envelope }, at }: LoggedEvent,
  values: VariableValues,
): Reaction {
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

/** What was accepted before an expression was refused, or came another way, does nothing. */
function tryCompile(
  { definition }: DefinedWatch,
  onInvalid: WatchesOptions['onInvalid'],
): CompiledWatch | null {
  try {
    return compileWatch(definition);
  } catch (error) {
    onInvalid(definitionId(definition), error);
    return null;
  }
}
