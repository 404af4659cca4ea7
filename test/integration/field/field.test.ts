import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startField, type Field, type Ingested, type IngestOptions } from '../../support/field.ts';

const CASES = fileURLToPath(new URL('../../fixtures/field/', import.meta.url));

let field: Field;
const directories: string[] = [];
beforeAll(async () => {
  field = await startField();
});
afterAll(async () => {
  await field.stop();
  for (const dir of directories) rmSync(dir, { recursive: true, force: true });
});

type Case = {
  readonly name: string;
  /** Ingests the files of the case, and expects that all of them are taken. */
  ingest(options?: IngestOptions): Promise<Ingested>;
  /** Ingests them, whatever becomes of them. */
  attempt(): Promise<Ingested>;
  /** Runs `make.sh` in a directory of its own, and gives that directory and what was printed. */
  make(...args: string[]): { readonly dir: string; readonly printed: string };
};

const written = new Set<string>();

function fieldCase(name: string, run: (it: Case) => Promise<void>): void {
  written.add(name);
  const paths = () =>
    readdirSync(join(CASES, name))
      .sort()
      .map((file) => join(CASES, name, file));
  const attempt = () => field.ingest(paths());
  const it: Case = {
    name,
    attempt,
    async ingest() {
      const ingested = await attempt();
      expect(refusals(ingested)).toEqual([]);
      expect(ingested.exitCode).toBe(0);
      return ingested;
    },
    make(...args) {
      const dir = mkdtempSync(join(tmpdir(), 'stemma-field-'));
      directories.push(dir);
      const printed = execFileSync('bash', [join(CASES, name, 'make.sh'), ...args], {
        cwd: dir,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return { dir, printed };
    },
  };
  test(name, () => run(it));
}

function refusals({ report }: Ingested) {
  return report?.files.filter(({ outcome }) => outcome === 'refused') ?? [];
}

const git = (dir: string, ...args: string[]): string =>
  execFileSync('git', ['-C', dir, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_GRAFT_FILE: '/dev/null' },
  }).trim();

/** Parents of a commit as its object states them, whatever grafts and replace refs say. */
const parentsInObject = (dir: string, commit: string): string[] =>
  git(dir, '--no-replace-objects', 'cat-file', 'commit', commit)
    .split('\n\n')[0]!
    .split('\n')
    .filter((line) => line.startsWith('parent '))
    .map((line) => line.slice('parent '.length))
    .sort();

const parentsInGraph = async (commit: string): Promise<string[]> => {
  const found = await field.resolve(commit, '... on Commit { parents { nodes { key } } }');
  return found.parents.nodes.map(({ key }: { key: string }) => key).sort();
};

const production = (scope: string) => ({ environments: [`${scope}/production`] });

for (const [name, advisory, scope, deployment] of [
  ['01-advisory-purl-qualifiers', 'FIELD-2026-03A', 'fieldc03A', 'c03A-d'],
  ['03-advisory-on-every-version', 'MAL-2026-31A', 'fieldc31A', 'c31A-d'],
  ['04-vex-bom-link-to-other-document', 'FIELD-2026-21A', 'fieldc21A', 'c21A-d'],
] as const) {
  fieldCase(name, async (it) => {
    await it.ingest();
    const { affected } = await field.impact(advisory, production(scope));
    expect(affected).toEqual([`https://ci.example/field#${deployment}`]);
  });
}

fieldCase('02-purl-without-version', async (it) => {
  await it.ingest();
  const affected = ['https://ci.example/field#c03cA-d'];
  const environment = production('fieldc03cA');
  expect(await field.impact('FIELD-2026-03CA', environment)).toMatchObject({ affected });
  expect(
    await field.impact('pkg:pypi/fieldyaml', { ...environment, versions: ['5.3'] }),
  ).toMatchObject({ affected });
});

fieldCase('05-shared-digest-joins-artifacts', async (it) => {
  await it.ingest();
  const reached = await field.lineage(
    'sha256:6265661fa2df4e01da46d0c24f5a88a79237150461ff94f28c48558f4c4f4457',
    'UPSTREAM',
  );
  expect(reached['Build']).toEqual(['https://ci.example/c01A/runs/1']);
  expect(reached['Commit']).toEqual(['d90a42cd83f618876da0321282ed2e35f417c553']);
});

fieldCase('06-one-purl-many-files', async (it) => {
  await it.ingest();
  const file = 'sha256:cc248cc274716e6e23b41e4799b58c613dd07090ef021c0da365ae9267da43c6';
  const reached = await field.lineage(file, 'UPSTREAM');
  expect(reached['Build']).toEqual(['https://ci.example/c04A/runs/1']);
  expect(reached['Commit']).toEqual(['de688b9c7a758dc50985c94fc58a117710638e29']);
  const environment = production('fieldc04A');
  const { affected } = await field.impact('https://ci.example/runner-2', environment);
  expect(affected).toEqual([]);
  const deployed = await field.isDeployed('1d79b861114071ee4e6d6fbbdec042765b8864f2', environment);
  expect(deployed).toEqual({ 'fieldc04A/production': false });
});

fieldCase('07-one-purl-two-hashes-in-one-sbom', async (it) => {
  await it.ingest();
  const first = 'sha256:617ffaf9a94efef13145c5d4da918f2ef0f5349ce1d31a189b27743cf37b977d';
  const second = 'sha256:ce3b3a8361cef3825ca5539eed049887846202cfc6626e06987a5405bc8f5387';
  const reached = await field.lineage(first, 'UPSTREAM');
  expect(reached['Build'] ?? []).toEqual([]);
  expect(reached['Commit'] ?? []).toEqual([]);
  expect(reached['Artifact'] ?? []).not.toContain(second);
  expect(await field.lineage(second, 'UPSTREAM')).toMatchObject({
    Build: ['https://ci.example/c27A/runs/1'],
    Commit: ['75a751e1058da58be62dcdb8b52e5a74e8e26aaa'],
  });
});

fieldCase('08-digest-of-nothing', async (it) => {
  await it.ingest();
  const reached = await field.lineage(
    'sha256:d13ca115991d9171676de0e1dd88bdd76c7e4039ab365ea8b6a6b2db8ff9ed09',
    'UPSTREAM',
  );
  const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const others = Object.values(reached)
    .flat()
    .filter((key) => key !== empty);
  expect(others).toHaveLength(1);
  expect(JSON.stringify(await namesOf(others))).toContain('/etc/alpha.conf');
});

const namesOf = (keys: readonly string[]) =>
  Promise.all(
    keys.map((key) => field.resolve(`PackageVersion:${key}`, 'key ... on PackageVersion { name }')),
  );

fieldCase('09-affects-versions-unaffected', async (it) => {
  await it.ingest();
  expect(await field.impact('FIELD-2026-16A', production('fieldc16A'))).toMatchObject({
    affected: [],
  });
});

fieldCase('10-git-grafts', async (it) => {
  const { dir } = it.make();
  const repository = join(dir, 'grafted-a');
  const head = git(repository, 'rev-parse', 'HEAD');
  const stated = parentsInObject(repository, head);
  expect(stated).toHaveLength(1);
  const first = await field.ingest(['git', repository]);
  expect(first.exitCode).toBe(0);
  expect(await parentsInGraph(head)).toEqual(stated);
  rmSync(join(repository, '.git/info/grafts'));
  const second = await field.ingest(['git', repository]);
  expect(second).toMatchObject({ exitCode: 0, report: { refused: 0 } });
  expect(second.report!.events).toBe(first.report!.events);
  expect(await parentsInGraph(head)).toEqual(stated);
});

fieldCase('11-git-dir-of-a-hook', async (it) => {
  const { dir } = it.make();
  const wanted = join(dir, 'wanted-a');
  const ingested = await field.ingest(['git', wanted], {
    env: { GIT_DIR: join(dir, 'hooked-a', '.git') },
  });
  expect(ingested).toMatchObject({ exitCode: 0, report: { events: 3 } });
  expect(
    await field.resolve(
      git(wanted, 'rev-parse', 'HEAD'),
      '__typename ... on Commit { repositories { nodes { key } } }',
    ),
  ).toEqual({
    __typename: 'Commit',
    repositories: { nodes: [{ key: 'https://git.example/field/wanted-a' }] },
  });
  expect(await field.idOf(git(join(dir, 'hooked-a'), 'rev-parse', 'HEAD'))).toBeNull();
});

fieldCase('12-git-odd-time-zone', async (it) => {
  const { dir, printed } = it.make();
  const [, first, odd] = /first (\w+) odd (\w+)/.exec(printed)!;
  expect(await field.ingest(['git', join(dir, 'dates-a')])).toMatchObject({ exitCode: 0 });
  expect(await field.ingest([join(dir, 'events.json')])).toMatchObject({ exitCode: 0 });
  const then = { ...production('dates-a'), asOf: { valid: '2018-04-01T00:00:00Z' } };
  expect(await field.isDeployed(first!, then)).toEqual({ 'dates-a/production': true });
  expect(await field.resolve(odd!, '... on Commit { committedAt }')).toEqual({
    committedAt: '2018-01-26T08:43:22.000Z',
  });
});

fieldCase('13-jenkins-task-overwrites-pipeline', async (it) => {
  await it.ingest();
  expect(
    await field.resolve('job/shop/12/#12', '... on Build { name state startedAt finishedAt }'),
  ).toEqual({
    name: 'shop',
    state: 'SUCCESS',
    startedAt: '2026-05-01T10:00:00.000Z',
    finishedAt: '2026-05-01T10:20:00.000Z',
  });
});

fieldCase('14-ghes-run-and-image', async (it) => {
  await it.ingest();
  const reached = await field.lineage(
    'sha256:012c8cea455ad684fa021aa413d2bedf5f348e7f0a00bf162e4ca3dea17d0c5c',
    'UPSTREAM',
  );
  expect(reached['Build']).toEqual([
    'https://github.field.example/team/shop/actions/runs/4242/attempts/1',
  ]);
  expect(reached['Commit']).toEqual(['430db79767d7b2f62ba3a0fafca28db67433e66e']);
});

fieldCase('15-github-name-in-another-case', async (it) => {
  await it.ingest();
  const reached = await field.lineage('105af272f6de4ad0959854ed61948cf82aba7290', 'DOWNSTREAM');
  expect(reached['Build']).toHaveLength(1);
  expect(reached['Artifact']).toHaveLength(1);
  expect(
    await field.resolve(`Build:${reached['Build']![0]!}`, '... on Build { name state }'),
  ).toEqual({ name: 'release', state: 'SUCCESS' });
});

fieldCase('16-deployments-of-two-services', async (it) => {
  await it.ingest();
  const environments = ['https://github.com/field-org/monoa/production'];
  for (const commit of [
    '02dec94c4385bd8e90ddc221a0e7e3ab6c8b796a',
    '1c5133dcde79e0e9d690ae4d990847c9387a3d6a',
  ]) {
    expect(await field.isDeployed(commit, { environments })).toEqual({ [environments[0]!]: true });
  }
});

for (const [name, artifact, packages] of [
  [
    '17-duplicate-in-depends-on',
    'sha256:10d9d5f0af3e1ea9b5903c01242cfdcacda0aaab19a429d5fcc69197f4b30876',
    ['pkg:composer/field/aa@1.0.0', 'pkg:composer/field/ba@2.0.0'],
  ],
  [
    '18-identical-component-twice',
    'sha256:1bb40e24e6a0796e097ca5715c42b79634b69cbc7e094aae9aae162c0567d7aa',
    ['pkg:gem/field-ffi@1.17.2'],
  ],
  [
    '27-unknown-licence-id',
    'sha256:4331cb7753cf94fd3fde7bf4bc64a74d6567d41fc87a4f53bdf951f83a8d711c',
    ['pkg:deb/debian/fieldlica@1.0.0', 'pkg:npm/fieldoka@1.0.0'],
  ],
] as const) {
  fieldCase(name, async (it) => {
    await it.ingest();
    expect((await field.lineage(artifact, 'UPSTREAM'))['PackageVersion']).toEqual(packages);
  });
}

fieldCase('19-cdevents-other-outcome', async (it) => {
  const { report } = await it.ingest();
  expect(report!.events).toBe(1);
  const { events } = await field.ask(
    '{ events(source: "https://ci.example/c10", first: 5) { nodes { eventId body } } }',
  );
  expect(events.nodes).toHaveLength(1);
  expect(JSON.stringify(events.nodes[0].body)).toContain('aborted');
  const build = await field.resolve('https://ci.example/c10#run-A', '... on Build { state }');
  expect(build?.state).not.toBe('SUCCESS');
});

fieldCase('20-commit-as-witness-subject', async (it) => {
  await it.ingest();
  const commit = '83f9708ae8793c9960ec832282f89fd274bad7d9';
  expect(
    await field.resolve(
      commit,
      '__typename key ... on Commit { attestations { nodes { __typename } } }',
    ),
  ).toEqual({
    __typename: 'Commit',
    key: commit,
    attestations: { nodes: [{ __typename: 'Attestation' }] },
  });
  expect(await field.idOf(`sha1:${commit}`)).toBeNull();
});

fieldCase('21-buildkit-vcs-of-local-context', async (it) => {
  await it.ingest();
  const commit = '24a5dae5fd79ed490b560ce4652a1765c3bb7dc3';
  const reached = await field.lineage(
    'sha256:5cb4aba9fe5c15b2235492070e07e76d85588c8c4d3e78d102e7ef447fa91d9f',
    'UPSTREAM',
  );
  expect(reached['Commit']).toEqual([commit]);
  expect(reached['Artifact']).toContain(
    'sha256:a1837816ca880cd0fa2232a98665fe80177f89c3a0d0013442779a39ba5a039d',
  );
  expect(await field.resolve(commit, '... on Commit { repositories { nodes { key } } }')).toEqual({
    repositories: { nodes: [{ key: 'https://github.com/field-org/api' }] },
  });
});

fieldCase('22-cyclonedx-inside-attestation', async (it) => {
  await it.ingest();
  const { affected } = await field.impact('FIELD-2026-05A', production('fieldc05A'));
  expect(affected).toEqual(['https://ci.example/field#c05A-d']);
  const reached = await field.lineage(
    'sha256:a8adaaf35e6bf4dc6d63e371461ebb092cd769d5c9129e9d24b756cae6b204b1',
    'UPSTREAM',
  );
  expect(reached['PackageVersion']).toEqual(['pkg:npm/field-left-pad@1.3.0']);
});

fieldCase('23-placeholder-material', async (it) => {
  await it.ingest();
  const reached = await field.lineage(
    'sha256:18e85379599937624b88efada7e9abd46a7150a8eb925bc0d7a905236b0ad1ed',
    'UPSTREAM',
  );
  expect(Object.keys(reached)).toEqual(['Build']);
  expect(reached['Build']).toHaveLength(1);
  expect(await field.idOf('Resource:.git')).toBeNull();
});

fieldCase('24-refs-in-another-encoding', async (it) => {
  await it.ingest();
  expect(
    await field.resolve(
      'pkg:npm/%40fielda/core@7.0.0',
      '... on PackageVersion { dependencies { nodes { key } } }',
    ),
  ).toEqual({ dependencies: { nodes: [{ key: 'pkg:npm/field-depa@1.0.0' }] } });
});

fieldCase('25-run-of-a-fork', async (it) => {
  await it.ingest();
  const found = await field.resolve(
    '6af4d078a6e8aa7f2ecdca7b6b77f9d1609d8849',
    '... on Commit { repositories { nodes { key } } }',
  );
  expect(found.repositories.nodes).toContainEqual({ key: 'https://github.com/somebody/upa' });
});

fieldCase('26-bundle-with-unknown-line', async (it) => {
  const { exitCode, report } = await it.ingest();
  expect(exitCode).toBe(0);
  expect(JSON.stringify(report)).toMatch(/"line":2|lines? 2/); // named as skipped
  const reached = await field.lineage(
    'sha256:bc5a6207f76b5a78d2bced0458d6f58c09b87ec4a51c2a8e0ed4a1c76ee281f1',
    'UPSTREAM',
  );
  expect(reached['Build']).toEqual(['https://ci.example/c17A/runs/1']);
});

fieldCase('30-nested-components', async (it) => {
  await it.ingest();
  for (const purl of [
    'pkg:npm/field-outera@1.0.0',
    'pkg:npm/field-innera@2.0.0',
    'pkg:npm/field-innermosta@3.0.0',
  ]) {
    expect(await field.resolve(purl, '__typename key')).toEqual({
      __typename: 'PackageVersion',
      key: purl,
    });
    expect((await field.lineage(purl, 'DOWNSTREAM'))['Artifact'] ?? []).toEqual([]);
  }
});

fieldCase('31-gitlab-job-two-provenances', async (it) => {
  await it.ingest();
  for (const made of [
    'sha256:c961a27b10a85fe8affc34245a978440fae2a2adb230cad1fe07108fc8374689',
    'pkg:npm/%40field-group/shopa@1.0.0',
  ]) {
    const reached = await field.lineage(made, 'UPSTREAM');
    expect(reached['Build']).toEqual(['https://gitlab.com/field-group/shopa/-/jobs/880001']);
    expect(reached['Commit']).toEqual(['09beb6873ac8fbd48fec02a1909a3f04e481e5c4']);
  }
});

fieldCase('32-v-prefixed-versions', async (it) => {
  await it.ingest();
  const affected = async (range: string) => {
    const options = { ...production('fieldc32A'), range };
    return (await field.impact('pkg:composer/field/dotenv', options)).affected;
  };
  expect(await affected('vers:composer/<6.4.4')).toEqual(['https://ci.example/field#c32A-d']);
  expect(await affected('vers:composer/>=6.4.4')).toEqual([]);
});

fieldCase('33-tekton-two-repositories', async (it) => {
  await it.ingest();
  const reached = await field.lineage(
    'sha256:117a2bcac9df85d2570f7692057a3e5be25737cb0ea537ae2bba23ce87e14554',
    'UPSTREAM',
  );
  expect(reached['Build']).toEqual([
    'https://tekton.dev/chains/v2#1aa04ff2-9c2a-47f5-9c75-ed43d259649a',
  ]);
  expect(reached['Commit']).toEqual([
    '05c8ebdf4133ca4b3baed629303465f07a559673',
    'b63dfa0b374bca02b9ddb21c98a6e58212f64659',
  ]);
  expect(reached['Artifact']).toContain(
    'sha256:44210fab7f446572d003c0de7b5b95cf2491a4c7237f7bd9f689704f024232fb',
  );
});

for (const name of ['34-bare-buildx-predicate', '35-pep740']) {
  fieldCase(name, async (it) => {
    const { exitCode, report } = await it.attempt();
    expect(exitCode).toBe(1);
    expect(report!.files).toEqual([
      expect.objectContaining({ outcome: 'refused', reason: expect.stringMatching(/\w{3}/) }),
    ]);
  });
}

fieldCase('36-git-edge-cases-that-pass', async (it) => {
  const { dir } = it.make('A');
  for (const name of ['replaced', 'octopus', 'sha256', 'bytes']) {
    const repository = join(dir, name);
    expect(await field.ingest(['git', repository])).toMatchObject({ exitCode: 0 });
    const commits = git(
      repository,
      '--no-replace-objects',
      'rev-list',
      '--branches',
      '--tags',
    ).split('\n');
    for (const commit of commits) {
      expect(await parentsInGraph(commit)).toEqual(parentsInObject(repository, commit));
    }
  }
  const octopus = git(join(dir, 'octopus'), 'rev-parse', 'main');
  expect(await parentsInGraph(octopus)).toHaveLength(4);
  expect(git(join(dir, 'sha256'), 'rev-parse', 'HEAD')).toHaveLength(64);
  const bytes = git(join(dir, 'bytes'), 'rev-list', 'HEAD').split('\n');
  const read = await Promise.all(
    bytes.map((commit) => field.resolve(commit, '... on Commit { message authorName }')),
  );
  expect(read.map(({ message }) => message.trim())).toEqual([
    'mailmap A',
    'café A',
    'café A',
    'plain A',
  ]);
  expect(new Set(read.map(({ authorName }) => authorName))).toEqual(new Set(['Ann']));
  expect(await field.ingest(['git', join(dir, 'empty')])).toMatchObject({
    exitCode: 0,
    report: { accepted: 1, events: 0, files: [{ reason: expect.stringMatching(/\w{3}/) }] },
  });
  expect(await field.ingest(['git', join(dir, 'shallow')])).toMatchObject({
    exitCode: 1,
    report: { accepted: 0, files: [{ reason: expect.stringMatching(/shallow/i) }] },
  });
});

test('every folder is a case', () => {
  const folders = readdirSync(CASES).filter((name) => /^\d/.test(name));
  expect([...written].sort()).toEqual(folders.sort());
});
