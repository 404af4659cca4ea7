import { describe, expect, test } from '@jest/globals';
import { compileGate } from '../../../src/automation/gate.ts';
import { createAutomation } from '../../../src/automation/follow.ts';
import { createGates } from '../../../src/automation/gates.ts';
import { identityOf, parseEvent, type Envelope } from '../../../src/model/event.ts';
import type { AutomationStore, LoggedEvent } from '../../../src/model/automation.ts';
import type { LoggedDefinition } from '../../../src/model/definitions.ts';
import { stateKey, type GateDefinition, type GateStateRecord } from '../../../src/model/gates.ts';
import { event } from '../../support/events.ts';
import { createRandom, type Random } from '../../support/random.ts';

type Definition = GateDefinition;

const gate = (name: string, rest: Partial<Definition> = {}): Definition => ({
  ...{ name, version: 1, key: 'event.data.on' },
  inputs: [{ types: ['t.built'] }, { types: ['t.scanned'] }],
  ...rest,
});

describe('a definition', () => {
  test.each([
    [gate('a', { inputs: [] }), 'has no inputs'],
    [gate('a', { inputs: [{ types: ['x'] }, { types: ['x'] }] }), "two inputs 'x'"],
    [gate('a', { inputs: [{ types: ['gate.passed'] }] }), 'which gates and watches cause'],
    [gate('a', { key: 'event.data.on == 1' }), 'is of type bool'],
    [gate('a', { inputs: [{ types: ['x'], when: 'outcome' }] }), 'data.inputs.0.when'],
  ])('%j is refused, with the reason', (definition, reason) => {
    expect(() => compileGate(definition)).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(reason),
      }),
    );
  });
});

/** A log and what gates know, in memory: what matters here is what happens between reading and writing. */
class World implements AutomationStore {
  readonly events: LoggedEvent[] = [];
  readonly statements: LoggedDefinition<Definition>[] = [];
  readonly reached = new Map<string, number>();
  readonly stored = new Map<string, GateStateRecord>();
  /** Of what was said, by identity, in the order in which it first was. */
  readonly said = new Map<string, Envelope>();
  /** How often something was said that had been said before with another content. */
  conflicts = 0;

  get head(): number {
    return this.events.length + this.statements.length;
  }
  happened(type: string, at: number, id: string, data: Record<string, unknown>): void {
    const envelope = event(type, data, { id, time: new Date(at).toISOString() });
    const parsed = parseEvent(envelope, () => undefined);
    const key = identityOf(parsed.envelope);
    if (this.events.some((one) => one.key === key)) return; // the writer takes it once
    const n = this.head + 1;
    this.events.push({ n, key, at, subjectRef: null, outcome: null, event: parsed });
  }
  define(definition: Definition): void {
    this.say({ definition });
  }
  turn(name: string, enabled: boolean): void {
    this.say({ name, enabled, reason: null });
  }
  private say(said: LoggedDefinition<Definition>['said']): void {
    this.statements.push({ n: this.head + 1, acceptedAt: 0, source: 's', said });
  }

  async log(
    types: readonly string[],
    { after, until, limit }: Parameters<AutomationStore['log']>[1],
  ) {
    const found = this.events.filter(
      ({ n, event: { envelope } }) => n > after && n <= until && types.includes(envelope.type),
    );
    return Promise.resolve(found.slice(0, limit));
  }
  async states(keys: readonly string[]) {
    return Promise.resolve(
      new Map(
        keys.flatMap((key) => {
          const state = this.stored.get(key);
          return state === undefined ? [] : [[key, state] as const];
        }),
      ),
    );
  }
  /** Nothing: the writer is behind, so that whatever is said again has to be a duplicate. */
  async known() {
    return Promise.resolve(new Set<string>());
  }
  async progress() {
    return Promise.resolve(this.reached);
  }
  async advance({ followers, from, to, states }: Parameters<AutomationStore['advance']>[0]) {
    const isAhead = followers.some(({ id, begin }) => (this.reached.get(id) ?? begin) !== from);
    if (isAhead) return Promise.resolve(false);
    for (const { id } of followers) this.reached.set(id, to);
    for (const state of states) this.stored.set(stateKey(state), state);
    return Promise.resolve(true);
  }

