import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { sha256, type Envelope } from '../../../src/model/event.ts';
import { hex } from '../../support/events.ts';

/**
 * Random histories over very few things, so that events collide: facets out of order, the same document from two senders, claims
 * withdrawn before and after they were made, aliases, parts in any order and one that is wrong.
 */
export type Delivery = { readonly n: number; readonly envelope: Envelope };

const SOURCES = ['https://a.example/ci', 'https://b.example/ci'];
const START = Date.UTC(2026, 10, 21, 10);
export const ACCEPTED = START + 3_600_000;

const sourceOf = (which: number): string => SOURCES[which % SOURCES.length]!;
const artifact = (which: number): string => `sha256:${hex(`artifact${which % 4}`)}`;
const other = (which: number): string => `sha512:${hex(`other${which % 3}`, 128)}`;
const purl = (which: number): string => `pkg:npm/lib${which % 2}@1.${which % 3}.0`;
const build = (which: number): string => `https://ci.example/runs/${which % 3}`;

const sbom = (which: number): string =>
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1 + (which % 2),
    components: [0, 1].map((at) => ({ type: 'library', name: `lib${at}`, purl: purl(which + at) })),
    dependencies: [{ ref: purl(which), dependsOn: [purl(which + 1)] }],
  });
const WHOLE = `${sbom(7)}\n`;
const PACKED = gzipSync(WHOLE).toString('base64');
export const IN_PARTS = sha256(WHOLE);

type Kind = (a: number, b: number, of: (at: number) => string) => readonly [string, object];

const KINDS: readonly Kind[] = [
  (a, b) => ['build.started', { build: build(a), name: `build ${b}`, commit: hex(b % 2, 40) }],
  (a, b) => [
    'build.completed',
    {
      build: build(a),
      outcome: b % 2 === 0 ? 'success' : 'failure',
      artifacts: [{ digest: artifact(b), size: b }],
    },
  ],
  (a, b) => [
    'artifact.created',
    { digest: artifact(a), name: `name ${b}`, contains: [artifact(b + 1), purl(b)] },
  ],
  (a, b) => ['artifact.published', { digest: artifact(a), location: purl(b) }],
  (a, b) => ['alias.asserted', { alias: other(a), of: artifact(b) }],
  (a, b, of) => ['alias.withdrawn', { alias: other(a), of: artifact(b), claim: of(a + b) }],
  (a, _b, of) => ['claim.withdrawn', { claim: of(a) }],
  (a) => ['claim.withdrawn', { claim: a % 2 === 0 ? IN_PARTS : sha256(sbom(a)) }],
  (a, b) => [
    'vulnerability.detected',
    { vulnerability: `CVE-${a % 2}`, affects: [purl(b)], aliases: [`GHSA-${b % 2}`], score: b / 2 },
  ],
  (a, b, of) => [
    'vulnerability.withdrawn',
    { vulnerability: `CVE-${a % 2}`, ...(b % 2 === 0 ? {} : { claims: [of(b), of(a), of(b)] }) },
  ],
  (a, b) => [
    'deployment.created',
    { deployment: `d${a % 2}`, environment: 'prod', artifacts: [artifact(b), purl(a)] },
  ],
  (a) => ['deployment.completed', { deployment: `d${a % 2}` }],
  (a) => [
    'document.submitted',
    { digest: `sha256:${sha256(sbom(a))}`, content: sbom(a), about: artifact(a) },
  ],
  (a) => ['document.submitted', { digest: `sha256:${IN_PARTS}`, parts: 2, about: artifact(a) }],
  (a, b) => ['document.part', partOf(a % 2, b % 5 === 4)],
  (a, b) => ['document.part', partOf(b % 2, a % 5 === 4)],
  (a, b) => ['workflow.progressed', { workflow: `w${a % 2}`, percentage: b * 1.5 }],
  (a) => ['com.example.custom', { a }],
];

function partOf(index: number, isWrong: boolean): object {
  const middle = 40;
  const data = index === 0 ? PACKED.slice(0, middle) : PACKED.slice(middle);
  const broken = Buffer.from('no part of it').toString('base64');
  return { digest: `sha256:${IN_PARTS}`, index, count: 2, data: isWrong ? broken : data };
}

/** Events with log numbers, and the batches in which they, and copies of some of them, arrive. */
export const history: fc.Arbitrary<readonly (readonly Delivery[])[]> = fc
  .array(
    fc.record({
      kind: fc.nat(KINDS.length - 1),
      a: fc.nat(11),
      b: fc.nat(11),
      source: fc.nat(1),
      minutes: fc.integer({ min: -30, max: 90 }),
    }),
    { minLength: 4, maxLength: 40 },
  )
  .chain((picks) => {
    const identity = (at: number): string =>
      `${sourceOf(picks[at % picks.length]!.source)} e${at % picks.length}`;
    const originals = picks.map(({ kind, a, b, source, minutes }, at): Delivery => {
      const [type, data] = KINDS[kind]!(a, b, identity);
      const time = new Date(START + minutes * 60_000).toISOString();
      const envelope = {
        specversion: '1.0' as const,
        id: `e${at}`,
        source: sourceOf(source),
        type,
      };
      return { n: at * 2 + 1, envelope: { ...envelope, time, data } };
    });
    return fc
      .record({
        again: fc.array(fc.nat(originals.length - 1), { maxLength: 8 }),
        copied: fc.array(fc.nat(originals.length - 1), { maxLength: 4 }),
        size: fc.integer({ min: 2, max: 16 }),
      })
      .chain(({ again, copied, size }) => {
        const deliveries = [
          ...originals,
          ...again.map((at) => originals[at]!),
          // published once more: another log number
          ...copied.map((at) => ({ n: at * 2 + 2, envelope: originals[at]!.envelope })),
        ];
        return fc
          .shuffledSubarray(deliveries, { minLength: deliveries.length })
          .map((shuffled) => inBatches(shuffled, size));
      });
  });

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
