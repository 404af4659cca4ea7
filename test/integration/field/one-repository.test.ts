import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const commit = (digit: string) => `${digit}9`.repeat(20);

const ingest = (...documents: object[]) => field.ingestAll(...documents);

function run(server: string, name: string, repositoryId: number, id: number, head: string) {
  return {
    action: 'completed',
    workflow_run: {
      id,
      name: 'release',
      html_url: `${server}/${name}/actions/runs/${id}`,
      head_sha: head,
      event: 'push',
      conclusion: 'success',
      created_at: `2026-05-0${(id % 9) + 1}T10:00:00Z`,
      run_started_at: `2026-05-0${(id % 9) + 1}T10:00:00Z`,
      updated_at: `2026-05-0${(id % 9) + 1}T10:09:00Z`,
    },
    repository: { id: repositoryId, name: name.split('/')[1], html_url: `${server}/${name}` },
    sender: { login: 'ada' },
  };
}

const page = (server: string, name: string, id: number) =>
  `${server}/${name}/actions/runs/${id}/attempts/1`;

test('webhooks of one number under two names are of one repository', async () => {
  const server = 'https://ghe.renamed.example';
  await ingest(
    run(server, 'Team/Old-Shop', 7, 1, commit('a')),
    run(server, 'Team/Shop', 7, 2, commit('b')),
    run(server, 'Team/Other', 8, 3, commit('c')),
  );
  const builds = [page(server, 'team/old-shop', 1), page(server, 'team/shop', 2)];
  for (const name of ['team/old-shop', 'team/shop']) {
    const reached = await field.lineage(`Repository:${server}/${name}`, 'DOWNSTREAM');
    expect(reached['Build']).toEqual(builds);
    expect(reached['Commit']).toEqual([commit('a'), commit('b')]);
  }
  expect(
    await field.resolve(
      `Repository:${server}/team/shop`,
      '... on Repository { name hostId otherNames }',
    ),
  ).toEqual({
    name: 'Team/Shop',
    hostId: 'ghe.renamed.example/7',
    otherNames: [`${server}/team/old-shop`],
  });
  // the page of the run as people find it today
  expect(await field.resolve(`${server}/Team/Shop/actions/runs/1`, '__typename key')).toEqual({
    __typename: 'Build',
    key: page(server, 'team/old-shop', 1),
  });
});

test('a rename or transfer that is told joins what was known by the old name alone', async () => {
  const server = 'https://github.transferred.example';
  await ingest(run(server, 'ada/tap', 9, 1, commit('d')), {
    action: 'transferred',
    changes: { owner: { from: { user: { login: 'Ada' } } } },
    repository: {
      id: 9,
      name: 'tap',
      html_url: `${server}/team/tap`,
      updated_at: '2026-06-01T00:00:00Z',
    },
    sender: { login: 'ada' },
  });
  const reached = await field.lineage(`Repository:${server}/team/tap`, 'DOWNSTREAM');
  expect(reached['Build']).toEqual([page(server, 'ada/tap', 1)]);
});

test('a new repository under an old name is another one, in any order of arrival', async () => {
  for (const [server, order, heads] of [
    ['https://ghe.taken1.example', [0, 1, 2], ['e', 'f', '4']],
    ['https://ghe.taken2.example', [2, 1, 0], ['5', '6', '7']],
  ] as const) {
    const payloads = [
      run(server, 'team/app', 7, 1, commit(heads[0])),
      run(server, 'team/app-legacy', 7, 2, commit(heads[1])),
      run(server, 'team/app', 55, 3, commit(heads[2])),
    ];
    await ingest(...order.map((at) => payloads[at]!));
    const reached = await field.lineage(`Repository:${server}/team/app-legacy`, 'DOWNSTREAM');
    expect(reached['Build']).toEqual([page(server, 'team/app-legacy', 2)]);
    expect(
      await field.resolve(
        `Repository:${server}/team/app`,
        '... on Repository { hostId otherNames }',
      ),
    ).toEqual({ hostId: `${server.slice('https://'.length)}/55`, otherNames: [] });
  }
});

test('the same number on another host is another repository', async () => {
  const [one, two] = ['https://ghe.host1.example', 'https://ghe.host2.example'];
  await ingest(run(one, 'team/a', 7, 1, commit('2')), run(two, 'team/b', 7, 1, commit('3')));
  const reached = await field.lineage(`Repository:${one}/team/a`, 'DOWNSTREAM');
  expect(reached['Build']).toEqual([page(one, 'team/a', 1)]);
});

