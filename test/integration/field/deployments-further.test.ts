import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

/** Issue 9, kind 7: what other producers say of what waits, runs, was tried and taken back (cases 07 to 13 and 19 of field-api). */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

let count = 0;

const ingest = (...documents: object[]) => field.ingestAll(...documents);

/** Sends events, and expects that each is applied. */
async function send(...events: readonly object[]): Promise<void> {
  const receipts = await field.post(events);
  expect(receipts.filter(({ status }) => status !== 'APPLIED')).toEqual([]);
}

type Teller = (type: string, time: string, data: object) => object;

/** A source that tells events of ours: times are of May 2026, as `02T10:00`. */
const teller =
  (source: string): Teller =>
  (type, time, data) => {
    count += 1;
    const envelope = { specversion: '1.0', id: `e${count}`, source, type };
    return { ...envelope, time: `2026-05-${time}:00Z`, data };
  };

const digestOf = (name: string) => `sha256:${sha256(`deployments-further ${name}`)}`;
/** Of the repository with this page: two with one number would be one that was renamed. */
const numberOf = (page: string) => Number.parseInt(sha256(page).slice(0, 8), 16);
const commitOf = (name: string) => sha256(`deployments-further ${name}`).slice(0, 40);

/** What is live in an environment, by the last part of the keys. */
async function live(environment: string): Promise<string[]> {
  const { deployments } = await field.ask(
    `query ($in: String!) { deployments(environment: $in, live: true) { nodes { key } } }`,
    { in: environment },
  );
  return deployments.nodes.map(({ key }: { key: string }) => key.replace(/^.*[#/]/, '')).sort();
}

async function stateOf(ref: string): Promise<string | null> {
  const found = await field.resolve(
    ref,
    '... on Deployment { deployed: state } ... on Build { built: state }',
  );
  return (found.deployed ?? found.built) as string | null;
}

type Figures = { since?: string; until?: string };

/** The delivery figures of May 2026. */
async function figures(environment: string, { since = '01', until = '31' }: Figures = {}) {
  const { statistics } = await field.ask(
    `query ($in: String!, $since: DateTime!, $until: DateTime!) {
       statistics(since: $since, until: $until, environment: $in) {
         deployments { succeeded failed rolledBack changeFailureRate medianLeadTimeSeconds withCommit } } }`,
    {
      in: environment,
      since: `2026-05-${since}T00:00:00Z`,
      until: `2026-05-${until}T00:00:00Z`,
    },
  );
  return statistics.deployments;
}

/** A deployment status of GitHub, as its webhook has it. */
function githubStatus(
  page: string,
  id: number,
  state: string,
  time: string,
  rest: Readonly<Record<string, unknown>> = {},
) {
  count += 1;
  return {
    action: 'created',
    deployment: {
      ...{ id, sha: commitOf(`${page}#${id}`), environment: 'production', task: 'deploy' },
      ...{ created_at: `2026-05-${time.slice(0, 2)}T00:0${id % 10}:00Z`, payload: {}, ...rest },
    },
    deployment_status: { id: 90_000 + count, state, created_at: `2026-05-${time}:00Z` },
    repository: { id: numberOf(page), html_url: page },
    sender: { login: 'bot' },
  };
}

/** A deployment of GitLab, as its webhook has it. */
function gitlabDeployment(page: string, id: number, status: string, time: string, rest = {}) {
  return {
    ...{ object_kind: 'deployment', status, deployment_id: id, deployable_id: 800 + id },
    ...{
      status_changed_at: `2026-05-${time.replace('T', ' ')}:00 +0000`,
      environment: 'production',
    },
    project: { id: 3, web_url: page },
    commit_url: `${page}/-/commit/${commitOf(`${page}#${id}`)}`,
    ...rest,
  };
}

function cdEvent(source: string, type: string, time: string, subject: object, version = '0.4.1') {
  count += 1;
  const named = version.startsWith('0.5') ? { specversion: version } : { version };
  const context = { ...named, id: `cd${count}`, source, timestamp: `2026-05-${time}:00Z` };
  return { context: { ...context, type: `dev.cdevents.${type}.0.2.0` }, subject };
}

describe('07-pending-deployment-live', () => {
  test('GitLab: a deployment that is blocked until somebody approves leaves the one before live', async () => {
    const page = 'https://gitlab.further07a.example/team/shop';
    await ingest(
      gitlabDeployment(page, 1, 'success', '01T10:00'),
      gitlabDeployment(page, 2, 'created', '02T10:00'),
      gitlabDeployment(page, 2, 'blocked', '02T10:01'),
    );
    expect(await live(`${page}/production`)).toEqual(['1']);
    expect(await stateOf(`Deployment:${page}#deployments/2`)).toBe('WAITING');
    expect(await figures(`${page}/production`)).toMatchObject({ succeeded: 1, failed: 0 });
  });

  test('Spinnaker: the first deployment to production waits, as its source reported one to staging', async () => {
    const tell = teller('https://spinnaker.further07b.example/shop');
    const to = (environment: string, deployment: string) => ({
      ...{ deployment, environment, scope: 'further07b', artifacts: [digestOf(deployment)] },
    });
    await send(
      tell('deployment.created', '01T10:00', to('staging', 'v001')),
      tell('deployment.completed', '01T10:05', { deployment: 'v001' }),
      tell('deployment.created', '01T11:00', to('production', 'v002')),
    );
    expect([await live('further07b/staging'), await live('further07b/production')]).toEqual([
      ['v001'],
      [],
    ]);
    expect(await figures('further07b/production')).toMatchObject({ succeeded: 0 });
    await send(tell('deployment.completed', '02T09:00', { deployment: 'v002' }));
    expect(await live('further07b/production')).toEqual(['v002']);
  });

  test('Argo CD: a sync that waits for its window is not live, whatever its source has said before', async () => {
    const tell = teller('https://argocd.further07c.example/applications/shop');
    const to = (deployment: string) => ({
      ...{
        deployment,
        environment: 'prod',
        scope: 'further07c',
        artifacts: [digestOf(deployment)],
      },
    });
    await send(
      tell('deployment.created', '01T10:00', to('sync-1')),
      tell('deployment.created', '02T10:00', to('sync-2')),
      tell('deployment.progressed', '02T10:00', { deployment: 'sync-2', phase: 'waiting' }),
    );
    // nothing has ever completed there: the first one counts from its creation
    expect(await live('further07c/prod')).toEqual(['sync-1']);
    expect(await figures('further07c/prod')).toMatchObject({ succeeded: 1 });
  });

  test('GitHub: queued and in_progress that never go on, told in any order', async () => {
    const page = 'https://github.com/further07d/shop';
    await ingest(
      githubStatus(page, 3, 'in_progress', '03T10:01'),
      githubStatus(page, 2, 'queued', '02T10:01'),
      githubStatus(page, 1, 'success', '01T10:05'),
      githubStatus(page, 1, 'in_progress', '01T10:01'),
    );
    expect(await live(`${page}/production`)).toEqual(['1']);
    expect(await stateOf(`Deployment:${page}#deployments/3`)).toBe('RUNNING');
    expect(await figures(`${page}/production`)).toMatchObject({ succeeded: 1 });
  });
});

describe('16-deployments-of-two-services: what was asked for', () => {
  const FACTS = '... on Deployment { ref task description parameterNames production transient }';
  const UNKNOWN = {
    ...{ ref: null, task: null, description: null, parameterNames: null },
    ...{ production: null, transient: null },
  };

  test('GitHub: two tasks of one environment are told apart, and no value of a payload is kept', async () => {
    const page = 'https://github.com/further16a/shop';
    await ingest(
      githubStatus(page, 1, 'success', '01T10:05', {
        ...{ ref: 'main', task: 'deploy:api', description: 'Release 4' },
        ...{ production_environment: true, transient_environment: false },
        payload: { token: 'further16a-secret', region: 'eu' },
      }),
      githubStatus(page, 2, 'success', '01T10:06', {
        ...{ ref: 'topic', task: 'deploy:docs', environment: 'preview-7', payload: '' },
        ...{ production_environment: false, transient_environment: true },
      }),
    );
    expect(await field.resolve(`Deployment:${page}#deployments/1`, FACTS)).toMatchObject({
      ...{ ref: 'main', task: 'deploy:api', description: 'Release 4' },
      ...{ parameterNames: ['region', 'token'], production: true, transient: false },
    });
    expect(await field.resolve(`Deployment:${page}#deployments/2`, FACTS)).toMatchObject({
      ...UNKNOWN,
      ...{ ref: 'topic', task: 'deploy:docs', production: false, transient: true },
    });
    const { event } = await field.ask(
      `query ($of: String!) { event: resolve(ref: $of) { ... on Deployment { events { nodes { data } } } } }`,
      { of: `Deployment:${page}#deployments/1` },
    );
    expect(event.events.nodes.length).toBeGreaterThan(0);
    expect(JSON.stringify(event)).not.toContain('further16a-secret');
  });

  test('GitLab: its tier says whether it is production, and `other` does not', async () => {
    const page = 'https://gitlab.further16b.example/acme/shop';
    await ingest(
      gitlabDeployment(page, 1, 'success', '01T10:05', {
        ...{ environment_tier: 'production', ref: 'v4' },
      }),
      gitlabDeployment(page, 2, 'success', '02T10:05', { environment_tier: 'other' }),
    );
    expect(await field.resolve(`Deployment:${page}#deployments/1`, FACTS)).toMatchObject({
      ...UNKNOWN,
      ...{ ref: 'v4', production: true },
    });
    expect(await field.resolve(`Deployment:${page}#deployments/2`, FACTS)).toMatchObject(UNKNOWN);
  });

  test('a producer of our own: what is withdrawn is not told any more, and what another event says is', async () => {
    const source = 'https://spinnaker.further16c.example';
    const tell = teller(source);
    const plain = {
      ...{ deployment: 'd1', artifacts: [digestOf('16c')], environment: 'prod', scope: '16c' },
    };
    const wrong = {
      ...tell('deployment.created', '02T10:00', { ...plain, task: 'bake', production: true }),
      id: 'wrong',
    };
    await send(
      tell('deployment.created', '01T10:00', { ...plain, task: 'deploy', production: false }),
      wrong,
    );
    const ref = `Deployment:${source}#d1`;
    expect(await field.resolve(ref, FACTS)).toMatchObject({ task: 'bake', production: true });
    await send(tell('claim.withdrawn', '03T10:00', { claim: `${source} wrong` }));
    expect(await field.resolve(ref, FACTS)).toMatchObject({
      ...UNKNOWN,
      ...{ task: 'deploy', production: false },
    });
  });
});

describe('08-canary-hides-main', () => {
  const slot = (scope: string) => ({ environment: 'prod', scope, service: 'shop' });
  const started = (tell: Teller, day: string, deployment: string, scope: string, rest = {}) => [
    tell('deployment.created', `${day}T10:00`, {
      ...{ deployment, artifacts: [digestOf(`${scope} ${deployment}`)], ...slot(scope), ...rest },
    }),
    tell('deployment.completed', `${day}T10:05`, { deployment }),
  ];

  test('Argo Rollouts: a canary that is aborted leaves the stable one', async () => {
    const tell = teller('https://rollouts.further08a.example');
    await send(
      ...started(tell, '01', 'stable', 'further08a'),
      ...started(tell, '02', 'canary', 'further08a', { parallel: true }),
    );
    expect(await live('further08a/prod')).toEqual(['canary', 'stable']);
    await send(tell('deployment.rolledback', '02T11:00', { deployment: 'canary' }));
    expect(await live('further08a/prod')).toEqual(['stable']);
  });

  test('Flagger: the promotion of a canary ends it and the one before', async () => {
    const tell = teller('https://flagger.further08b.example');
    await send(
      ...started(tell, '01', 'primary-1', 'further08b'),
      ...started(tell, '02', 'canary-2', 'further08b', { parallel: true }),
      ...started(tell, '03', 'primary-2', 'further08b'),
    );
    expect(await live('further08b/prod')).toEqual(['primary-2']);
  });

  test('Spinnaker: baseline and canary run beside the main fleet, and one that fails ends itself alone', async () => {
    const tell = teller('https://spinnaker.further08c.example');
    await send(
      ...started(tell, '02', 'baseline', 'further08c', { parallel: true }),
      ...started(tell, '02', 'canary', 'further08c', { parallel: true }),
      ...started(tell, '01', 'main', 'further08c'),
    );
    expect(await live('further08c/prod')).toEqual(['baseline', 'canary', 'main']);
    await send(tell('deployment.failed', '02T12:00', { deployment: 'canary' }));
    expect(await live('further08c/prod')).toEqual(['baseline', 'main']);
  });

  test('an advisory on the main fleet is not hidden by a canary of agent events', async () => {
    const tell = teller('https://agents.further08d.example');
    const scope = 'further08d';
    const capitals = (type: string, deployment: string, time: string, data: object = {}) => {
      count += 1;
      return {
        ...{ event_type: type, event_id: `cap${count}`, source_agent: 'deployer-08d' },
        ...{ timestamp: `2026-05-${time}:00Z`, metadata: { deployment, ...data } },
      };
    };
    const main = digestOf(`${scope} main`);
    await send(
      tell('artifact.created', '01T09:00', {
        digest: main,
        contains: ['pkg:npm/further08d-bad@1.0.0'],
      }),
      tell('vulnerability.detected', '03T09:00', {
        vulnerability: 'FURTHER-08D',
        affects: ['pkg:npm/further08d-bad@1.0.0'],
      }),
    );
    await send(
      capitals('DEPLOYMENT_CREATED', 'main', '01T10:00', { artifacts: [main], ...slot(scope) }),
      capitals('DEPLOYMENT_COMPLETED', 'main', '01T10:05'),
      capitals('DEPLOYMENT_CREATED', 'canary', '02T10:00', {
        ...{ artifacts: [digestOf(`${scope} canary`)], ...slot(scope), parallel: true },
      }),
      capitals('DEPLOYMENT_COMPLETED', 'canary', '02T10:05'),
    );
    expect(await live(`${scope}/prod`)).toEqual(['canary', 'main']);
    const { affected } = await field.impact('FURTHER-08D', { environments: [`${scope}/prod`] });
    expect(affected.map((key) => key.replace(/^.*#/, ''))).toEqual(['main']);
  });
});

describe('09-rollback-after-failure', () => {
  const created = (tell: Teller, day: string, deployment: string, scope: string) => [
    tell('deployment.created', `${day}T10:00`, {
      ...{ deployment, artifacts: [digestOf(`${scope} ${deployment}`)] },
      ...{ environment: 'prod', scope },
    }),
    tell('deployment.completed', `${day}T10:05`, { deployment }),
  ];
  const undone = (tell: Teller, day: string, deployment: string) => [
    tell('deployment.failed', `${day}T10:10`, { deployment, reason: 'Degraded' }),
    tell('deployment.rolledback', `${day}T10:20`, { deployment }),
  ];

  test('Argo CD: two syncs that were degraded, one after the other, lead back to the same one', async () => {
    const tell = teller('https://argocd.further09a.example');
    await send(
      ...created(tell, '01', 'v1', 'further09a'),
      ...[...created(tell, '02', 'v2', 'further09a'), ...undone(tell, '02', 'v2')],
      ...[...created(tell, '03', 'v3', 'further09a'), ...undone(tell, '03', 'v3')],
    );
    expect(await live('further09a/prod')).toEqual(['v1']);
    expect(await stateOf('Deployment:https://argocd.further09a.example#v3')).toBe('ROLLED_BACK');
    // each of them is one change that failed, and not counted again as rolled back
    expect(await figures('further09a/prod')).toMatchObject({
      ...{ succeeded: 1, failed: 2, rolledBack: 0, changeFailureRate: 2 / 3 },
    });
  });

  test('Spinnaker: the stages are told in reverse order', async () => {
    const tell = teller('https://spinnaker.further09b.example');
    const events = [
      ...created(tell, '01', 'v1', 'further09b'),
      ...[...created(tell, '02', 'v2', 'further09b'), ...undone(tell, '02', 'v2')],
    ];
    for (const event of events.toReversed()) await send(event);
    expect(await live('further09b/prod')).toEqual(['v1']);
  });

  test('Tekton: what is brought back by a run of its own is not brought back twice', async () => {
    const tell = teller('https://tekton.further09c.example');
    await send(
      ...created(tell, '01', 'run-1', 'further09c'),
      ...created(tell, '02', 'run-2', 'further09c'),
      tell('deployment.failed', '02T10:10', { deployment: 'run-2' }),
      ...created(tell, '03', 'run-3', 'further09c'),
      tell('deployment.rolledback', '03T10:10', { deployment: 'run-2' }),
    );
    expect(await live('further09c/prod')).toEqual(['run-3']);
  });

  test('GitHub: failure after success leaves nothing live, and a new deployment of the old commit is', async () => {
    const page = 'https://github.com/further09d/shop';
    await ingest(
      githubStatus(page, 1, 'success', '01T10:05'),
      githubStatus(page, 2, 'success', '02T10:05'),
      githubStatus(page, 2, 'failure', '02T10:10'),
    );
    expect(await live(`${page}/production`)).toEqual([]);
    const sha = commitOf(`${page}#1`);
    await ingest(githubStatus(page, 3, 'success', '03T10:05', { sha }));
    expect(await live(`${page}/production`)).toEqual(['3']);
    expect(await field.isDeployed(sha, { environments: [`${page}/production`] })).toEqual({
      [`${page}/production`]: true,
    });
  });
});

describe('10-cdevents-rollback-not-counted', () => {
  const service = (
    source: string,
    id: string,
    type: string,
    time: string,
    image: string,
    v?: string,
  ) =>
    cdEvent(
      source,
      `service.${type}`,
      time,
      {
        ...{ id, source, type: 'service' },
        content: {
          environment: { id: 'production', source },
          artifactId: `pkg:oci/app@${encodeURIComponent(digestOf(image))}`,
        },
      },
      v,
    );

  test('Spinnaker, CDEvents 0.5: one service of two is rolled back', async () => {
    const tell = (id: string, type: string, time: string, image: string) =>
      service('/further10a', id, type, time, image, '0.5.1');
    await send(
      tell('api', 'deployed', '01T10:00', '10a-api'),
      tell('web', 'deployed', '01T11:00', '10a-web1'),
      tell('web', 'upgraded', '02T10:00', '10a-web2'),
      tell('web', 'rolledback', '02T10:30', '10a-web1'),
    );
    expect(await figures('/further10a/production')).toMatchObject({
      ...{ succeeded: 3, rolledBack: 1, changeFailureRate: 1 / 3 },
    });
  });

  test('Tekton, inside of CloudEvents: rolled back, upgraded again, and rolled back once more', async () => {
    const tell = (type: string, time: string, image: string) => {
      const data = service('/further10b', 'app', type, time, image);
      const { id, type: name, source, timestamp } = data.context as Record<string, string>;
      return { specversion: '1.0', id, source, type: name, time: timestamp, data };
    };
    await send(
      tell('deployed', '01T10:00', '10b-1'),
      tell('upgraded', '02T10:00', '10b-2'),
      tell('rolledback', '02T10:30', '10b-1'),
      tell('upgraded', '03T10:00', '10b-3'),
      tell('rolledback', '03T10:30', '10b-1'),
    );
    expect(await figures('/further10b/production')).toMatchObject({
      ...{ succeeded: 3, rolledBack: 2, changeFailureRate: 2 / 3 },
    });
    const reached = await field.lineage(digestOf('10b-1'), 'DOWNSTREAM');
    expect(reached['Deployment']).toHaveLength(3);
  });

  test('Argo CD: a rollback in a span of its own is told without a rate', async () => {
    const tell = (type: string, time: string, image: string) =>
      service('/further10c', 'app', type, time, image);
    await send(
      tell('deployed', '01T10:00', '10c-1'),
      tell('upgraded', '02T10:00', '10c-2'),
      tell('rolledback', '04T10:30', '10c-1'),
    );
    const { succeeded } = await figures('/further10c/production', { since: '01', until: '04' });
    expect(succeeded).toBe(2);
    expect(await live('/further10c/production')).toHaveLength(1);
  });
});

describe('11-lead-time-of-redeploy', () => {
  const committed = (tell: Teller, name: string, time: string, parents: readonly string[] = []) =>
    tell('source.commit.created', time, {
      ...{ commit: commitOf(name), repository: 'https://git.further11.example/shop' },
      ...{ committedAt: `2026-05-${time}:00Z`, parents: parents.map((parent) => commitOf(parent)) },
    });

  test('GitHub: the same commit is deployed again after a month', async () => {
    const page = 'https://github.com/further11a/shop';
    const tell = teller('https://git.further11a.example');
    await send(committed(tell, `${page}#1`, '01T00:00'), committed(tell, `${page}#2`, '02T00:00'));
    const sha = commitOf(`${page}#1`);
    await ingest(
      githubStatus(page, 1, 'success', '01T01:00'),
      githubStatus(page, 2, 'success', '02T01:00'),
      githubStatus(page, 3, 'success', '20T01:00', { sha }),
    );
    expect(await figures(`${page}/production`, { since: '20' })).toMatchObject({
      ...{ succeeded: 1, medianLeadTimeSeconds: null, withCommit: 0 },
    });
    expect(await figures(`${page}/production`)).toMatchObject({
      ...{ medianLeadTimeSeconds: 3600, withCommit: 2 },
    });
  });

  test('Argo CD: another image of the same commit ships no change', async () => {
    const tell = teller('https://argocd.further11b.example');
    const rollOut = (n: number, time: string, built: string) => [
      tell('build.completed', built, {
        ...{ build: `https://ci.further11b.example/runs/${n}`, outcome: 'success' },
        ...{ commit: commitOf('11b'), artifacts: [{ digest: digestOf(`11b-${n}`) }] },
      }),
      tell('deployment.created', time, {
        ...{ deployment: `v${n}`, artifacts: [digestOf(`11b-${n}`)] },
        ...{ environment: 'prod', scope: 'further11b' },
      }),
      tell('deployment.completed', time, { deployment: `v${n}` }),
    ];
    await send(
      committed(tell, '11b', '01T00:00'),
      ...rollOut(1, '01T02:00', '01T01:00'),
      ...rollOut(2, '15T02:00', '15T01:00'),
    );
    expect(await figures('further11b/prod', { since: '15' })).toMatchObject({ withCommit: 0 });
  });

  test('Spinnaker: a commit that a later one had in it already ships no change', async () => {
    const tell = teller('https://spinnaker.further11c.example');
    const rollOut = (name: string, time: string) => [
      tell('deployment.created', time, {
        ...{ deployment: `${name}-${time}`, commit: commitOf(name) },
        ...{ environment: 'prod', scope: 'further11c' },
      }),
      tell('deployment.completed', time, { deployment: `${name}-${time}` }),
    ];
    await send(
      committed(tell, '11c-old', '01T00:00'),
      committed(tell, '11c-between', '02T00:00', ['11c-old']),
      committed(tell, '11c-new', '03T00:00', ['11c-between']),
      ...rollOut('11c-new', '03T01:00'),
      ...rollOut('11c-old', '20T01:00'),
    );
    expect(await figures('further11c/prod', { since: '20' })).toMatchObject({
      ...{ succeeded: 1, medianLeadTimeSeconds: null, withCommit: 0 },
    });
    expect(await figures('further11c/prod')).toMatchObject({ medianLeadTimeSeconds: 3600 });
  });
});

describe('12-moved-tag', () => {
  /** Who made which image of a tag, and which of them runs, in every question alike. */
  async function check(deployment: string, first: string, second: string, made: readonly string[]) {
    const up = await field.lineage(deployment, 'UPSTREAM');
    expect(up).toMatchObject({ Artifact: [first], Commit: [made[0]] });
    expect((await field.lineage(made[1]!, 'DOWNSTREAM'))['Deployment']).toBeUndefined();
    const { paths } = await field.ask(
      `query ($from: ID!, $to: ID!) { paths(from: $from, to: $to) { paths { length } } }`,
      { from: await field.idOf(deployment), to: await field.idOf(second) },
    );
    expect(paths.paths).toEqual([]);
    const { compromise } = await field.ask(
      `query ($of: ID!) { compromise(of: $of, between: {from: "2026-05-01T00:00:00Z", to: "2026-05-20T00:00:00Z"}) {
         taintedCount } }`,
      { of: await field.idOf(made[1]!) },
    );
    expect(compromise.taintedCount).toBe(0);
  }
  const built = (tell: Teller, name: string, time: string) =>
    tell('build.completed', time, {
      ...{ build: `https://ci.further12.example/runs/${name}`, outcome: 'success' },
      ...{ commit: commitOf(name), artifacts: [{ digest: digestOf(name) }] },
    });

  test('Argo CD: the image tag of a chart', async () => {
    const tell = teller('https://argocd.further12a.example');
    const tag = 'registry.further12a.example/shop:stable';
    const published = (name: string, time: string) =>
      tell('artifact.published', time, { digest: digestOf(name), location: `docker://${tag}` });
    await send(
      ...[built(tell, '12a-1', '01T00:00'), published('12a-1', '01T01:00')],
      tell('deployment.created', '02T00:00', {
        ...{ deployment: 'sync-1', artifacts: [tag], environment: 'prod', scope: 'further12a' },
      }),
      ...[built(tell, '12a-2', '03T00:00'), published('12a-2', '03T01:00')],
    );
    await check(
      'Deployment:https://argocd.further12a.example#sync-1',
      ...([digestOf('12a-1'), digestOf('12a-2')] as const),
      [commitOf('12a-1'), commitOf('12a-2')],
    );
  });

  test('CDEvents: the tag of an artifact that was published twice', async () => {
    const tell = teller('https://ci.further12b.example');
    const source = '/further12b';
    const published = (name: string, time: string) =>
      cdEvent(source, 'artifact.published', time, {
        id: `pkg:oci/shop@${encodeURIComponent(digestOf(name))}?repository_url=registry.further12b.example/shop&tag=main`,
        ...{ source, type: 'artifact', content: {} },
      });
    const deployed = cdEvent(source, 'service.deployed', '02T00:00', {
      ...{ id: 'shop', source, type: 'service' },
      content: {
        environment: { id: 'production', source },
        artifactId: 'registry.further12b.example/shop:main',
      },
    });
    await send(built(tell, '12b-1', '01T00:00'), built(tell, '12b-2', '03T00:00'));
    await send(published('12b-2', '03T01:00'), deployed, published('12b-1', '01T01:00'));
    const id = (deployed.context as { id: string }).id;
    await check(
      `Deployment:${source}#${id}`,
      ...([digestOf('12b-1'), digestOf('12b-2')] as const),
      [commitOf('12b-1'), commitOf('12b-2')],
    );
  });

  test('Tekton: the base image of a build moves afterwards', async () => {
    const tell = teller('https://tekton.further12c.example');
    const base = 'docker://registry.further12c.example/base:22';
    const published = (name: string, time: string) =>
      tell('artifact.published', time, { digest: digestOf(name), location: base });
    await send(
      ...[built(tell, '12c-1', '01T00:00'), published('12c-1', '01T01:00')],
      tell('build.completed', '02T00:00', {
        ...{ build: 'https://tekton.further12c.example/runs/1', outcome: 'success' },
        ...{ materials: [base], artifacts: [{ digest: digestOf('12c-app') }] },
      }),
      ...[built(tell, '12c-2', '03T00:00'), published('12c-2', '03T01:00')],
      tell('deployment.created', '04T00:00', {
        ...{ deployment: 'app', artifacts: [digestOf('12c-app')] },
        ...{ environment: 'prod', scope: 'further12c' },
      }),
    );
    const up = await field.lineage('Deployment:https://tekton.further12c.example#app', 'UPSTREAM');
    expect(up['Artifact']).toEqual([digestOf('12c-1'), digestOf('12c-app')].sort());
    expect(up['Commit']).toEqual([commitOf('12c-1')]);
  });
});

describe('13-rerun-state', () => {
  test('GitLab: a pipeline whose failed job is retried runs, under its one URL', async () => {
    const page = 'https://gitlab.further13a.example/team/shop';
    const hook = (status: string, finished: string | null, builds: readonly object[]) => ({
      object_kind: 'pipeline',
      object_attributes: {
        ...{ id: 9, status, sha: commitOf('13a'), source: 'push' },
        created_at: '2026-05-01 10:00:00 UTC',
        finished_at: finished,
      },
      project: { id: 4, web_url: page },
      builds,
    });
    const job = (
      id: number,
      status: string,
      created: string,
      started?: string,
      ended?: string,
    ) => ({
      ...{ id, name: 'test', status, created_at: `2026-05-01 ${created}:00 UTC` },
      started_at: started === undefined ? null : `2026-05-01 ${started}:00 UTC`,
      finished_at: ended === undefined ? null : `2026-05-01 ${ended}:00 UTC`,
    });
    const failed = job(1, 'failed', '10:00', '10:01', '10:10');
    await ingest(hook('failed', '2026-05-01 10:10:00 UTC', [failed]));
    expect(await stateOf(`${page}/-/pipelines/9`)).toBe('FAILURE');
    // GitLab keeps the creation of the pipeline, and its end until it has another one
    await ingest(
      hook('running', '2026-05-01 10:10:00 UTC', [failed, job(2, 'running', '11:00', '11:01')]),
    );
    expect(
      await field.resolve(`${page}/-/pipelines/9`, '... on Build { state outcome startedAt }'),
    ).toEqual({ state: 'RUNNING', outcome: null, startedAt: '2026-05-01T11:01:00.000Z' });
    await ingest(
      hook('success', '2026-05-01 11:09:00 UTC', [job(2, 'success', '11:00', '11:01', '11:09')]),
    );
    expect(await stateOf(`${page}/-/pipelines/9`)).toBe('SUCCESS');
  });

  test('Jenkins: a run that is started again from a stage, as CDEvents tell it', async () => {
    const source = 'https://jenkins.further13b.example/';
    const run = (type: string, time: string, content: object = {}) =>
      cdEvent(source, `pipelinerun.${type}`, time, {
        ...{ id: 'shop/12', source, type: 'pipelineRun' },
        content: { pipelineName: 'shop', uri: `${source}job/shop/12/`, ...content },
      });
    await send(
      run('started', '01T10:00'),
      run('finished', '01T10:10', { outcome: 'failure' }),
      run('started', '01T11:00'),
    );
    const page = `${source}job/shop/12`;
    expect(await field.resolve(page, '... on Build { state outcome }')).toEqual({
      state: 'RUNNING',
      outcome: null,
    });
    await send(run('finished', '01T11:10', { outcome: 'success' }));
    expect(await stateOf(page)).toBe('SUCCESS');
  });

  test('Tekton: a task run that is tried again keeps its name, and an end that comes late ends nothing', async () => {
    const source = 'https://tekton.further13c.example/ns';
    const task = (type: string, time: string, content: object = {}) =>
      cdEvent(source, `taskrun.${type}`, time, {
        ...{ id: 'build-x7k2p', source, type: 'taskRun' },
        content: { taskName: 'build', ...content },
      });
    await send(task('started', '01T11:00'), task('started', '01T10:00'));
    await send(task('finished', '01T10:10', { outcome: 'error' }));
    const key = `${source}#build-x7k2p`;
    expect(await stateOf(`Build:${key}`)).toBe('RUNNING');
  });

  test('GitHub: a second attempt is a run beside the first', async () => {
    const page = 'https://github.com/further13d/shop';
    const run = (attempt: number, action: string, conclusion: string | null) => ({
      action,
      workflow_run: {
        ...{ id: 77, run_attempt: attempt, head_sha: commitOf('13d'), event: 'push', conclusion },
        ...{ html_url: `${page}/actions/runs/77`, created_at: '2026-05-01T10:00:00Z' },
        run_started_at: `2026-05-01T1${attempt}:00:00Z`,
        updated_at: `2026-05-01T1${attempt}:10:00Z`,
      },
      repository: { id: numberOf(page), html_url: page },
      sender: { login: 'bot' },
    });
    await ingest(run(1, 'completed', 'failure'), run(2, 'in_progress', null));
    expect([
      await stateOf(`${page}/actions/runs/77/attempts/1`),
      await stateOf(`${page}/actions/runs/77/attempts/2`),
    ]).toEqual(['FAILURE', 'RUNNING']);
  });
});

describe('19-github-transient-environment', () => {
  const preview = { environment: 'preview', transient_environment: true };

  test('one preview that ends leaves the others', async () => {
    const page = 'https://github.com/further19a/shop';
    await ingest(
      githubStatus(page, 1, 'success', '01T10:00', preview),
      githubStatus(page, 2, 'success', '02T10:00', preview),
      githubStatus(page, 3, 'success', '03T10:00', preview),
      githubStatus(page, 2, 'inactive', '04T10:00', preview),
    );
    expect(await live(`${page}/preview`)).toEqual(['1', '3']);
  });

  test('a preview that is built again is the one of its pull request', async () => {
    const page = 'https://github.com/further19b/shop';
    const of = (ref: string) => ({ ...preview, ref });
    await ingest(
      githubStatus(page, 1, 'success', '01T10:00', of('refs/pull/7/merge')),
      githubStatus(page, 2, 'success', '02T10:00', of('refs/pull/8/merge')),
      githubStatus(page, 3, 'success', '03T10:00', of('refs/pull/7/merge')),
      githubStatus(page, 1, 'inactive', '03T10:01', of('refs/pull/7/merge')),
    );
    expect(await live(`${page}/preview`)).toEqual(['2', '3']);
  });

  test('an environment that is said not to be transient has one live deployment', async () => {
    const page = 'https://github.com/further19c/shop';
    const lasting = { transient_environment: false, production_environment: true };
    await ingest(
      githubStatus(page, 1, 'success', '01T10:00', lasting),
      githubStatus(page, 2, 'success', '02T10:00', lasting),
    );
    expect(await live(`${page}/production`)).toEqual(['2']);
  });

  test('Netlify’s action: a preview that fails was never live, and the others stay', async () => {
    const page = 'https://github.com/further19d/site';
    const netlify = { ...preview, environment: 'deploy-preview', payload: '{"pr":5}' };
    await ingest(
      githubStatus(page, 1, 'success', '01T10:00', netlify),
      githubStatus(page, 2, 'failure', '02T10:00', netlify),
    );
    expect(await live(`${page}/deploy-preview`)).toEqual(['1']);
  });
});
