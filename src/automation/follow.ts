import { failpoint } from '../failpoint.ts';
import type { AutomationStore, LoggedEvent } from '../model/automation.ts';
import type { Delivery } from '../model/deliveries.ts';
import { identityOf, type Envelope } from '../model/event.ts';
import type { GateStateRecord } from '../model/gates.ts';

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
  work(events: readonly LoggedEvent[], ids: ReadonlySet<string>): Promise<Work>;
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
  /** True where there is none that could look at anything. */
  isIdle(): boolean;
  /** Looks at the log up to this number; what others have looked at in the meantime is not looked at again. */
  advance(until: number, signal: AbortSignal): Promise<void>;
}

/** Events that are read at once; a body has up to 1 MiB. */
const PAGE = 250;

/**
 * Follows the log for gates and watches. What comes of a page of it is published first, then what is to be done is put into the queue,
 * then what they know is written, together with how far they have come: whoever dies in between leaves work that is done again, with
 * the same events and the same deliveries.
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
    const works = await Promise.all(kinds.map(async (kind) => kind.work(events, ids)));
    const said = works.flatMap((work) => work.said);
    const known = await store.known(said.map(identityOf));
    await publish(said.filter((envelope) => !known.has(identityOf(envelope))));
    failpoint('automation_published');
    await enqueue(works.flatMap((work) => work.deliveries));
    failpoint('automation_enqueued');
    const states = works.flatMap((work) => work.states);
    await store.advance({ followers: some, from, to, states });
  }

  return {
    async refresh() {
      await Promise.all(kinds.map(async (kind) => kind.refresh()));
    },
    isIdle: () => all().length === 0,
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
