import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addBlame } from '../../../src/cli/commands/blame.ts';
import { addDiff } from '../../../src/cli/commands/diff.ts';
import { addGraphql } from '../../../src/cli/commands/graphql.ts';
import { addLog } from '../../../src/cli/commands/log.ts';
import { addOpen } from '../../../src/cli/commands/open.ts';
import { addPs } from '../../../src/cli/commands/ps.ts';
import { addWhy } from '../../../src/cli/commands/why.ts';
import type { ApiRole } from '../../../src/roles/api.ts';
import { runCli } from '../../support/cli.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

const COMMANDS = [addBlame, addDiff, addGraphql, addLog, addOpen, addPs, addWhy];

/** A service `shop` that was deployed four times: 1.0, 1.1 (brings the package `pad`), a failure, 1.2; `cart` came and `old` went. */
describe('the everyday commands', () => {
  let pipeline: Pipeline;
  let api: ApiRole;
  let tag: string;
  let source: string;
  let clock = Date.parse('2026-11-10T08:00:00Z');

  const hash = (text: string) => createHash('sha256').update(`${tag} ${text}`).digest('hex');
  const sha256 = (text: string) => `sha256:${hash(text)}`;
  const commit = (text: string) => hash(text).slice(0, 40);
  const purl = (text: string) => `pkg:npm/${tag}-${text}`;
  const key = (deployment: string) => `${source}#${deployment}`;
  const tell = (type: string, data: Record<string, unknown>) =>
    event(type, data, { source, time: new Date((clock += 60_000)).toISOString() });

  const build = (version: string, parent: string | null, made = sha256(`shop ${version}`)) => [
    tell('source.commit.created', {
      ...{ commit: commit(version), repository: `https://git.example/${tag}` },
      ...{
        message: `Make ${version}\n\nIn detail.`,
        url: `https://git.example/${tag}/c/${version}`,
      },
      ...(parent === null ? {} : { parents: [commit(parent)] }),
    }),
    tell('build.completed', {
      ...{ build: `${source}/runs/${version}`, name: 'release', builder: `${source}/runner` },
      ...{ commit: commit(version), outcome: 'success' },
      artifacts: [{ digest: made, purl: purl(`shop@${version}`) }],
    }),
  ];
  const deploy = (name: string, thing: string, service: string, end = 'completed') => [
    tell('deployment.created', {
      ...{ deployment: name, artifacts: [thing], environment: 'prod', scope: tag, service },
    }),
    tell(`deployment.${end}`, { deployment: name }),
  ];
  const sbom = (about: string, packages: readonly string[], dependencies: object[]) => {
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      metadata: { component: { type: 'application', name: about, 'bom-ref': 'root' } },
      components: packages.map((one) => ({
        ...{ type: 'library', name: one.split('@')[0], version: '1.0.0' },
        ...{ 'bom-ref': one, purl: purl(one) },
      })),
      dependencies,
    });
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    return tell('document.submitted', { digest, content, about });
  };

  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    tag = `everyday-${pipeline.tag}`;
    source = `https://ci.example/${tag}`;
    await pipeline.startWriter();
    api = await pipeline.startApi();
    await pipeline.publish([
      ...build('1.0', null),
      ...deploy('shop-1', sha256('shop 1.0'), 'shop'),
      ...deploy('old-1', sha256('old'), 'old'),
      sbom(sha256('shop 1.0'), ['web@1.0.0'], [{ ref: 'root', dependsOn: ['web@1.0.0'] }]),
    ]);
    clock = Date.parse('2026-11-20T08:00:00Z');
    await pipeline.publish([
      ...build('1.1', '1.0'),
      sbom(
        sha256('shop 1.1'),
        ['web@1.0.0', 'text@1.0.0', 'pad@1.0.0', 'alone@1.0.0'],
        [
          { ref: 'root', dependsOn: ['web@1.0.0'] },
          { ref: 'web@1.0.0', dependsOn: ['text@1.0.0'] },
          { ref: 'text@1.0.0', dependsOn: ['pad@1.0.0'] },
        ],
      ),
      // another document says that `alone` depends on `pad`: that is not so here
      sbom(
        sha256('elsewhere'),
        ['alone@1.0.0', 'pad@1.0.0'],
        [{ ref: 'alone@1.0.0', dependsOn: ['pad@1.0.0'] }],
      ),
      ...deploy('shop-2', sha256('shop 1.1'), 'shop'),
      ...deploy('shop-3', sha256('shop broken'), 'shop', 'failed'),
      ...build('1.15', '1.1', sha256('never deployed')),
      ...build('1.2', '1.15'),
      sbom(
        sha256('shop 1.2'),
        ['web@1.0.0', 'pad@1.0.0'],
        [{ ref: 'root', dependsOn: ['web@1.0.0', 'pad@1.0.0'] }],
      ),
      ...deploy('shop-4', sha256('shop 1.2'), 'shop'),
      ...deploy('cart-1', sha256('cart'), 'cart'),
      tell('deployment.removed', { deployment: 'old-1' }),
    ]);
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
  });
  afterAll(async () => {
    await pipeline.stop();
  });

  const run = async (args: readonly string[], isTerminal = false, input = '') =>
    runCli(COMMANDS, args, { url: api.address, isTerminal, input });
  const json = async (args: readonly string[]) => {
    const { out, status, err } = await run([...args, '--json']);
    expect([status, err]).toEqual([0, []]);
    return JSON.parse(out[0]!);
  };

  describe('ps', () => {
    it('shows what runs in an environment: version, since, artifact, commit, builder', async () => {
      const { out, status } = await run(['ps', `${tag}/prod`]);
      expect(status).toBe(0);
      const place = `${tag}/prod`;
      expect(out.map((line) => line.split('\t'))).toEqual([
        [
          place,
          'cart',
          '-',
          expect.any(String),
          'completed',
          sha256('cart'),
          '-',
          '-',
          key('cart-1'),
          expect.stringMatching(/^20.*Z$/),
        ],
        [
          ...[place, 'shop', '1.2', expect.stringMatching(/^2026-11-20T08:.*Z$/), 'completed'],
          ...[sha256('shop 1.2'), commit('1.2'), `${source}/runner`, key('shop-4')],
          expect.stringMatching(/^20.*Z$/),
        ],
      ]);
    });

    it('has titles, and 12 characters of a digest, on a terminal; all of them with --wide', async () => {
      const { out } = await run(['ps', `${tag}/prod`, '--service', 'shop'], true);
      expect(out).toHaveLength(2);
      expect(out[0]).toMatch(
        /^ENVIRONMENT +SERVICE +VERSION +SINCE +STATE +ARTIFACT +COMMIT +BUILDER$/,
      );
      expect(out[1]).toContain(
        ` ${sha256('shop 1.2').slice(0, 19)}  ${commit('1.2').slice(0, 12)}  `,
      );
      const wide = await run(['ps', `${tag}/prod`, '--service', 'shop', '--wide'], true);
      expect(wide.out.join()).toContain(`${sha256('shop 1.2')}  ${commit('1.2')}`);
    });

    it('shows what ran at another time', async () => {
      const { running } = await json(['ps', `${tag}/prod`, '--at', '2026-11-15']);
      expect(running.map((one: { key: string }) => one.key)).toEqual([key('old-1'), key('shop-1')]);
      expect(running[1]).toMatchObject({ isLive: true, liveSince: '2026-11-10T08:04:00.000Z' });
      expect(running[1].origin.versions).toEqual(['1.0']);
    });

    it('says that nothing runs, and which filter did it', async () => {
      const { out, err, status } = await run(['ps', `${tag}/prod`, '--at', '2020-01-01']);
      expect([out, status]).toEqual([[], 0]);
      expect(err).toEqual([
        `Nothing is known to be live in the environment '${tag}/prod' at 2020-01-01T00:00:00Z.`,
      ]);
    });

    it('exits with 4 where nobody named the environment, with the nearest names', async () => {
      const { status, err } = await run(['ps', `${tag}/prd`]);
      expect([status, err[0]]).toEqual([4, expect.stringContaining(`The nearest: ${tag}/prod`)]);
      expect((await run(['ps', `${tag}/prd`, '--at', '2026-11-15'])).status).toBe(4);
    });

    it('refuses a time that is none, with the forms that it reads', async () => {
      const { status, err } = await run(['ps', '--at', 'friday']);
      expect([status, err[0]]).toEqual([2, expect.stringContaining('2026-11-20T18:00Z')]);
    });
  });

  describe('log', () => {
    it('lists deployments, newest first, with the commits since what ran before', async () => {
      const { deployments, more } = await json(['log', `${tag}/shop`]);
      type Row = {
        readonly deployment: { readonly key: string };
        readonly previous: string | null;
        readonly between: { added: number; removed: number; commits: { subject: string }[] } | null;
      };
      const rows = (deployments as Row[]).map(({ deployment, previous, between }) => [
        deployment.key.split('#')[1],
        previous?.split('#')[1] ?? null,
        between && [
          ...[between.added, between.removed],
          between.commits.map(({ subject }) => subject),
        ],
      ]);
      expect(rows).toEqual([
        ['shop-4', 'shop-2', [2, 0, [commit('1.15'), commit('1.2')].sort()]],
        ['shop-3', 'shop-2', null],
        ['shop-2', 'shop-1', [1, 0, [commit('1.1')]]],
        ['shop-1', null, null],
      ]);
      expect(more).toBe(false);
    });

    it('prints each deployment with its commits below it', async () => {
      const { out } = await run(['log', `${tag}/shop`, '--commits', '1'], true);
      expect(out[0]).toMatch(/ {2}1\.2 {2}live, completed +sha256:[0-9a-f]{12} {2}\+2 commits$/);
      expect(out[1]).toMatch(/^ {4}[0-9a-f]{12} {2}Make 1\.(15|2)$/);
      expect(out[2]).toBe('    … and 1 more: ask with a greater --commits');
      expect(out[3]).toMatch(/failed +sha256:[0-9a-f]{12} {2}commits not known$/);
    });

    it('does not call the last one it reads the first one', async () => {
      const { out, err } = await run(['log', `${tag}/shop`, '--limit', '1']);
      expect(out.join()).toContain('+2 commits');
      expect(err).toEqual(['There is more: ask with a greater --limit.']);
    });

    it('exits with 4 for a service that nobody named', async () => {
      const { status, err } = await run(['log', `${tag}/shpo`]);
      expect([status, err[0]]).toEqual([4, expect.stringContaining(`${tag}/shop`)]);
    });
  });

  describe('diff of an environment', () => {
    it('shows what came, went and changed, and what is most unusual about it', async () => {
      const args = ['diff', `${tag}/prod`, '--from', '2026-11-15', '--to', 'now'];
      const { changes, unchanged } = await json(args);
      const rows = changes.map(
        ({ kind, before, after }: Record<string, { key: string } | null>) => [
          kind,
          before?.key ?? null,
          after?.key ?? null,
        ],
      );
      expect(rows).toEqual([
        ['ADDED', null, key('cart-1')],
        ['REMOVED', key('old-1'), null],
        ['CHANGED', key('shop-1'), key('shop-4')],
      ]);
      expect(unchanged).toBe(0);
      expect(changes[2].contents.totals).toEqual([
        { kind: 'COMMIT', added: 3, removed: 0, changed: 0 },
        { kind: 'PACKAGE', added: 1, removed: 0, changed: 0 },
      ]);
      const { out, err } = await run(args, true);
      expect(out.find((line) => line.startsWith('~'))).toMatch(
        /shop +1\.0 -> 1\.2 +sha256:[0-9a-f]{12} -> sha256:[0-9a-f]{12} +COMMIT \+3, PACKAGE \+1$/,
      );
      expect(err).toEqual([
        `3 changed in '${tag}/prod' between 2026-11-15T00:00:00Z and now; 0 as before.`,
      ]);
    });

    it('says that nothing was there', async () => {
      const args = ['diff', `${tag}/prod`, '--from', '2020-01-01', '--to', '2020-01-02'];
      expect(await run(args)).toMatchObject({
        out: [],
        err: [expect.stringContaining('Nothing is known to be live')],
      });
    });

    it('needs a time, and takes none with two things', async () => {
      expect((await run(['diff', `${tag}/prod`])).err[0]).toContain('--from');
      expect(
        (await run(['diff', key('shop-1'), key('shop-2'), '--from', '2026-11-15'])).status,
      ).toBe(2);
      expect((await run(['diff', `${tag}/nowhere`, '--from', '2026-11-15'])).status).toBe(4);
    });
  });

  describe('why', () => {
    it('follows the dependencies of the document that lists the package, and of no other', async () => {
      const { paths } = await json(['why', key('shop-2'), `${tag}-pad`]);
      expect(paths.totalCount).toBe(1);
      const [{ explained, path }] = paths.nodes;
      expect(explained).toBe(true);
      expect(path.nodes.map((one: { key: string }) => one.key)).toEqual([
        ...[key('shop-2'), sha256('shop 1.1')],
        ...['web@1.0.0', 'text@1.0.0', 'pad@1.0.0'].map(purl),
      ]);
    });

    it('of a service is about what is live of it', async () => {
      const { out } = await run(['why', `${tag}/shop`, purl('pad@1.0.0')]);
      expect(out).toEqual([
        `Deployment ${key('shop-4')}`,
        `  -DEPLOYS-> Artifact ${sha256('shop 1.2')}`,
        `  -CONTAINS-> PackageVersion ${purl('pad@1.0.0')}`,
        expect.stringMatching(/^ {2}according to document sha256:[0-9a-f]{64}$/),
      ]);
    });

    it('of a service that runs in several environments is about the one that is given', async () => {
      const there = ['--environment', `${tag}/prod`];
      const { out } = await run(['why', `${tag}/shop`, purl('pad@1.0.0'), ...there]);
      expect(out[0]).toBe(`Deployment ${key('shop-4')}`);
      const nowhere = await run(['blame', `${tag}/shop`, 'pad', '--environment', 'no-such-place']);
      expect([nowhere.status, nowhere.err[0]]).toEqual([
        4,
        expect.stringContaining('no-such-place'),
      ]);
      const misplaced = await run(['why', key('shop-4'), 'pad', ...there]);
      expect([misplaced.status, misplaced.err[0]]).toEqual([
        2,
        expect.stringMatching(/^--environment is for a service, and '.*' is a Deployment\.$/),
      ]);
    });

    it('says where a package is not inside, and where that is not known', async () => {
      const no = await run(['why', key('shop-1'), purl('pad')]);
      expect([no.status, no.out]).toEqual([4, []]);
      expect(no.err[0]).toMatch(/^'.*pad' is not inside of Deployment .*The nearest inside: .*web/);
      const unknown = await run(['why', key('cart-1'), 'pad']);
      expect([unknown.status, unknown.err[0]]).toEqual([
        4,
        expect.stringMatching(/^Whether 'pad' is inside of Deployment .* is not known/),
      ]);
    });

    it('exits with 4 for a deployment that nobody named, and 2 where several are live', async () => {
      expect((await run(['why', 'no-such-deployment', 'pad'])).status).toBe(4);
      const several = await run(['why', `${tag}/prod`, 'pad']);
      expect([several.status, several.err.slice(0, 2)]).toEqual([
        2,
        [`  Deployment ${key('cart-1')}`, `  Deployment ${key('shop-4')}`],
      ]);
    });
  });

  describe('blame', () => {
    it('names the first deployment in a row that has the package, its build and commits', async () => {
      const blame = await json(['blame', `${tag}/shop`, purl('pad@1.0.0')]);
      expect(blame).toMatchObject({
        ...{ certain: true, doubt: null, packages: [purl('pad@1.0.0')] },
        deployment: { key: key('shop-2') },
        previous: { key: key('shop-1') },
        between: { added: 1, commits: [{ subject: commit('1.1') }] },
      });
      const { out } = await run(['blame', key('shop-4'), purl('pad@1.0.0')], true);
      expect(out).toEqual([
        purl('pad@1.0.0'),
        expect.stringMatching(/^came with {2}Deployment .*#shop-2 \(2026-11-20 08:\d\dZ\)$/),
        `built by   Build ${source}/runs/1.1 (release)`,
        `on         Builder ${source}/runner`,
        `from       Commit ${commit('1.1').slice(0, 12)} (Make 1.1)`,
        `before     Deployment ${key('shop-1')}: +1 commit`,
        `    ${commit('1.1').slice(0, 12)}  Make 1.1`,
      ]);
    });

    it('of a package that was always there names the first deployment', async () => {
      const blame = await json(['blame', key('shop-4'), purl('web')]);
      expect(blame).toMatchObject({
        certain: true,
        previous: null,
        deployment: { key: key('shop-1') },
      });
    });

    it('is not certain where it did not look further', async () => {
      const blame = await json(['blame', key('shop-4'), purl('web'), '--limit', '1']);
      expect(blame).toMatchObject({ certain: false, deployment: { key: key('shop-2') } });
    });

    it('exits with 4 where the package is not inside, and 2 for what is not a deployment', async () => {
      expect((await run(['blame', key('shop-1'), 'pad'])).status).toBe(4);
      expect((await run(['blame', sha256('shop 1.1'), 'pad'])).status).toBe(2);
    });
  });

  describe('open', () => {
    it('prints the page of a thing', async () => {
      expect(await run(['open', commit('1.1')])).toMatchObject({
        ...{ status: 0, out: [`https://git.example/${tag}/c/1.1`] },
      });
      expect(await json(['open', `${source}/runs/1.1`])).toEqual({ url: `${source}/runs/1.1` });
    });

    it('exits with 4 where nobody told a page', async () => {
      const { status, err } = await run(['open', sha256('cart')]);
      expect([status, err[0]]).toEqual([
        4,
        expect.stringMatching(/^Nobody has told the page of Artifact/),
      ]);
    });
  });

  describe('graphql', () => {
    const QUERY =
      'query ($ref: String!, $first: Int) { resolve(ref: $ref) { key neighbors(first: $first) { nodes { key } } } }';

    it('sends a query with its variables and prints the answer', async () => {
      const { out, status } = await run([
        'graphql',
        QUERY,
        '-F',
        `ref=${commit('1.1')}`,
        '-F',
        'first=1',
      ]);
      expect(status).toBe(0);
      expect(JSON.parse(out[0]!)).toMatchObject({ data: { resolve: { key: commit('1.1') } } });
    });

    it('reads the query from standard input, on one line with --compact', async () => {
      const { out } = await run(['graphql', '--compact'], false, '{ __typename }');
      expect(out).toEqual(['{"data":{"__typename":"Query"}}']);
    });

    it('prints errors with what there is of the answer, and exits with their code', async () => {
      const query = `{ __typename deployments(environment: "${tag}/prd") { nodes { key } } }`;
      const { out, err, status } = await run(['graphql', query]);
      expect(status).toBe(4);
      expect(JSON.parse(out[0]!)).toMatchObject({
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      });
      expect(err).toEqual([expect.stringMatching(/^stemma: There is no environment/)]);
      expect((await run(['graphql', '{ nothing }'])).status).not.toBe(0);
    });

    it('refuses variables that are none', async () => {
      expect((await run(['graphql', QUERY, '-F', 'ref'])).status).toBe(2);
      expect((await run(['graphql', QUERY, '-F', 'ref={'])).err[0]).toContain(
        "The value of 'ref' is not JSON",
      );
      expect((await run(['graphql', QUERY, '-F', 'ref=@no/such/file'])).err[0]).toContain(
        'cannot be read',
      );
      expect((await run(['graphql'])).err).toEqual(['The query on standard input is empty.']);
    });
  });

  it('the front page shows what is live to a browser, and finds things', async () => {
    const response = await fetch(`${api.address}/?q=${commit('1.1')}`, {
      headers: { accept: 'text/html' },
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('<h2>Live in '); // the graph is everyone's, and the page shows the first of them
    expect(text).toContain(`<td>Commit</td><td><code title="${commit('1.1')}">`);
  });

  it('POST /documents takes a document by curl, of any size, and the same again is a duplicate', async () => {
    const about = sha256('posted');
    const components = Array.from({ length: 3_000 }, (_, at) => ({
      ...{ type: 'library', name: `lib${at}`, purl: purl(`posted-${at}@1.0.0`) },
    }));
    const content = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
    const body = new Uint8Array(gzipSync(JSON.stringify(content)));
    const post = async () => {
      const query = `about=${encodeURIComponent(about)}&wait=applied&waitMs=60000`;
      const response = await fetch(`${api.address}/documents?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body,
      });
      return (await response.json()) as { receipts: { status: string }[] };
    };
    expect(await post()).toMatchObject({ receipts: [{ status: 'APPLIED', error: null }] });
    await pipeline.caughtUp();
    const { packages } = await json(['why', about, purl('posted-2999')]);
    expect(packages.nodes).toHaveLength(1);
    expect(await post()).toMatchObject({ receipts: [{ status: 'DUPLICATE', error: null }] });
  });

  describe('the fields behind them', () => {
    const ask = async (query: string) => {
      const { out } = await run(['graphql', query, '--compact']);
      return JSON.parse(out[0]!);
    };

    it('deployments(live: false, asOf:) is what was not live then; asOf alone is refused', async () => {
      const filter = `environment: "${tag}/prod", asOf: { valid: "2026-11-15T00:00:00Z" }`;
      const { data } = await ask(`{ deployments(live: false, ${filter}) { nodes { key } } }`);
      expect(data.deployments.nodes.map((one: { key: string }) => one.key.split('#')[1])).toEqual([
        ...['cart-1', 'shop-2', 'shop-3', 'shop-4'],
      ]);
      const { errors } = await ask(`{ deployments(${filter}) { nodes { key } } }`);
      expect(errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: 'asOf' });
    });

    it('latestDeployments is paged both ways', async () => {
      const page = async (args: string) => {
        const { data } = await ask(
          `{ latestDeployments(service: "${tag}/shop", ${args}) { nodes { name: key } pageInfo { hasNextPage endCursor startCursor hasPreviousPage } } }`,
        );
        const { nodes, pageInfo } = data.latestDeployments;
        return { names: nodes.map(({ name }: { name: string }) => name.split('#')[1]), pageInfo };
      };
      const first = await page('first: 3');
      expect([first.names, first.pageInfo.hasNextPage]).toEqual([
        ['shop-4', 'shop-3', 'shop-2'],
        true,
      ]);
      const second = await page(`first: 3, after: "${first.pageInfo.endCursor}"`);
      expect([second.names, second.pageInfo.hasNextPage]).toEqual([['shop-1'], false]);
      const last = await page('last: 2');
      expect([last.names, last.pageInfo.hasPreviousPage]).toEqual([['shop-2', 'shop-1'], true]);
      const before = await page(`last: 2, before: "${last.pageInfo.startCursor}"`);
      expect(before.names).toEqual(['shop-4', 'shop-3']);
      const { errors } = await ask('{ latestDeployments { nodes { key } } }');
      expect(errors[0]).toMatchObject({ message: expect.stringContaining("give 'environment'") });
    });
  });
});