test('a run and an environment that are known under two names say so, in any order of arrival', async () => {
  for (const [server, order] of [
    ['https://ghe.both1.example', [0, 1, 2, 3, 4]],
    ['https://ghe.both2.example', [4, 3, 2, 1, 0]],
  ] as const) {
    const deployed = (name: string, id: number, day: number) => ({
      action: 'created',
      deployment: {
        ...{ id, sha: commit('8'), environment: 'production', task: 'deploy' },
        created_at: `2026-05-0${day}T11:00:00Z`,
      },
      deployment_status: { id, state: 'success', created_at: `2026-05-0${day}T11:05:00Z` },
      repository: { id: 7, html_url: `${server}/${name}` },
    });
    const renamed = {
      action: 'renamed',
      changes: { repository: { name: { from: 'old' } } },
      repository: {
        ...{ id: 7, name: 'new', html_url: `${server}/team/new` },
        updated_at: '2026-05-04T00:00:00Z',
      },
      sender: { login: 'ada' },
    };
    const payloads = [
      ...[run(server, 'team/old', 7, 1, commit('8')), deployed('team/old', 21, 3), renamed],
      ...[run(server, 'team/new', 7, 1, commit('8')), deployed('team/new', 22, 5)],
    ];
    await ingest(...order.map((at) => payloads[at]!));
    const [old, now] = [`${server}/team/old`, `${server}/team/new`];
    const names = async (ref: string) =>
      (await field.resolve(ref, '... on Build { otherNames } ... on Environment { otherNames }'))
        .otherNames as string[];
    expect([
      await names(`Build:${page(server, 'team/new', 1)}`),
      await names(`Build:${page(server, 'team/old', 1)}`),
      await names(`Environment:${now}/production`),
      await names(`Environment:${old}/production`),
    ]).toEqual([
      [page(server, 'team/old', 1)],
      [page(server, 'team/new', 1)],
      [`${old}/production`],
      [`${now}/production`],
    ]);
    const { stdout } = await field.cli(['get', `Environment:${now}/production`]);
    expect(stdout).toContain(`${old}/production`);
  }
});

