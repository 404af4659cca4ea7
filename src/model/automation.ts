import type { StemmaEvent } from './event.ts';
import type { GateStateRecord } from './gates.ts';

/** An event of the log, as far as gates and watches look at it. */
export type LoggedEvent = {
  readonly n: number;
  /** Its identity. */
  readonly key: string;
  /** Effective time, ms. */
  readonly at: number;
  readonly subjectRef: string | null;
  readonly outcome: string | null;
  readonly event: StemmaEvent;
};

export type Advance = {
  /** What is equally far, by its id; `begin` is where it was before it had looked at anything. */
  readonly followers: readonly { readonly id: string; readonly begin: number }[];
  readonly from: number;
  readonly to: number;
  /** What gates know now. */
  readonly states: readonly GateStateRecord[];
};

/** The log as gates and watches read it, and what they have to remember. That can be computed again from the log. */
export interface AutomationStore {
  /** Events of these types behind `after` up to `until`, in the order of the log, at most `limit`. */
  log(
    types: readonly string[],
    stretch: { readonly after: number; readonly until: number; readonly limit: number },
  ): Promise<readonly LoggedEvent[]>;
  /** What gates know, by `stateKey`; that of which nothing is known is left out. */
  states(keys: readonly string[]): Promise<ReadonlyMap<string, GateStateRecord>>;
  /** Which of these events, by identity, are in the log. */
  known(identities: readonly string[]): Promise<ReadonlySet<string>>;
  /** How far each has looked, by its id; what has not begun is left out. */
  progress(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Writes what is remembered together with how far it goes; false, and nothing is written, where others were there before. */
  advance(advance: Advance): Promise<boolean>;
}