  /** A consumer of its own; it dies where `mayDie` says so, which throws. */
  consumer(mayDie: () => void = () => undefined) {
    const store: AutomationStore = {
      log: async (...args) => this.log(...args),
      states: async (keys) => this.states(keys),
      known: async () => this.known(),
      progress: async () => this.progress(),
      advance: async (step) => {
        mayDie();
        return this.advance(step);
      },
    };
    return createAutomation({
      kinds: [
        createGates({
          statements: async () => Promise.resolve([...this.statements]),
          store,
          onInvalid: (id, error) => {
            throw new Error(id, { cause: error });
          },
        }),
      ],
      store,
      publish: async (envelopes) => {
        for (const envelope of envelopes) {
          mayDie();
          const before = this.said.get(identityOf(envelope));
          if (before === undefined) this.said.set(identityOf(envelope), envelope);
          else if (JSON.stringify(before) !== JSON.stringify(envelope)) this.conflicts += 1;
        }
        return Promise.resolve();
      },
      enqueue: async () => Promise.resolve(),
    });
  }
  async look(): Promise<string[]> {
    const gates = this.consumer();
    await gates.refresh();
    await gates.advance(this.head, new AbortController().signal);
    return this.heard();
  }
  heard(): string[] {
    return [...this.said.values()].map(({ type, data }) => {
      const { gate: name, key } = data as { gate: string; key: string };
      return `${name} ${key} ${type.slice(5)}`;
    });
  }
}

const on = (key: string, outcome = 'success') => ({ on: key, outcome });

test("EPR's failure: two gates share an event type, and each speaks for itself, once", async () => {
  const world = new World();
  world.define(gate('two'));
  world.define(
    gate('three', {
      inputs: ['built', 'scanned', 'signed'].map((one) => ({ types: [`t.${one}`] })),
    }),
  );
  world.happened('t.built', 1, 'b', on('x'));
  world.happened('t.scanned', 2, 's', on('x'));
  expect(await world.look()).toEqual(['two x passed']);
  world.happened('t.scanned', 2, 's', on('x'));
  expect(await world.look()).toEqual(['two x passed']);
  world.happened('t.signed', 3, 'g', on('x'));
  expect(await world.look()).toEqual(['two x passed', 'three x passed']);
});

test("Argo's failure: what comes of one key while another one waits is not dropped, nor is an earlier event", async () => {
  const world = new World();
  world.define(gate('g'));
  world.happened('t.built', 1, 'b1', on('x'));
  world.happened('t.built', 2, 'b2', on('y'));
  world.happened('t.built', 3, 'b3', on('x'));
  world.happened('t.scanned', 4, 's1', on('y'));
  world.happened('t.scanned', 5, 's2', on('x'));
  expect(await world.look()).toEqual(['g y passed', 'g x passed']);
});

test('failed, then passed; an older event that comes late changes nothing; the newest tuple speaks again', async () => {
  const world = new World();
  world.define(gate('g'));
  world.happened('t.scanned', 10, 's1', on('x', 'failure'));
  expect(await world.look()).toEqual(['g x failed']);
  world.happened('t.built', 11, 'b1', on('x'));
  expect(await world.look()).toEqual(['g x failed']); // what is bad is no news
  world.happened('t.scanned', 12, 's2', on('x'));
  expect(await world.look()).toEqual(['g x failed', 'g x passed']);
  world.happened('t.scanned', 9, 's0', on('x', 'failure'));
  expect(await world.look()).toHaveLength(2);
  world.happened('t.built', 13, 'b2', on('x'));
  expect(await world.look()).toEqual(['g x failed', 'g x passed', 'g x passed']);
});

