import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
const dir = mkdtempSync(join(tmpdir(), 'stemma-repository-'));
beforeAll(async () => {
  field = await startField();
});
afterAll(async () => {
  await field.stop();
  rmSync(dir, { recursive: true, force: true });
});

const commit = (digit: string) => `${digit}9`.repeat(20);
let files = 0;

/** Ingests webhooks, in order, as files. */
async function ingest(...payloads: object[]): Promise<void> {
  const paths = payloads.map((payload) => {
    files += 1;
    const path = join(dir, `${files}.json`);
    writeFileSync(path, JSON.stringify(payload));
    return path;
  });
  expect(await field.ingest(paths)).toMatchObject({ exitCode: 0 });
}

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