describe.each([
  ['before the rename is told', [0, 1, 2]],
  ['after the rename is told', [2, 1, 0]],
] as const)(
  'what is asked with the old name leads to what is known under the new one: %s',
  (order, at) => {
    const server = `https://ghe.asked${at[0]}.example`;
    const [old, now] = [`${server}/team/old`, `${server}/team/new`];
    const head = commit(at[0] === 0 ? '0' : '1').replaceAll('9', '7');
    beforeAll(async () => {
      const renamed = {
        action: 'renamed',
        changes: { repository: { name: { from: 'old' } } },
        repository: {
          ...{ id: 7, name: 'new', html_url: now },
          updated_at: '2026-05-04T00:00:00Z',
        },
        sender: { login: 'ada' },
      };
      const deployed = {
        action: 'created',
        deployment: {
          ...{ id: 31, sha: head, environment: 'production', task: 'deploy' },
          created_at: '2026-05-05T11:00:00Z',
        },
        deployment_status: { id: 32, state: 'success', created_at: '2026-05-05T11:05:00Z' },
        repository: { id: 7, html_url: now },
      };
      const payloads = [run(server, 'team/new', 7, 4, head), deployed, renamed];
      await ingest(...at.map((one) => payloads[one]!));
    });

    test.each([
      [`${old}/actions/runs/4`, 'Build', page(server, 'team/new', 4)],
      [`Build:${page(server, 'team/old', 4)}`, 'Build', page(server, 'team/new', 4)],
      [`${server}/api/v3/repos/Team/Old/actions/runs/4`, 'Build', page(server, 'team/new', 4)],
      [`${old}/production`, 'Environment', `${now}/production`],
      [`Environment:${old}/production`, 'Environment', `${now}/production`],
      [`${old}#deployments/31`, 'Deployment', `${now}#deployments/31`],
    ])('resolve and lineage of %s', async (ref, label, key) => {
      expect(await field.resolve(ref, '__typename key')).toEqual({ __typename: label, key });
      const { exitCode, stdout } = await field.cli(['get', ref]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(key);
    });

    test('lineage, builds, commits and the timeline of the repository', async () => {
      const reached = await field.lineage(`Repository:${old}`, 'DOWNSTREAM');
      expect(reached['Build']).toEqual([page(server, 'team/new', 4)]);
      const { id } = await field.resolve(`Repository:${old}`, 'id');
      const found = await field.ask(
        `query ($old: String!, $id: ID!) {
         builds(repository: $old) { nodes { key } }
         commits(repository: $old) { nodes { key } }
         timeline(of: $id, first: 500) { nodes { type } }
         lineage(of: $id, direction: DOWNSTREAM, where: { repository: $old }) { nodes { node { label key } } } }`,
        { old, id },
      );
      expect(found.builds.nodes).toEqual([{ key: page(server, 'team/new', 4) }]);
      expect(found.commits.nodes).toEqual([{ key: head }]);
      const types = found.timeline.nodes.map(({ type }: { type: string }) => type) as string[];
      expect(types).toEqual(expect.arrayContaining(['source.repository.named', 'build.completed']));
      expect(found.lineage.nodes.map(({ node }: { node: unknown }) => node)).toContainEqual({
        label: 'Commit',
        key: head,
      });
    });

    test('isDeployed, impact, live deployments, the latest and the figures of an environment', async () => {
      const found = await field.ask(
        `query ($head: String!, $in: String!, $id: ID!) {
         isDeployed(commit: $head, environments: [$in]) { environments { environment { key } deployed } }
         impact(of: $id, environments: [$in]) { affectedCount }
         now: deployments(environment: $in, live: true) { nodes { key } }
         then: deployments(environment: $in, live: true, asOf: { valid: "2026-05-06T00:00:00Z" }) { nodes { key } }
         all: deployments(environment: $in) { nodes { key } }
         latestDeployments(environment: $in) { nodes { key } }
         statistics(since: "2026-05-01T00:00:00Z", until: "2026-06-01T00:00:00Z", environment: $in) {
           deployments { succeeded } } }`,
        {
          ...{ head, in: `${old}/production` },
          id: (await field.resolve(`Commit:${head}`, 'id')).id,
        },
      );
      expect(found.isDeployed.environments).toEqual([
        { environment: { key: `${now}/production` }, deployed: true },
      ]);
      expect(found.impact.affectedCount).toBe(1);
      for (const list of ['now', 'then', 'all', 'latestDeployments']) {
        expect([list, found[list].nodes]).toEqual([list, [{ key: `${now}#deployments/31` }]]);
      }
      expect(found.statistics.deployments.succeeded).toBe(1);
    });

    test('search', async () => {
      const { search } = await field.ask(
        `query ($text: String!) { search(text: $text, kinds: ["Build", "Deployment"]) { nodes { key } } }`,
        { text: old },
      );
      const keys = search.nodes.map(({ key }: { key: string }) => key) as string[];
      expect(keys.toSorted()).toEqual(
        [`${now}#deployments/31`, page(server, 'team/new', 4)].toSorted(),
      );
    });
  },
);

test('pkg:github of an old name leads to what is known under the new one', async () => {
  await field.post([
    {
      ...{ specversion: '1.0', id: 'named', source: 'https://github.com/renamed-k1/new' },
      ...{ type: 'source.repository.named', time: '2026-05-04T00:00:00Z' },
      data: {
        ...{ repository: 'https://github.com/renamed-k1/new', hostId: '70001' },
        formerly: 'https://github.com/renamed-k1/old',
      },
    },
    {
      ...{ specversion: '1.0', id: 'b1', source: 'https://ci.renamed-k1.example' },
      ...{ type: 'build.completed', time: '2026-05-05T00:00:00Z' },
      data: {
        ...{ build: 'https://ci.renamed-k1.example/1', outcome: 'success' },
        materials: [`pkg:github/renamed-k1/new@${commit('6')}`],
      },
    },
  ]);
  const found = await field.resolve(`pkg:github/Renamed-K1/Old@${commit('6')}`, '__typename key');
  expect(found).toEqual({
    __typename: 'PackageVersion',
    key: `pkg:github/renamed-k1/new@${commit('6')}`,
  });
});

test('the old name that a new repository has is the new one alone, in any order of arrival', async () => {
  for (const [server, order] of [
    ['https://ghe.asked-taken1.example', [0, 1]],
    ['https://ghe.asked-taken2.example', [1, 0]],
  ] as const) {
    const heads = order[0] === 0 ? ['1', '2'] : ['3', '4'];
    const payloads = [
      run(server, 'team/moved', 7, 1, commit(heads[0]!).replaceAll('9', '5')),
      run(server, 'team/app', 55, 3, commit(heads[1]!).replaceAll('9', '5')),
    ];
    await ingest(...order.map((at) => payloads[at]!));
    const { builds } = await field.ask(
      `query ($of: String!) { builds(repository: $of) { nodes { key } } }`,
      { of: `${server}/team/app` },
    );
    expect(builds.nodes).toEqual([{ key: page(server, 'team/app', 3) }]);
    const { resolve } = await field.ask(`query ($ref: String!) { resolve(ref: $ref) { key } }`, {
      ref: `${server}/team/app/actions/runs/1`,
    });
    expect(resolve).toBeNull();
  }
});