test('a gate that is defined after its events knows them, and speaks with the next; so does a later version', async () => {
  const world = new World();
  world.happened('t.built', 1, 'b1', on('x'));
  world.happened('t.scanned', 2, 's1', on('x'));
  world.happened('t.built', 3, 'b2', on('y'));
  world.define(gate('g'));
  expect(await world.look()).toEqual([]);
  expect(world.stored.get('g@1 x')).toMatchObject({ outcome: 'PASSED', since: 2 });
  world.happened('t.scanned', 4, 's2', on('y'));
  expect(await world.look()).toEqual(['g y passed']);
  world.define(gate('g', { version: 2, inputs: [{ types: ['t.scanned'] }] }));
  world.happened('t.scanned', 5, 's3', on('x'));
  await world.look();
  expect([...world.said.values()].map(({ data }) => (data as { version: number }).version)).toEqual(
    [...[1, 2]],
  );
  expect(world.stored.get('g@1 x')).toMatchObject({ since: 2 }); // history stays as it was
  expect(world.stored.get('g@2 y')).toMatchObject({ outcome: 'PASSED' });
});

test('a gate that is disabled looks, and does not speak', async () => {
  const world = new World();
  world.define(gate('g'));
  world.turn('g', false);
  world.happened('t.built', 1, 'b1', on('x'));
  world.happened('t.scanned', 2, 's1', on('x'));
  world.turn('g', true);
  expect(await world.look()).toEqual([]);
  expect(world.stored.get('g@1 x')).toMatchObject({ outcome: 'PASSED' });
  world.happened('t.scanned', 3, 's2', on('x'));
  expect(await world.look()).toEqual(['g x passed']);
});

test('with a window, what is older has to happen again', async () => {
  const world = new World();
  world.define(gate('g', { withinSeconds: 10 }));
  world.happened('t.built', 0, 'b1', on('x'));
  world.happened('t.scanned', 10_001, 's1', on('x'));
  expect(await world.look()).toEqual([]);
  expect(world.stored.get('g@1 x')).toMatchObject({ outcome: 'WAITING' });
  world.happened('t.built', 20_001, 'b2', on('x'));
  expect(await world.look()).toEqual(['g x passed']);
});

test('one event may be about several keys, and is about none where the expression has no value', async () => {
  const world = new World();
  world.define(gate('g', { key: 'artifacts', inputs: [{ types: ['build.completed'] }] }));
  const [a, b] = [`sha256:${'0a'.repeat(32)}`, `sha256:${'0b'.repeat(32)}`];
  const build = { build: 'https://ci.example/1', outcome: 'success' };
  world.happened('build.completed', 1, '1', {
    ...build,
    artifacts: [{ digest: a }, { digest: b }],
  });
  world.happened('build.completed', 2, '2', build);
  expect(await world.look()).toEqual([`g ${a} passed`, `g ${b} passed`]);
});

test('an input may have any name, and what cannot be the subject of an event is no key', async () => {
  const world = new World();
  world.define(gate('g', { inputs: [{ name: 'constructor', types: ['t.built'] }] }));
  world.happened('t.built', 1, '1', on('a\nb'));
  world.happened('t.built', 2, '2', on(''));
  world.happened('t.built', 3, '3', on('x'));
  expect(await world.look()).toEqual(['g x passed']);
});

test.each(['failed', 'cancelled', 'rolledback', 'removed', 'deleted', 'withdrawn', 'revoked'])(
  'without a condition, what was %s is not good',
  async (what) => {
    const world = new World();
    world.define(gate('g', { inputs: [{ types: ['t.built', `t.${what}`] }] }));
    world.happened('t.built', 1, '1', { on: 'x' });
    world.happened(`t.${what}`, 2, '2', { on: 'x' });
    expect(await world.look()).toEqual(['g x passed', 'g x failed']);
  },
);

test('a misspelt field of a definition is refused, and not left out', () => {
  const inputs = [{ types: ['t.built'], acept: 'false' }];
  expect(() => parseEvent(event('gate.defined', { ...gate('g'), inputs }))).toThrow(/acept/);
});

