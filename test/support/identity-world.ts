import { createHash } from 'node:crypto';
import type { Envelope } from '../../src/model/event.ts';
import { event } from './events.ts';
import type { Random } from './random.ts';

/**
 * A world of files and of the builds that made them, and what producers of several kinds say of it. Their documents share values that
 * identify nothing, give one package URL to many files, and some of them are wrong: they give a file the digest or the package URL of
 * another one. The world knows which build made which file.
 */
export type IdentityWorld = {
  readonly envelopes: readonly Envelope[];
  readonly files: readonly {
    /** Canonical digests by which somebody has told of it, without those that somebody else was given by mistake. */
    readonly names: readonly string[];
    /** Keys of the builds that made it, or something that went into it. */
    readonly madeBy: ReadonlySet<string>;
  }[];
};

type Data = Record<string, unknown>;
type File = {
  readonly name: string;
  readonly content: string;
  /** One that only this file has, or one of a version with several files. */
  readonly purl: string | null;
  /** Index of the build that made it. */
  readonly build: number;
  /** Indexes of files that it has inside. */
  readonly parts: readonly number[];
};

const EMPTY = '';
/** By what somebody takes one file for another one; `relay` and `relayed-purl` by what no single document contradicts. */
const LIES = ['sha512', 'sha384', 'purl', 'alias', 'relay', 'relayed-purl'] as const;
const digest = (algorithm: string, content: string): string =>
  createHash(algorithm).update(content).digest('hex');
const gitoid = (content: string): string =>
  `gitoid:blob:sha1:${digest('sha1', `blob ${content.length}\0${content}`)}`;
const CYCLONEDX = { sha256: 'SHA-256', sha512: 'SHA-512', sha384: 'SHA-384', md5: 'MD5' } as const;

