import type { Delivery, RenderedAction } from '../../model/deliveries.ts';
import type { Envelope } from '../../model/event.ts';
import type { Secrets } from '../secrets.ts';
import type { Targets } from '../targets.ts';

/** What actions reach the world with. */
export type ActionParts = {
  readonly targets: Targets;
  readonly secrets: Secrets;
  /** Puts an event on the bus; the same again is a duplicate. */
  readonly publish: (envelope: Envelope) => Promise<void>;
  /** Sends a message to a channel of Redis. */
  readonly send: (channel: string, message: string) => Promise<void>;
  readonly now: () => number;
};

type Of<K extends RenderedAction['kind']> = Extract<RenderedAction, { kind: K }>;

/** One kind of action: one file, and one line of index.ts. */
export type Action<K extends RenderedAction['kind']> = {
  /** What it reaches, so that what fails is not asked again and again; null where that is Stemma itself. */
  target(action: Of<K>): string | null;
  /** @throws TargetError, StemmaError */
  perform(action: Of<K>, delivery: Delivery, parts: ActionParts): Promise<void>;
};