describe.each([1, 2])('random histories, by %d consumers that die', (consumers) => {
  const seeds = Array.from({ length: 100 }, (_, at) => at + consumers * 1_000);
  test.each(seeds)('seed %d', async (seed) => {
    const random = createRandom(seed);
    const world = new World();
    const members = Array.from({ length: consumers }, () =>
      world.consumer(() => {
        if (random.below(5) === 0) throw new Error('killed');
      }),
    );
    for (let round = 0; round < 12; round += 1) {
      for (let more = random.below(8); more > 0; more -= 1) happen(world, random);
      // both may hold the turn at once: one is slow, and does not know that it has lost it
      const turns = members.filter(() => random.below(2) > 0);
      await Promise.allSettled(
        turns.map(async (member) => {
          await member.refresh();
          await member.advance(world.head, new AbortController().signal);
        }),
      );
    }
    await world.look();
    expect(world.conflicts).toBe(0);
    expect(world.heard().toSorted()).toEqual(oracle(world).toSorted());
  });
});

function happen(world: World, random: Random): void {
  const name = random.pick(['g', 'h']);
  const kind = random.below(20);
  if (kind === 0) {
    const version = 1 + random.below(2);
    const inputs = random.pick([
      [{ types: ['t.a'] }, { types: ['t.b'] }],
      [
        { name: 'one', types: ['t.a', 't.c'] },
        { types: ['t.b'], when: 'event.data.n < 3' },
      ],
      [{ types: ['t.a'], accept: 'event.data.n != 2' }, { types: ['t.b'] }, { types: ['t.c'] }],
    ]);
    const withinSeconds = random.pick([undefined, 5]);
    world.define(gate(name, { version, inputs, ...(withinSeconds && { withinSeconds }) }));
  } else if (kind === 1) {
    world.turn(name, random.chance(0.5));
  } else {
    const type = random.pick(['t.a', 't.b', 't.c']);
    const at = random.below(20) * 1_000;
    const outcome = random.pick(['success', 'success', 'failure']);
    const data = { on: random.pick(['x', 'y']), n: random.below(4), outcome };
    world.happened(type, at, `${type}${random.below(1_000)}`, data);
  }
}

type Seen = { id: string; at: number; good: boolean };

/** What gates should have said, told in the plainest way: for each event, everything before it is looked at again. */
function oracle(world: World): string[] {
  const heard: string[] = [];
  const definitions = world.statements.flatMap(({ n, said }) =>
    'definition' in said ? [{ n, data: said.definition }] : [],
  );
  const first = definitions.filter(
    ({ data }, at) =>
      definitions.findIndex(
        (other) => other.data.name === data.name && other.data.version === data.version,
      ) === at,
  );
  for (const { n: from, data } of first) {
    const later = first.filter(
      (other) => other.data.name === data.name && other.data.version > data.version,
    );
    const end = Math.min(Infinity, ...later.map(({ n }) => n));
    for (const key of ['x', 'y']) {
      const seen = new Map<string, Seen>();
      for (const { n, at, key: id, event: one } of world.events) {
        if (n >= end) break;
        const { type, data: said } = one.envelope as {
          type: string;
          data: Record<string, unknown>;
        };
        if (said['on'] !== key) continue;
        for (const input of data.inputs) {
          const name = input.name ?? input.types[0]!;
          if (!input.types.includes(type)) continue;
          if (input.when !== undefined && !(Number(said['n']) < 3)) continue;
          const good = input.accept === undefined ? said['outcome'] === 'success' : said['n'] !== 2;
          const newest = seen.get(name);
          if (newest !== undefined && (newest.at > at || (newest.at === at && newest.id >= id)))
            continue;
          seen.set(name, { id, at, good });
          const latest = Math.max(...[...seen.values()].map((fact) => fact.at));
          const counts = (fact: Seen | undefined) =>
            fact !== undefined &&
            (data.withinSeconds === undefined || latest - fact.at <= data.withinSeconds * 1_000);
          const facts = data.inputs.map((each) => seen.get(each.name ?? each.types[0]!));
          const switches = world.statements.flatMap(({ n: when, said: turned }) =>
            when < n && 'enabled' in turned && turned.name === data.name ? [turned.enabled] : [],
          );
          const isOn = switches.at(-1) ?? true;
          if (n < from || !isOn) continue;
          if (!good && counts(seen.get(name))) heard.push(`${data.name} ${key} failed`);
          if (good && facts.every((fact) => counts(fact) && fact!.good)) {
            heard.push(`${data.name} ${key} passed`);
          }
        }
      }
    }
  }
  return heard;
}