/** @param tag makes the names of the world its own */
export function createIdentityWorld(random: Random, tag: string): IdentityWorld {
  const run = (build: number): string => `https://ci.example/${tag}/runs/${build}`;
  const builds = Array.from({ length: 4 }, (_, build) => ({
    build,
    commit: digest('sha1', `${tag} commit ${build}`),
    /** Files of earlier builds that went into it. */
    used: random.some(before(build * 2), 0.2),
  }));
  const files = builds.flatMap(({ build }) =>
    [0, 1].map((place): File => {
      const index = build * 2 + place;
      const own = `pkg:npm/${tag}-${index}@1.0.0`;
      const shared = `pkg:pypi/${tag}-shared@1.0`;
      return {
        name: `file-${index}`,
        content: `${tag} content ${index}`,
        purl: random.pick([own, own, shared, null]),
        ...{ build, parts: random.some(before(index), 0.15) },
      };
    }),
  );
  const envelopes: Envelope[] = [];
  const day = (): string => new Date(Date.UTC(2026, 3, 1 + random.below(28))).toISOString();
  const say = (type: string, data: Data): void => {
    const id = `${tag}-${envelopes.length}`;
    envelopes.push(event(type, data, { id, time: day(), source: `https://ci.example/${tag}` }));
  };
  const submit = (content: Data): void => {
    const text = JSON.stringify(content);
    say('document.submitted', { digest: `sha256:${digest('sha256', text)}`, content: text });
  };

  /** What somebody has said wrongly of a file: then nothing is said of either without what tells them apart. */
  const contested = new Set<number>();
  const lies = random.chance(0.6) ? [lie(), ...(random.chance(0.3) ? [lie()] : [])] : [];
  function lie() {
    const [of = 0, by = 1] = random.shuffled(files.map((_, index) => index));
    contested.add(of).add(by);
    return { of, by, kind: random.pick(LIES) };
  }

  /** The digest set of a file as a producer writes it. */
  function digestsOf(index: number): Record<string, string> {
    const { content } = files[index]!;
    const set: Record<string, string> = {};
    const isBare = !contested.has(index) && random.chance(0.2);
    if (!isBare) set['sha256'] = digest('sha256', content);
    if (isBare || random.chance(0.5)) set['sha512'] = digest('sha512', content);
    if (random.chance(0.2)) set['sha384'] = digest('sha384', content);
    // of weak digests the same one for all, as attackers and careless tools make them
    if (random.chance(0.3)) set['md5'] = digest('md5', `${tag} weak`);
    if (random.chance(0.3))
      set['gitoid:sha1'] = gitoid(random.pick([EMPTY, '\n', `${tag} licence`]));
    return set;
  }
  const subjectOf = (index: number, digests: Data = digestsOf(index), purl = purlOf(index)) => ({
    name: files[index]!.name,
    digest: digests,
    ...(purl === null ? {} : { uri: purl }),
  });
  const purlOf = (index: number): string | null => (random.chance(0.7) ? files[index]!.purl : null);
  const empty = (): Data => ({ name: 'py.typed', digest: { sha256: digest('sha256', EMPTY) } });
  const commitOf = (build: number): Data => ({
    uri: `git+https://git.example/${tag}.git`,
    digest: { sha1: builds[build]!.commit },
  });
  const placeholder = (): Data =>
    random.pick([
      { uri: 'git+.git', digest: { sha1: '' } },
      { uri: 'unknown', digest: {} },
      { uri: '${REPO}', digest: { sha1: '0'.repeat(40) } },
      { uri: 'layer', digest: { sha256: digest('sha256', '\0'.repeat(1024)) } },
    ]);

  /** What says that a build made a file. */
  const provenances: readonly ((index: number, subject: Data) => void)[] = [
    // SLSA v1, as of slsa-github-generator
    (index, subject) => {
      const { build } = files[index]!;
      submit({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [subject, ...(random.chance(0.3) ? [empty()] : [])],
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: {
          buildDefinition: {
            buildType: 'https://ci.example/type',
            resolvedDependencies: [commitOf(build), ...materials(build)],
          },
          runDetails: {
            builder: { id: 'https://ci.example/b' },
            metadata: { invocationId: run(build) },
          },
        },
      });
    },
    // SLSA v0.2, as of Tekton Chains
    (index, subject) => {
      const { build } = files[index]!;
      submit({
        _type: 'https://in-toto.io/Statement/v0.1',
        subject: [subject],
        predicateType: 'https://slsa.dev/provenance/v0.2',
        predicate: {
          builder: { id: 'https://tekton.dev/chains/v2' },
          buildType: 'tekton.dev/v1beta1/TaskRun',
          metadata: { buildInvocationId: run(build) },
          materials: [commitOf(build), placeholder(), ...materials(build)],
        },
      });
    },
    (index, subject) => {
      const { build } = files[index]!;
      const { sha256, sha512 } = subject['digest'] as Record<string, string>;
      const strong = [sha256 && `sha256:${sha256}`, sha512 && `sha512:${sha512}`].filter(Boolean);
      const weak = random.chance(0.3) ? [`md5:${digest('md5', `${tag} weak`)}`] : [];
      say('build.completed', {
        ...{ build: run(build), outcome: 'success', commit: builds[build]!.commit },
        artifacts: [
          {
            ...{ digest: strong[0], otherDigests: [...strong.slice(1), ...weak] },
            ...(subject['uri'] === undefined ? {} : { purl: subject['uri'] }),
          },
        ],
      });
    },
  ];
  const materials = (build: number): Data[] =>
    builds[build]!.used.map((index) => ({
      ...subjectOf(index),
      uri: `file:${files[index]!.name}`,
    }));

  /** An SBOM of a file, as of syft and of cdxgen: with hashes of the components, and an empty file among them. */
  function sbom(index: number): void {
    const { content, name, parts } = files[index]!;
    const component = (part: number) => {
      const set = digestsOf(part);
      return {
        ...{ type: 'library', 'bom-ref': `c${part}`, name: files[part]!.name, version: '1.0' },
        ...(files[part]!.purl === null ? {} : { purl: files[part]!.purl }),
        hashes: Object.entries(CYCLONEDX).flatMap(([algorithm, alg]) =>
          set[algorithm] === undefined ? [] : [{ alg, content: set[algorithm] }],
        ),
      };
    };
    submit({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 + random.below(9) },
      metadata: {
        component: {
          type: 'file',
          'bom-ref': 'root',
          name,
          version: `sha256:${digest('sha256', content)}`,
        },
      },
      components: [
        ...parts.map(component),
        {
          ...{ type: 'file', 'bom-ref': 'empty', name: `/${name}/.keep` },
          hashes: [{ alg: 'SHA-256', content: digest('sha256', EMPTY) }],
        },
      ],
    });
  }

  for (const index of files.keys()) {
    for (let times = 1 + random.below(2); times > 0; times -= 1) {
      random.pick(provenances)(index, subjectOf(index));
    }
    if (files[index]!.parts.length > 0 || random.chance(0.3)) sbom(index);
    if (random.chance(0.2) && !contested.has(index)) {
      const [alias, of] = [
        digest('sha512', files[index]!.content),
        digest('sha256', files[index]!.content),
      ];
      say('alias.asserted', { alias: `sha512:${alias}`, of: `sha256:${of}` });
    }
  }
  // made another file of the version that several of these files are said to be
  if (random.chance(0.7)) {
    say('build.completed', {
      ...{ build: run(builds.length), outcome: 'success' },
      artifacts: [{ purl: `pkg:pypi/${tag}-shared@1.0` }],
    });
  }
  for (const { of, by, kind } of lies) {
    const [victim, liar] = [files[of]!, files[by]!];
    const own = { sha256: digest('sha256', liar.content) };
    // somebody else says rightly whose digest or package URL it is
    const honest = { sha256: digest('sha256', victim.content) };
    if (kind === 'purl') {
      const purl = victim.purl ?? `pkg:npm/${tag}-${of}@1.0.0`;
      random.pick(provenances)(of, subjectOf(of, honest, purl));
      random.pick(provenances)(by, subjectOf(by, own, purl));
      continue;
    }
    if (kind === 'relay' || kind === 'relayed-purl') {
      for (const [about, set, purl] of relays(of, by, kind)) {
        provenances[random.below(2)]!(about, subjectOf(about, set, purl));
      }
      continue;
    }
    const algorithm = kind === 'alias' ? 'sha512' : kind;
    const taken = digest(algorithm, victim.content);
    provenances[random.below(2)]!(of, subjectOf(of, { ...honest, [algorithm]: taken }));
    if (kind === 'alias')
      say('alias.asserted', { alias: `sha512:${taken}`, of: `sha256:${own.sha256}` });
    else provenances[random.below(2)]!(by, subjectOf(by, { ...own, [algorithm]: taken }));
  }

  /**
   * Documents of which each two agree, and that give one thing two sha256 only all together: `[file, its digests, its package URL]`. The
   * last one, or the one in the middle, is wrong.
   */
  function relays(of: number, by: number, kind: string): [number, Data, string | null][] {
    const name = (algorithm: string, file = of): Data => ({
      [algorithm]: digest(algorithm, files[file]!.content),
    });
    const first = { ...name('sha256'), ...name('sha512') };
    if (kind === 'relayed-purl') {
      const purl = `pkg:npm/${tag}-${of}@1.0.0`;
      return [
        [of, first, null],
        [of, name('sha512'), purl],
        [by, name('sha256', by), purl],
      ];
    }
    const wrong = random.chance(0.5) ? of : by;
    const isLong = random.chance(0.3);
    const last = isLong ? 'sha3-256' : 'sha384';
    return [
      [of, first, null],
      [of, { ...name('sha512'), ...name('sha384', isLong ? of : wrong) }, null],
      ...(isLong
        ? [[of, { ...name('sha384'), ...name(last, wrong) }, null] as [number, Data, null]]
        : []),
      [by, { ...name(last, wrong), ...name('sha256', by) }, null],
    ];
  }

  const said = JSON.stringify(envelopes);
  return {
    envelopes: random.shuffled(envelopes),
    files: files.map(({ content }, index) => ({
      names: ['sha256', ...(contested.has(index) ? [] : ['sha512'])]
        .map((algorithm) => `${algorithm}:${digest(algorithm, content)}`)
        .filter((name) => said.includes(name.slice('sha256:'.length))),
      madeBy: new Set([...buildsBehind(index)].map(run)),
    })),
  };

  function buildsBehind(index: number, found = new Set<number>()): Set<number> {
    const { build, parts } = files[index]!;
    found.add(build);
    for (const other of [...builds[build]!.used, ...parts]) buildsBehind(other, found);
    return found;
  }
}

/** Indexes of the files before this one. */
function before(index: number): number[] {
  return Array.from({ length: index }, (_, at) => at);
}
