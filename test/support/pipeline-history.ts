import fc from 'fast-check';
import type { Envelope } from '../../src/model/event.ts';
import { identityOf } from '../../src/model/event.ts';
import { hex } from './events.ts';

/**
 * Random histories of a small world: few things, told by several sources, often at the same moment, so that facets, claims and
 * withdrawals meet. The same seed gives the same history.
 */

const SOURCES = ['https://ci.example/one', 'https://ci.example/two'] as const;
const TIMES = [0, 1, 2, 3].map((hour) =>
  new Date(1_600_000_000_000 + hour * 3_600_000).toISOString(),
);

/** What one event says, before it has an identity; `world` keeps the histories of one graph apart. */
type Say = (world: string) => { readonly type: string; readonly data: Record<string, unknown> };

const few = fc.nat({ max: 2 });
const commit = (world: string, at: number): string => hex(`${world}c${at}`, 40);
const digest = (world: string, at: number): string => `sha256:${hex(`${world}a${at}`)}`;
/** A digest that two of three artifacts share, by mistake. */
const other = (world: string, at: number): string => `sha512:${hex(`${world}o${at % 2}`, 128)}`;
const run = (world: string, at: number): string => `https://ci.example/${world}/runs/${at}`;
const purl = (world: string, at: number): string => `pkg:npm/${world}-lib@1.0.${at}`;
const tag = (world: string, at: number): string => `docker://registry.example/${world}/app:${at}`;
const advisory = (world: string, at: number): string => `CVE-2026-${world}-${at}`;

const commits = fc
  .record({ at: few, parent: few, repository: few, message: few })
  .map(({ at, parent, repository, message }): Say => (world) => ({
    type: 'source.commit.created',
    data: {
      commit: commit(world, at),
      ...(parent === at ? {} : { parents: [commit(world, parent)] }),
      ...(repository === 0 ? {} : { repository: `https://git.example/${world}/${repository}.git` }),
      ...(message === 0 ? {} : { message: `message ${message}` }),
    },
  }));

const builds = fc
  .record({
    kind: fc.constantFrom('queued', 'started', 'completed', 'completed'),
    at: few,
    commit: fc.option(few),
    artifact: fc.option(few),
    material: fc.option(few),
    byTag: fc.boolean(),
    outcome: fc.constantFrom('success', 'failure'),
    name: few,
  })
  .map((said): Say => (world) => ({
    type: `build.${said.kind}`,
    data: {
      build: run(world, said.at),
      name: `build ${said.name}`,
      ...(said.commit === null ? {} : { commit: commit(world, said.commit) }),
      ...(said.material === null
        ? {}
        : { materials: [said.byTag ? tag(world, said.material) : purl(world, said.material)] }),
      ...(said.kind !== 'completed' ? {} : { outcome: said.outcome }),
      ...(said.kind !== 'completed' || said.artifact === null
        ? {}
        : { artifacts: [{ digest: digest(world, said.artifact), name: `app ${said.name}` }] }),
    },
  }));

const artifacts = fc
  .record({
    kind: fc.constantFrom('created', 'published', 'signed', 'deleted'),
    at: few,
    to: few,
  })
  .map(({ kind, at, to }): Say => (world) => ({
    type: `artifact.${kind}`,
    data: {
      digest: digest(world, at),
      ...(kind === 'created' && to !== at
        ? { contains: [digest(world, to), purl(world, to)], build: run(world, to) }
        : {}),
      ...(kind === 'created' && to === at
        ? { otherDigests: [other(world, to)], purl: purl(world, to) }
        : {}),
      ...(kind === 'published'
        ? { location: `registry.example/${world}/app:${to}`, name: `app ${to}` }
        : {}),
      ...(kind === 'signed' ? { signer: { keyFingerprint: hex(`${world}k${to}`) } } : {}),
    },
  }));

/** A tag that moves from one image to another, and back. */
const publications = fc
  .record({ at: few, to: fc.nat({ max: 1 }) })
  .map(({ at, to }): Say => (world) => ({
    type: 'artifact.published',
    data: { digest: digest(world, at), location: tag(world, to) },
  }));

