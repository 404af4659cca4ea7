import type { Envelope } from './event.ts';

/** A secret by reference: a variable of the environment whose name begins with STEMMA_SECRET_. */
export type SecretRef = { readonly env: string };

/** What a watch does about one event, with everything filled in but the secrets. */
export type RenderedAction =
  | {
      readonly kind: 'webhook';
      readonly url: string;
      /** Sent as JSON. */
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string | SecretRef>>;
      readonly secret?: SecretRef;
    }
  | { readonly kind: 'slack'; readonly url: string | SecretRef; readonly text: string }
  | ({
      readonly kind: 'github';
      /** Left out: https://api.github.com. */
      readonly api?: string;
      /** `owner/name`. */
      readonly repository: string;
      readonly token: SecretRef;
      readonly payload: unknown;
    } & (
      | { readonly event: 'repository_dispatch'; readonly eventType: string }
      | { readonly event: 'workflow_dispatch'; readonly workflow: string; readonly ref: string }
    ))
  | { readonly kind: 'publish'; readonly event: Envelope }
  | { readonly kind: 'redis'; readonly channel: string; readonly message: string };

/** An action on its way. */
export type Delivery = {
  /** The same however often it is tried: receivers deduplicate by it. */
  readonly id: string;
  /** `name@version`. */
  readonly watch: string;
  /** Identity of the event that it is about. */
  readonly trigger: string;
  /** Identity of its `watch.matched`. */
  readonly matched: string;
  readonly action: RenderedAction;
  readonly correlationid?: string;
  readonly workflowid?: string;
  readonly traceparent?: string;
};

/** A delivery that somebody has taken to try it. */
export type Claimed = {
  readonly delivery: Delivery;
  /** Which try this is, from 1. */
  readonly attempt: number;
};

/** What waits to be done, in the order of its times. */
export interface DeliveryQueue {
  /**
   * The same again, while it waits, changes nothing.
   *
   * @throws StemmaError BACKPRESSURE (details.retryAfterMs) where too much waits, DEPENDENCY_UNAVAILABLE
   */
  add(deliveries: readonly Delivery[]): Promise<void>;
  /** Takes some that are due; each is due again after `leaseMs`, unless one of the two below is called. */
  claim(limit: number, leaseMs: number): Promise<Claimed[]>;
  /** It is to be tried again after a time. @param counts whether what was tried counts as an attempt */
  again(id: string, afterMs: number, counts: boolean): Promise<void>;
  /** Nothing is left to be done. */
  done(id: string): Promise<void>;
  /** How many deliveries of a watch (`name@version`) have failed for good in a row, with this one or up to this success. */
  ended(watch: string, isGood: boolean): Promise<number>;
  /** How many wait. */
  size(): Promise<number>;
}
