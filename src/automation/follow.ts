import { failpoint } from '../failpoint.ts';
import type { AutomationStore, LoggedEvent } from '../model/automation.ts';
import type { Delivery } from '../model/deliveries.ts';
import { identityOf, type Envelope } from '../model/event.ts';
import type { GateStateRecord } from '../model/gates.ts';
import { variablesOf, type VariableValues } from './variables.ts';

/** What looks at the log, event by event, and has something to say or to do about it. */
export type Follower = {
  /** `<kind> <name>@<version>`. */
  readonly id: string;
  readonly types: readonly string[];
  /** It looks at what comes behind this log number. */
  readonly begin: number;
  /** And at nothing behind this one; null: it has no end. */
  readonly end: number | null;
};

/** An event of the log, with what expressions can speak of: worked out once, and where somebody looks at it. */
export type ReadEvent = LoggedEvent & { readonly values: VariableValues };

/** What comes of a page of the log. */
export type Work = {
  readonly said: readonly Envelope[];
  readonly deliveries: readonly Delivery[];
  /** What gates know now. */
  readonly states: readonly GateStateRecord[];
};

/** Followers of one kind. */
export interface Kind {
  /** Takes note of what was said of them since. */
  refresh(): Promise<void>;
  followers(): readonly Follower[];
  /** @param ids of those for which this page is */
  work(events: readonly ReadEvent[], ids: ReadonlySet<string>): Promise<Work>;
}

export type AutomationOptions = {
  readonly kinds: readonly Kind[];
  readonly store: AutomationStore;
  /** Puts events on the bus; the same again is a duplicate. */
  readonly publish: (events: readonly Envelope[]) => Promise<void>;
  /** Puts deliveries into their queue; the same again, while it waits there, is one. */
  readonly enqueue: (deliveries: readonly Delivery[]) => Promise<void>;
};

export interface Automation {
  refresh(): Promise<void>;
  /** The types of events that any of them looks at. */
  types(): ReadonlySet<string>;
  /** Looks at the log up to this number; what others have looked at in the meantime is not looked at again. */
  advance(until: number, signal: AbortSignal): Promise<void>;
}

/** Events that are read at once; a body has up to 1 MiB. */
const PAGE = 250;

/**
 * Follows the log for gates and watches. What is to be done about a page of it is put into the queue first, then what they say is published,
 * then what they know is written, together with how far they have come: whoever dies in between leaves work that is done again, with
 * the same events and the same deliveries. So what is in the log as matched was in the queue: a graph that is computed anew, where
 * everything is looked at again, sends nothing.
 */
export function createAutomation({
  kinds,
  store,
  publish,
  enqueue,
}: AutomationOptions): Automation {
  const all = (): readonly Follower[] => kinds.flatMap((kind) => kind.followers());

  /** Those that are least far, and how far that is. */
  async function behind(until: number) {
    const followers = all();
    const progress = await store.progress(followers.map(({ id }) => id));
    const from = ({ id, begin }: Follower): number => progress.get(id) ?? begin;
    const open = followers.filter((one) => from(one) < Math.min(until, one.end ?? Infinity));
    const least = Math.min(...open.map(from));
    return { from: least, followers: open.filter((one) => from(one) === least) };
  }

  async function page(from: number, until: number, some: readonly Follower[]): Promise<void> {
    const types = [...new Set(some.flatMap((one) => one.types))];
    const events = await store.log(types, { after: from, until, limit: PAGE });
    const to = events.length < PAGE ? until : (events.at(-1)?.n ?? until);
    const ids = new Set(some.map(({ id }) => id));
    const read = events.map(readable);
    const works = await Promise.all(kinds.map(async (kind) => kind.work(read, ids)));
    const said = works.flatMap((work) => work.said);
    const known = await store.known(said.map(identityOf));
    const deliveries = works.flatMap((work) => work.deliveries);
    await enqueue(deliveries.filter(({ matched }) => !known.has(matched)));
    failpoint('automation_enqueued');
    await publish(said.filter((envelope) => !known.has(identityOf(envelope))));
    failpoint('automation_published');
    const states = works.flatMap((work) => work.states);
    await store.advance({ followers: some, from, to, states });
  }

  return {
    async refresh() {
      await Promise.all(kinds.map(async (kind) => kind.refresh()));
    },
    types: () => new Set(all().flatMap((one) => one.types)),
    async advance(until, signal) {
      for (;;) {
        signal.throwIfAborted();
        const { from, followers } = await behind(until);
        if (followers.length === 0) return;
        await page(from, Math.min(until, ...followers.map(({ end }) => end ?? until)), followers);
      }
    },
  };
}

function readable(event: LoggedEvent): ReadEvent {
  let values: VariableValues | null = null;
  return {
    ...event,
    get values() {
      return (values ??= variablesOf(event.event, event));
    },
  };
}
