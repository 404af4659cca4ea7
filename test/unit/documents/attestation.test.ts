import { describe, expect, test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { sha256 } from '../../../src/model/event.ts';
import {
  COMMIT,
  DIGEST,
  dsse,
  edgesOf,
  fixture,
  keysOf,
  nodeOf,
  parse,
  provenanceV02,
  provenanceV1,
  refusalOf,
  statement,
} from './reading.ts';

const RUN = 'https://github.com/acme/app/actions/runs/1/attempts/1';
const details = { builder: { id: 'https://ci.example.org' }, metadata: { invocationId: RUN } };

describe('an in-toto attestation', () => {
  test('is an Attestation under the digest of its bytes, which is the claim of all its edges', () => {
    const text = fixture('intoto/github-bazel-v1.intoto.jsonl');
    const { format, changes } = parse(text);
    expect(format).toBe('sigstore-bundle-v0.3+in-toto-v1+slsa-provenance-v1');
    expect(changes.subject).toEqual({ label: 'Attestation', key: sha256(text) });
    expect(changes.claim).toBe(sha256(text));
    expect(nodeOf(changes, 'Attestation')?.facets).toEqual({
      statement: {
        predicateType: 'https://slsa.dev/provenance/v1',
        statementType: 'https://in-toto.io/Statement/v1',
        payloadType: 'application/vnd.in-toto+json',
        signatures: 1,
        issuedAt: null,
      },
    });
    expect(edgesOf(changes, 'SIGNED_BY')).toEqual([]);
  });

  test('says where the artifact of an npm provenance comes from', () => {
    const { changes } = parse(fixture('intoto/npm-provenance-v0.2.json'));
    const build = 'https://github.com/sigstore/sigstore-js/actions/runs/4503589496/attempts/1';
    const commit = '5b8c0801d1f5d105351a403f58c38269de93f680';
    const [artifact] = keysOf(changes, 'Artifact');
    expect(artifact).toMatch(/^sha512:16bf7e5b/);
    expect(edgesOf(changes).sort()).toEqual(
      [
        `Build ${build} -RAN_ON-> Builder https://github.com/actions/runner`,
        `Commit ${commit} -IN_REPOSITORY-> Repository https://github.com/sigstore/sigstore-js`,
        `Resource https://github.com/sigstore/sigstore-js@refs/heads/main -RESOLVED_TO-> Commit ${commit}`,
        `Build ${build} -BUILT_FROM-> Commit ${commit}`,
        'PackageVersion pkg:npm/sigstore@1.2.0 -VERSION_OF-> Package pkg:npm/sigstore',
        `Artifact ${String(artifact)} -PACKAGED_AS-> PackageVersion pkg:npm/sigstore@1.2.0`,
        `PackageVersion pkg:npm/sigstore@1.2.0 -PACKAGED_AS-> Artifact ${String(artifact)}`,
        `Attestation ${String(changes.claim)} -ATTESTS-> Artifact ${String(artifact)}`,
        `Artifact ${String(artifact)} -GENERATED_BY-> Build ${build}`,
      ].sort(),
    );
  });

  test('states what it says itself and only mentions what it refers to', () => {
    const { changes } = parse(fixture('intoto/oss-rebuild-v1.json'));
    const resolved = new Map(
      changes.nodes.map(({ label, key, resolved }) => [`${label} ${key}`, resolved]),
    );
    expect(
      resolved.get(
        'Build https://docs.oss-rebuild.dev/hosts/Google#2de14433-ee9f-49d7-80db-ac4cb482ce95',
      ),
    ).toBe(true);
    expect(resolved.get('Commit 5c91505e184aff4609c0a7fb235770c2f71db4a3')).toBe(false);
    expect(
      resolved.get(
        'Artifact sha256:3be987e6cde1d07e873c012bf6cfe941e6e85d16ca5fc5b8bedc675451d2de67',
      ),
    ).toBe(false);
    expect(resolved.get('Repository https://github.com/chalk/chalk')).toBe(true);
  });

  test('joins the digests of one subject in both directions, best first', () => {
    const { changes } = parse(fixture('intoto/oss-rebuild-v1.json'));
    const [same, back] = edgesOf(changes, 'SAME_AS');
    expect(same).toMatch(/^Artifact sha256:6ecef297.* -SAME_AS-> Artifact sha512:faf5e72c/);
    expect(back).toMatch(/^Artifact sha512:faf5e72c.* -SAME_AS-> Artifact sha256:6ecef297/);
    expect(edgesOf(changes, 'GENERATED_BY')).toHaveLength(1);
  });

  test('gives the build its times, its parameters and, once finished, success', () => {
    const { changes } = parse(fixture('intoto/oss-rebuild-v1.json'));
    expect(nodeOf(changes, 'Build')?.facets).toEqual({
      type: { buildType: 'https://docs.oss-rebuild.dev/builds/Rebuild@v0.1' },
      parameters: {
        parameters:
          '{"artifact":"chalk-5.6.0.tgz","ecosystem":"npm","package":"chalk","version":"5.6.0"}',
      },
      start: { startedAt: Date.parse('2025-08-24T07:22:53.368Z') },
      end: { finishedAt: Date.parse('2025-08-24T07:23:32.748Z'), outcome: 'success' },
    });
    expect(changes.validFrom).toBe(Date.parse('2025-08-24T07:23:32.748Z'));
  });

  test('keeps at most 16 kB of parameters', () => {
    const { changes } = parse(
      provenanceV1({ externalParameters: { long: 'x'.repeat(20_000) } }, details),
    );
    const parameters = nodeOf(changes, 'Build')?.facets as { parameters?: { parameters?: string } };
    expect(parameters.parameters?.parameters).toHaveLength(16_384);
  });

  test('of another predicate type attests its subjects and says nothing about a build', () => {
    const { format, changes } = parse(
      statement({ predicateType: 'https://in-toto.io/attestation/vulns/v0.2' }),
    );
    expect(format).toBe('in-toto-v1');
    expect(keysOf(changes, 'Build')).toEqual([]);
    expect(edgesOf(changes)).toEqual([
      `Attestation ${String(changes.claim)} -ATTESTS-> Artifact sha256:${DIGEST}`,
    ]);
  });

  test.each(['v1', 'v1.0', 'v1.0?draft'])('reads provenance/%s as version 1', (version) => {
    const predicateType = `https://slsa.dev/provenance/${version}`;
    expect(parse(statement({ predicateType })).format).toBe('in-toto-v1+slsa-provenance-v1');
  });

  test.each(['', 'https://slsa.dev/provenanc/v1', 'constructor', undefined])(
    'keeps a statement whose predicate type is %p, without build',
    (predicateType) => {
      expect(keysOf(parse(statement({ predicateType })).changes, 'Build')).toEqual([]);
    },
  );
});

describe('what went into a build', () => {
  const dependency = (descriptor: Record<string, unknown>) =>
    edgesOf(
      parse(provenanceV1({ resolvedDependencies: [descriptor] }, details)).changes,
      'BUILT_FROM',
      'USED',
      'IN_REPOSITORY',
      'RESOLVED_TO',
    ).map((edge) => edge.replace(`Build ${RUN} `, ''));

  const cases: [what: string, descriptor: Record<string, unknown>, edges: string[]][] = [
    [
      'a commit by gitCommit',
      { uri: 'git+https://github.com/acme/lib', digest: { gitCommit: COMMIT } },
      [
        `Commit ${COMMIT} -IN_REPOSITORY-> Repository https://github.com/acme/lib`,
        `-BUILT_FROM-> Commit ${COMMIT}`,
      ],
    ],
    [
      'a commit by sha1, and the tag that named it',
      {
        uri: 'git+https://github.com/acme/lib.git@refs/tags/@acme/lib@1.0.0',
        digest: { sha1: COMMIT.toUpperCase() },
      },
      [
        `Commit ${COMMIT} -IN_REPOSITORY-> Repository https://github.com/acme/lib`,
        `Resource https://github.com/acme/lib@refs/tags/@acme/lib@1.0.0 -RESOLVED_TO-> Commit ${COMMIT}`,
        `-BUILT_FROM-> Commit ${COMMIT}`,
      ],
    ],
    [
      'a commit that only the URI is pinned to',
      { uri: `git+ssh://git@github.com/acme/lib@${COMMIT}` },
      [
        `Commit ${COMMIT} -IN_REPOSITORY-> Repository https://github.com/acme/lib`,
        `-BUILT_FROM-> Commit ${COMMIT}`,
      ],
    ],
    [
      "a commit that GitLab's runner files under sha256",
      { uri: 'https://gitlab.example.org/acme/lib', digest: { sha256: COMMIT } },
      [
        `Commit ${COMMIT} -IN_REPOSITORY-> Repository https://gitlab.example.org/acme/lib`,
        `-BUILT_FROM-> Commit ${COMMIT}`,
      ],
    ],
    [
      'a commit whose place is in the name',
      { name: 'git+https://github.com/acme/lib', digest: { sha1: COMMIT } },
      [
        `Commit ${COMMIT} -IN_REPOSITORY-> Repository https://github.com/acme/lib`,
        `-BUILT_FROM-> Commit ${COMMIT}`,
      ],
    ],
    [
      'a file of a git repository, by its own digest',
      { uri: 'git+https://github.com/acme/lib@refs/tags/v1', digest: { sha256: DIGEST } },
      [`-USED-> Artifact sha256:${DIGEST}`],
    ],
    [
      'a file by sha1',
      { uri: 'https://example.org/a.tgz', digest: { sha1: COMMIT } },
      [`-USED-> Artifact sha1:${COMMIT}`],
    ],
    [
      'an artifact in capitals',
      { uri: 'a', digest: { SHA256: DIGEST.toUpperCase() } },
      [`-USED-> Artifact sha256:${DIGEST}`],
    ],
    [
      "an image's tag, which resolves to the artifact and is not the same thing",
      { uri: 'pkg:docker/alpine@latest', digest: { sha256: DIGEST } },
      [
        `Resource pkg:docker/alpine@latest -RESOLVED_TO-> Artifact sha256:${DIGEST}`,
        `-USED-> Artifact sha256:${DIGEST}`,
      ],
    ],
    [
      "an image's tag without digest",
      { uri: 'pkg:docker/alpine@latest' },
      ['-USED-> Resource pkg:docker/alpine@latest'],
    ],
    [
      'a package version without digest',
      { uri: 'pkg:npm/left-pad@1.3.0' },
      ['-USED-> PackageVersion pkg:npm/left-pad@1.3.0'],
    ],
    [
      'a branch without digest',
      { uri: 'git+https://github.com/acme/lib@refs/heads/main' },
      ['-USED-> Resource https://github.com/acme/lib@refs/heads/main'],
    ],
    [
      'a page without digest',
      { uri: 'https://github.com/actions/virtual-environments/releases/tag/ubuntu22/1' },
      ['-USED-> Resource https://github.com/actions/virtual-environments/releases/tag/ubuntu22/1'],
    ],
    [
      'a digest without name',
      { digest: { sha256: DIGEST } },
      [`-USED-> Artifact sha256:${DIGEST}`],
    ],
    ['nothing that names anything', { name: 'foo', digest: { sha256: 'short' } }, []],
  ];

  test.each(cases)('%s', (_what, descriptor, edges) => {
    expect(dependency(descriptor)).toEqual(edges);
  });

  test('includes the config source of v0.2 and the parameters of v1 that have a digest', () => {
    const source = {
      uri: 'git+https://github.com/acme/app@refs/tags/v1',
      digest: { sha1: COMMIT },
    };
    const v02 = provenanceV02({
      invocation: { configSource: source },
      metadata: { buildInvocationID: '1-1' },
    });
    const v1 = provenanceV1({ externalParameters: { source } }, details);
    const draft = provenanceV1({ externalParameters: { source: { artifact: source } } }, details);
    for (const document of [v02, v1, draft]) {
      expect(edgesOf(parse(document).changes, 'BUILT_FROM')).toEqual([
        `Build ${RUN} -BUILT_FROM-> Commit ${COMMIT}`,
      ]);
    }
  });
});

describe('subjects of a statement', () => {
  const attested = (subject: unknown) =>
    edgesOf(parse(statement({ subject, predicateType: 'x' })).changes, 'ATTESTS').map((edge) =>
      edge.replace(/^.*-> /, ''),
    );

  test('are left out without digest; the attestation stays', () => {
    expect(attested([])).toEqual([]);
    expect(attested(undefined)).toEqual([]);
    expect(
      attested([{ name: 'a' }, { name: 'b', digest: {} }, { digest: { sha256: DIGEST } }]),
    ).toEqual([`Artifact sha256:${DIGEST}`]);
  });

  test('are one artifact under several names', () => {
    const digest = { sha256: DIGEST };
    expect(
      attested([
        { name: 'a', digest },
        { name: 'b', digest },
        { name: 'a', digest },
      ]),
    ).toEqual([`Artifact sha256:${DIGEST}`]);
  });

  test('keep digests of made-up algorithms', () => {
    expect(attested([{ name: '_', digest: { gce_image_id: '8970095005306000053' } }])).toEqual([
      'Artifact gce_image_id:8970095005306000053',
    ]);
    expect(attested([{ name: 'x', digest: { foo: 'bar' } }])).toEqual(['Artifact foo:bar']);
  });

  test('are commits where git is meant', () => {
    expect(attested([{ digest: { gitCommit: COMMIT } }])).toEqual([`Commit ${COMMIT}`]);
    expect(attested([{ name: 'git://github.com/a/b', digest: { sha1: COMMIT } }])).toEqual([
      `Commit ${COMMIT}`,
    ]);
    expect(
      attested([
        {
          name: 'v1',
          uri: `git+https://github.com/a/b@${COMMIT}`,
          digest: { gitCommit: COMMIT, sha1: COMMIT },
        },
      ]),
    ).toEqual([`Commit ${COMMIT}`]);
    expect(attested([{ digest: { sha1: COMMIT } }])).toEqual([`Artifact sha1:${COMMIT}`]);
  });

  test('are packages where the name is a purl, %40 and all', () => {
    const subject = [{ name: 'pkg:npm/%40acme/lib@1.0.0', digest: { sha512: 'b'.repeat(128) } }];
    expect(keysOf(parse(statement({ subject })).changes, 'PackageVersion')).toEqual([
      'pkg:npm/%40acme/lib@1.0.0',
    ]);
  });

  test('are refused where the digest is not a set', () => {
    expect(refusalOf(statement({ subject: [{ name: 'a', digest: DIGEST }] }))).toMatch(
      /^DOCUMENT_MALFORMED: .*'subject\.0\.digest' must be an object/,
    );
  });
});

describe('a statement', () => {
  test('may call its members as protobuf does', () => {
    const { format, changes } = parse(fixture('intoto/chainloop-type.json'));
    expect(format).toBe('dsse+in-toto-v1');
    expect(edgesOf(changes, 'ATTESTS').filter((edge) => edge.includes('Commit'))).toHaveLength(1);
    expect(nodeOf(changes, 'Attestation')?.facets).toMatchObject({
      statement: { predicateType: 'chainloop.dev/attestation/v0.2' },
    });
  });

  test('of an unknown version is refused, not guessed at', () => {
    expect(refusalOf(fixture('intoto/statement-v0.2.json'))).toMatch(
      /^DOCUMENT_UNSUPPORTED: 'https:\/\/in-toto\.io\/Statement\/v0\.2'/,
    );
    expect(refusalOf(statement({ _type: 'https://in-toto.io/StatementA/v0.1' }))).toMatch(
      /^DOCUMENT_UNSUPPORTED/,
    );
  });

  test('with a predicate that is not an object is about its subjects, with a warning', () => {
    const { changes, warnings } = parse(statement({ predicate: 'x' }));
    expect(keysOf(changes, 'Artifact')).toEqual([`sha256:${DIGEST}`]);
    expect(warnings).toMatchObject([{ path: 'predicate' }]);
  });

  test('loses the subject that cannot be read, with a warning, and is refused where none can', () => {
    const good = { name: 'a', digest: { sha256: DIGEST } };
    const { changes, warnings } = parse(statement({ subject: [7, { digest: 'x' }, good] }));
    expect(keysOf(changes, 'Artifact')).toEqual([`sha256:${DIGEST}`]);
    expect(warnings.map(({ path }) => path)).toEqual(['subject.0', 'subject.1.digest']);
    expect(refusalOf(statement({ subject: [7] }))).toMatch(/^DOCUMENT_MALFORMED: .*'subject\.0'/);
  });
});

describe('an envelope', () => {
  test('may be written in standard or URL-safe base64, with or without padding', () => {
    const value = statement({ note: '>>>???~~~ü' });
    const text = JSON.stringify(value);
    for (const payload of ['base64', 'base64url'].map((encoding) =>
      Buffer.from(text).toString(encoding as 'base64'),
    )) {
      expect(parse(dsse(value, { payload })).format).toBe('dsse+in-toto-v1+slsa-provenance-v1');
    }
  });

  const bundle = (mediaType: string) => ({
    mediaType,
    verificationMaterial: {},
    dsseEnvelope: dsse(statement()),
  });
  test.each([
    ['application/vnd.dev.sigstore.bundle+json;version=0.1', 'sigstore-bundle-v0.1'],
    ['application/vnd.dev.sigstore.bundle+json;version=0.2', 'sigstore-bundle-v0.2'],
    ['application/vnd.dev.sigstore.bundle+json;version=0.3', 'sigstore-bundle-v0.3'],
    ['application/vnd.dev.sigstore.bundle.v0.3+json', 'sigstore-bundle-v0.3'],
  ])('is read as %s', (mediaType, format) => {
    expect(parse(bundle(mediaType)).format).toBe(`${format}+in-toto-v1+slsa-provenance-v1`);
  });

  const refusals: [what: string, document: unknown, reason: RegExp][] = [
    [
      'a bundle of version 99.9',
      fixture('intoto/bundle-unknown-version.json'),
      /UNSUPPORTED: .*version=99\.9.*reads versions 0\.1, 0\.2 and 0\.3/,
    ],
    [
      'a bundle over a file',
      {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {},
        messageSignature: {},
      },
      /UNSUPPORTED: .*messageSignature/,
    ],
    [
      'another payload type',
      dsse(statement(), { payloadType: 'https://witness.testifysec.com/policy/v0.1' }),
      /UNSUPPORTED: .*policy\/v0\.1/,
    ],
    [
      'a payload that is not base64',
      dsse(statement(), { payload: '{}' }),
      /MALFORMED: .*not base64/,
    ],
    [
      'a payload that is not text',
      dsse(statement(), { payload: 'INVALID' }),
      /MALFORMED: .*not decode to UTF-8/,
    ],
    [
      'a payload that is not JSON',
      dsse(statement(), { payload: Buffer.from('hello').toString('base64') }),
      /MALFORMED: .*payload.*not JSON/,
    ],
    ['a payload that is not a statement', dsse({}), /MALFORMED: .*not hold an in-toto statement/],
  ];
  test.each(refusals)('is refused for %s', (_what, document, reason) => {
    expect(refusalOf(document)).toMatch(reason);
  });

  test.each([
    [
      'a bundle with two signatures',
      JSON.parse(fixture('intoto/bundle-two-signatures.json')) as unknown,
      /2 signatures; a bundle has exactly one/,
    ],
    [
      'a bundle without material',
      {
        ...bundle('application/vnd.dev.sigstore.bundle.v0.3+json'),
        verificationMaterial: undefined,
      },
      /verificationMaterial/,
    ],
    ['no signatures at all', dsse(statement(), { signatures: undefined }), /signatures/],
  ])('that nobody can verify says what it says: %s', (_what, document, warning) => {
    const { changes, warnings } = parse(document);
    expect(keysOf(changes, 'Artifact')).not.toEqual([]);
    expect(warnings).toEqual([
      expect.objectContaining({ message: expect.stringMatching(warning) }),
    ]);
    expect(nodeOf(changes, 'Attestation')?.facets).toMatchObject({
      warnings: { warnings: warnings.map(({ message }) => message) },
    });
  });

  test('with several signatures is legal as bare DSSE', () => {
    const { changes } = parse(
      dsse(statement(), { signatures: [{ sig: 'AA==' }, { sig: 'AQ==' }, { sig: 'Ag==' }] }),
    );
    expect(nodeOf(changes, 'Attestation')?.facets).toMatchObject({ statement: { signatures: 3 } });
  });
});

test('a refusal tells where in the document', () => {
  let thrown: unknown;
  try {
    parse(statement({ subject: 'x' }));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(StemmaError);
  expect((thrown as StemmaError).details).toEqual({ path: 'subject' });
});
