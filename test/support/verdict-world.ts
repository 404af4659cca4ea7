import { createHash } from 'node:crypto';
import type { Envelope } from '../../src/model/event.ts';
import { event } from './events.ts';
import type { Random } from './random.ts';
import { ECOSYSTEMS, type Ecosystem } from './verdict-ecosystems.ts';

/**
 * A world of images, and what producers of several kinds say of it: SBOMs of every image, an advisory, corrections of it, and VEX.
 * The documents are true, but each says only part of what is so, in a spelling of its own; the world knows all of it.
 */
export type World = {
  readonly envelopes: readonly Envelope[];
  readonly advisory: string;
  /** The first version that is not affected any more; null where there is none. */
  readonly fixed: string | null;
  readonly deployments: readonly {
    readonly key: string;
    readonly environment: string;
    /** Whether it has something inside that the advisory is really about, and that nobody has truly cleared. */
    readonly affected: boolean;
  }[];
};

type Data = Record<string, unknown>;
type Component = { readonly version: number; readonly arch: string; readonly pkg: Package };
type Package = { readonly ecosystem: Ecosystem; readonly name: string };
/** @param tag makes the names of the world its own */
export function createWorld(random: Random, tag: string): World {
  const source = `https://feed.example/${tag}`;
  const advisory = `CVE-${tag}`;
  const envelopes: Envelope[] = [];
  const day = (n: number) => new Date(Date.UTC(2026, 3, n)).toISOString();
  const say = (type: string, data: Data, time: string): void => {
    envelopes.push(event(type, data, { source, time, id: `${tag}-${envelopes.length}` }));
  };
  const submit = (content: Data, n: number): void => {
    const text = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      ...content,
      metadata: { timestamp: day(n), ...(content['metadata'] as Data | undefined) },
    });
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    say('document.submitted', { digest, content: text }, day(n));
  };

  const packages = Array.from({ length: 3 }, (_, index): Package => ({
    ecosystem: random.pick(ECOSYSTEMS),
    name: `lib-${tag.toLowerCase()}-${index}`,
  }));
  const [target = packages[0]!] = packages;
  const { ecosystem } = target;
  const all = ecosystem.versions.map((_, index) => index);
  const from = random.below(all.length);
  const until = from + 1 + random.below(all.length - from);
  const onlyArch = ecosystem.hasArch === true && random.chance(0.3) ? 'amd64' : null;
  const isAffected = ({ pkg, version, arch }: Component): boolean =>
    pkg === target &&
    version >= from &&
    version < until &&
    (onlyArch === null || arch === onlyArch);

  const images = Array.from({ length: 4 }, (_, index) => {
    const components = random.some(packages, 0.6).map((pkg): Component => ({
      pkg,
      version: random.below(pkg.ecosystem.versions.length),
      arch: random.pick(['amd64', 'arm64']),
    }));
    return {
      index,
      components,
      digest: hash(`${tag} image ${index}`),
      cleared: random.chance(0.25),
    };
  });

  /** Images that somebody has said to be clear: what nobody says, nobody can know. */
  const saidClear = new Set<number>();
  for (const { index, components, digest, cleared } of images) {
    const style = random.pick(['full', 'full', 'full', 'partial', 'none', 'empty']);
    if (style === 'none') continue;
    const root = {
      type: 'container',
      name: `image-${index}`,
      'bom-ref': 'root',
      version: `sha256:${digest}`,
    };
    const listed = components.map((component, place) => ({
      component,
      said: describe(component, `c${place}`, random),
    }));
    const vex = listed.flatMap(({ component, said }) =>
      cleared && isAffected(component) ? [{ ref: String(said['bom-ref']) }] : [],
    );
    const inBom = vex.length > 0 && style === 'full' && random.chance(0.5);
    if (inBom) saidClear.add(index);
    const vulnerabilities = [
      {
        id: advisory,
        analysis: { state: random.pick(['not_affected', 'resolved', 'false_positive']) },
        affects: vex,
      },
    ];
    submit(
      {
        serialNumber: `urn:uuid:${serial(`${tag} ${index}`)}`,
        metadata: { component: root },
        components:
          style === 'empty'
            ? []
            : nested(
                listed.filter(() => style === 'full' || random.chance(0.5)).map(({ said }) => said),
                random,
              ),
        ...(style === 'partial'
          ? { compositions: [{ aggregate: 'incomplete', assemblies: ['root'] }] }
          : {}),
        ...(inBom ? { vulnerabilities } : {}),
      },
      2,
    );
    if (cleared && !inBom && random.chance(0.7)) {
      saidClear.add(index);
      const status = random.pick(['not_affected', 'fixed']);
      say(
        'vulnerability.triaged',
        { vulnerability: advisory, products: [`sha256:${digest}`], status },
        day(12),
      );
    }
  }

  // what the feed said first was wrong
  if (random.chance(0.4)) {
    const wrong = random.pick([
      [ecosystem.plain(target.name, ecosystem.versions[0]!.replace('+', '%2B'))],
      [`pkg:npm/unrelated-${tag.toLowerCase()}`],
    ]);
    say('vulnerability.detected', { vulnerability: advisory, affects: wrong }, day(3));
  }
  if (random.chance(0.2)) {
    say(
      'vulnerability.detected',
      { vulnerability: advisory, affects: [ecosystem.plain(target.name, null)] },
      day(4),
    );
    say('vulnerability.withdrawn', { vulnerability: advisory }, day(5));
  }
  const suffix = onlyArch === null ? '' : `?arch=${onlyArch}`;
  const exact = all
    .filter((version) => version >= from && version < until)
    .map((version) => ecosystem.plain(target.name, encode(ecosystem.versions[version]!)) + suffix);
  const ranges = [exact];
  if (from === 0 && until === all.length)
    ranges.push([ecosystem.plain(target.name, null) + suffix]);
  if (ecosystem.scheme !== null) {
    const low = encode(ecosystem.versions[from]!);
    const high = ecosystem.versions[until];
    const bounds = [
      from === 0 && random.chance(0.5) ? '' : `>=${low}`,
      high === undefined ? '' : `<${encode(high)}`,
    ].filter((bound) => bound !== '');
    const range = `vers:${ecosystem.scheme}/${bounds.length === 0 ? '*' : bounds.join('|')}`;
    const about = ecosystem.plain(target.name, null);
    ranges.push([
      `${about}?${onlyArch === null ? '' : `arch=${onlyArch}&`}vers=${encodeURIComponent(range)}`,
    ]);
  }
  const affects = random.pick(ranges);
  const aliases = random.chance(0.3) ? { aliases: [`GHSA-${tag}`] } : {};
  say('vulnerability.detected', { vulnerability: advisory, affects, ...aliases }, day(10));

  // VEX of another product, about the same packages, which says nothing about these images
  if (random.chance(0.4)) {
    submit(
      {
        metadata: {
          component: {
            type: 'application',
            name: `other-${tag}`,
            'bom-ref': 'other',
            version: '1',
          },
        },
        components: all.map((version) => ({
          ...{ type: 'library', name: 'x', 'bom-ref': `x${version}` },
          purl: ecosystem.purl(target.name, ecosystem.versions[version]!, 'amd64', random),
        })),
        vulnerabilities: [
          {
            id: advisory,
            analysis: { state: 'not_affected' },
            affects: all.map((version) => ({ ref: `x${version}` })),
          },
        ],
      },
      11,
    );
  }

  const deployments = images.map(({ index, components, digest }) => {
    const deployment = `d${index}`;
    const place = { environment: 'prod', scope: tag, service: `s${index}` };
    say('deployment.created', { deployment, ...place, artifacts: [`sha256:${digest}`] }, day(1));
    say('deployment.completed', { deployment }, day(1).replace('00:00:00', '00:05:00'));
    return {
      key: `${source}#${deployment}`,
      environment: `${tag}/prod`,
      affected: !saidClear.has(index) && components.some(isAffected),
    };
  });
  const fixed = ecosystem.versions[until] ?? null;
  return { envelopes: random.shuffled(envelopes), advisory, fixed, deployments };
}

/** A component as one of several producers lists it; some say less than they know. */
function describe({ pkg, version: index, arch }: Component, ref: string, random: Random): Data {
  const { ecosystem, name } = pkg;
  const version = ecosystem.versions[index]!;
  const base = { type: 'library', 'bom-ref': ref, name };
  const purl = (of: string | null) => ecosystem.purl(name, of, arch, random);
  switch (random.below(7)) {
    case 0:
      return { ...base, version, purl: purl(null) };
    case 1:
      return { ...base, purl: purl(null) };
    case 2:
      return { ...base, version };
    case 3:
      return { ...base, version, purl: `pkg:generic/${name}@${encode(version)}` };
    case 4:
      return { ...base, version, 'bom-ref': `${purl(version)}#${ref}`, purl: purl(version) };
    default:
      return { ...base, version, purl: purl(version) };
  }
}

function encode(version: string): string {
  return version.replaceAll('+', '%2B').replaceAll(':', '%3A');
}

function nested(components: Data[], random: Random): Data[] {
  const [first, ...rest] = components;
  if (first === undefined || rest.length === 0 || !random.chance(0.2)) return components;
  return [{ ...first, components: rest }];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function serial(text: string): string {
  const hex = hash(text);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