const deployments = fc
  .record({
    kind: fc.constantFrom(
      'created',
      'created',
      'verified',
      'completed',
      'failed',
      'rolledback',
      'removed',
    ),
    at: few,
    artifact: few,
    byTag: fc.boolean(),
    environment: few,
    replaces: fc.option(few),
  })
  .map((said): Say => (world) => ({
    type: `deployment.${said.kind}`,
    data: {
      deployment: `${world}-d${said.at}`,
      ...(said.kind === 'created'
        ? {
            artifacts: [said.byTag ? tag(world, said.artifact) : digest(world, said.artifact)],
            environment: `env${said.environment}`,
            scope: world,
            service: 'shop',
            ...(said.replaces === null ? {} : { replaces: `${world}-d${said.replaces}` }),
          }
        : {}),
      ...(said.kind === 'verified' ? { result: said.artifact === 0 ? 'failed' : 'passed' } : {}),
      ...(said.kind === 'rolledback' && said.replaces !== null
        ? { to: `${world}-d${said.replaces}` }
        : {}),
    },
  }));

const vulnerabilities = fc
  .record({
    kind: fc.constantFrom('detected', 'detected', 'withdrawn'),
    at: few,
    affects: few,
    severity: few,
  })
  .map(({ kind, at, affects, severity }): Say => (world) => ({
    type: `vulnerability.${kind}`,
    data: {
      vulnerability: advisory(world, at),
      ...(kind === 'detected'
        ? {
            affects: [purl(world, affects), digest(world, affects)],
            severity: ['low', 'high', 'critical'][severity],
            ...(severity === 0 ? {} : { aliases: [advisory(world, affects)] }),
          }
        : {}),
    },
  }));

const aliases = fc
  .record({ a: few, b: few, purls: fc.boolean() })
  .map(({ a, b, purls }): Say => (world) => ({
    type: 'alias.asserted',
    data: purls
      ? { alias: purl(world, a), of: digest(world, b) }
      : { alias: digest(world, a), of: digest(world, a === b ? 9 : b) },
  }));

const says = fc.oneof(
  commits,
  builds,
  builds,
  artifacts,
  publications,
  publications,
  deployments,
  deployments,
  vulnerabilities,
  aliases,
);

/** An event, and whether its claims are withdrawn again (by one event, or by two). */
type Told = { say: Say; source: number; time: number; withdrawn: number };

const told: fc.Arbitrary<Told> = fc.record({
  say: says,
  source: fc.nat({ max: 1 }),
  time: fc.nat({ max: TIMES.length - 1 }),
  withdrawn: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 2 }) },
  ),
});

/** The events of one history in the order in which they make sense. */
export function histories(
  world: string,
  size: { min: number; max: number },
): fc.Arbitrary<Envelope[]> {
  return fc
    .array(told, { minLength: size.min, maxLength: size.max })
    .map((list) => list.flatMap((event, at) => envelopes(world, event, at)));
}

/** The same history for the same seed. */
export function sampleHistory(world: string, seed: number, size: number): Envelope[] {
  return fc.sample(histories(world, { min: size, max: size }), { seed, numRuns: 1 })[0] ?? [];
}

/** Some order of the events, with some of them twice or three times. */
export function deliveries<T>(events: readonly T[]): fc.Arbitrary<T[]> {
  const indexes = events.map((_, at) => at);
  return fc
    .tuple(
      fc.array(fc.constantFrom(...indexes), { maxLength: Math.ceil(events.length / 2) }),
      fc.constant(indexes),
    )
    .chain(([again, once]) => {
      const all = [...once, ...again];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    })
    .map((order) => order.map((at) => events[at]!));
}

function envelopes(world: string, { say, source, time, withdrawn }: Told, at: number): Envelope[] {
  const { type, data } = say(world);
  const event: Envelope = {
    specversion: '1.0',
    id: `${world}-${at}`,
    source: SOURCES[source]!,
    type,
    time: TIMES[time]!,
    data,
  };
  const ended = Array.from({ length: withdrawn }, (_, number): Envelope => {
    const claim = identityOf(event);
    const alias = type === 'alias.asserted' && number === 0;
    return {
      specversion: '1.0',
      id: `${world}-${at}-w${number}`,
      source: SOURCES[number % 2]!,
      type: alias ? 'alias.withdrawn' : 'claim.withdrawn',
      time: TIMES[(time + number) % TIMES.length]!,
      data: alias ? { ...data, claim } : { claim },
    };
  });
  return [event, ...ended];
}
