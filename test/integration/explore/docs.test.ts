import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { addCompromise } from '../../../src/cli/commands/compromise.ts';
import { addDeadLetters } from '../../../src/cli/commands/dead-letters.ts';
import { addDiff } from '../../../src/cli/commands/diff.ts';
import { toFailure } from '../../../src/cli/exit.ts';
import { addExport } from '../../../src/cli/commands/export.ts';
import { addGaps } from '../../../src/cli/commands/gaps.ts';
import { addImpact } from '../../../src/cli/commands/impact.ts';
import { addLineage } from '../../../src/cli/commands/lineage.ts';
import { addPath } from '../../../src/cli/commands/path.ts';
import { addSearch } from '../../../src/cli/commands/search.ts';
import { addStats } from '../../../src/cli/commands/stats.ts';
import { addTimeline } from '../../../src/cli/commands/timeline.ts';
import { addUnresolved } from '../../../src/cli/commands/unresolved.ts';
import { ERROR_CODES } from '../../../src/errors.ts';
import type { ApiRole } from '../../../src/roles/api.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

const FILE = new URL('../../../docs/api.md', import.meta.url);
const text = readFileSync(FILE, 'utf8');
/** STEMMA_UPDATE_DOCS=1 writes the answers of today into the page, to be read before they are kept. */
const isUpdating = process.env['STEMMA_UPDATE_DOCS'] === '1';

type Example = { readonly title: string; readonly query: string; readonly answer: string };

const EXAMPLE = /### ([^\n]+)\n(?:(?!###|```)[^])*?```graphql\n([^]*?)```\n+```json\n([^]*?)```/g;
const examples = [...text.matchAll(EXAMPLE)].map(
  ([, title = '', query = '', answer = '']): Example => ({ title, query, answer }),
);

/** Things of one depth, and edges, come in no particular order. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, inOrder(field)]));
  }
  const items = value.map(inOrder);
  const unordered = items.every(
    (item) => item instanceof Object && ('depth' in item || 'from' in item),
  );
  const byText = (x: unknown, y: unknown) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1);
  return unordered ? items.sort(byText) : items;
}

describe('docs/api.md', () => {
  it('has an answer for every question', () => {
    expect(examples.length).toBeGreaterThanOrEqual(15);
    expect(examples).toHaveLength(text.match(/```graphql\n/g)?.length ?? 0);
  });

  it('explains every error code, and no other', () => {
    const table = /## Error codes\n([^]*?)\n## /.exec(text)?.[1] ?? '';
    const codes = [...table.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map((match) => match[1]);
    expect(codes.toSorted()).toEqual([...ERROR_CODES].sort());
  });

  describe('a service that has the events of the page', () => {
    let pipeline: Pipeline;
    let api: ApiRole;

    beforeAll(async () => {
      pipeline = await createPipeline(sharedServers());
      const { redis, keys } = pipeline;
      await pipeline.startWriter({ maxAttempts: 1 });
      api = await pipeline.startApi();
      const events = /<!-- events -->\s*```json\n([^]*?)```/.exec(text)?.[1] ?? '';
      const sent = await fetch(`${api.address}/events?wait=applied`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        body: events,
      });
      const { receipts } = (await sent.json()) as { receipts: { status: string }[] };
      for (const { status } of receipts)
        expect(['APPLIED', 'ACCEPTED', 'DUPLICATE']).toContain(status);
      const n = await redis.incr(keys.counter);
      await pipeline.append(keys.stream('build'), {
        n,
        acceptedAt: 1_580_688_000_000,
        e: '{"type":"build.started","source":"https://ci.example.com/acme","id":"broken"}',
      });
      await until(async () => (await pipeline.deadLetters()).length > 0, 30_000);
      // other tests use log numbers of their own in the same graph, so a receipt may say APPLIED too early here
      await pipeline.caughtUp();
      const refresh = 'CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()';
      await pipeline.graph.execute({ name: 'refresh', text: refresh }, {});
    });
    afterAll(async () => {
      await pipeline.stop();
    });

    it.each(examples)('$title', async ({ query, answer }) => {
      const response = await fetch(`${api.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      const body: unknown = await response.json();
      if (isUpdating) {
        const page = readFileSync(FILE, 'utf8');
        const block = `\`\`\`graphql\n${query}\`\`\`\n\n\`\`\`json\n`;
        writeFileSync(
          FILE,
          page.replace(`${block}${answer}`, () => `${block}${JSON.stringify(body, null, 2)}\n`),
        );
      } else expect(inOrder(body)).toEqual(expected(inOrder(JSON.parse(answer))));
    });

    (isUpdating ? describe.skip : describe)('and its command line', () => {
      const ARTIFACTS = ['a1', 'b2'].map((byte) => `sha256:${byte.repeat(32)}`);
      const DEPLOYMENT = 'https://ci.example.com/acme#shop-2';
      const PACKAGE = 'pkg:npm/acme-pad@1.0.0';
      const BUILDER = 'https://ci.example.com/runner';
      const SPAN = ['--from', '2020-02-03T09:00:00Z', '--to', '2020-02-03T10:00:00Z'];

      const BEFORE = ['--at', '2020-02-03T08:30:00Z'];

      const stemma = async (args: readonly string[]) => runCli(args, api.address);

      it.each<[string[], number, RegExp]>([
        [['path', DEPLOYMENT, PACKAGE], 0, /-CONTAINS-> PackageVersion pkg:npm\/acme-pad@1\.0\.0/],
        [['path', ARTIFACTS[0]!, PACKAGE], 4, /^$/],
        [['path', DEPLOYMENT, PACKAGE, '--format', 'csv'], 0, /^from_label,[^]*CONTAINS/],
        [
          ['impact', 'ACME-2020-0001', '--environment', 'acme/production'],
          3,
          /^AFFECTED: 1, UNKNOWN: 0, NOT AFFECTED: \d+\nAFFECTED: 1\n {2}shop\tacme\/production\t/,
        ],
        [['impact', 'pkg:npm/acme-pad', '--range', '<1.0.1'], 3, /^AFFECTED: 1, /],
        [['impact', 'pkg:npm/acme-pad', '--range', 'vers:npm/>1.0.0'], 0, /^AFFECTED: 0, /],
        [['impact', 'pkg:npm/acme-pad', '--range', 'vers:maven/>1.0.0'], 2, /^$/],
        // what was so before the deployment
        [['path', DEPLOYMENT, PACKAGE, ...BEFORE, '--format', 'csv'], 0, /^(?![^]*CONTAINS)/],
        [['diff', ...ARTIFACTS, ...BEFORE, '--format', 'csv'], 0, /^(?![^]*b2b2[^]*GENERATED_BY)/],
        [['lineage', DEPLOYMENT, '--up', ...BEFORE, '--format', 'csv'], 0, /^(?![^]*DEPLOYS)/],
        [['lineage', DEPLOYMENT, '--up', ...BEFORE], 0, /^Deployment [^\n]*\n$/],
        [['lineage', DEPLOYMENT, '--up', '--known', '0'], 0, /^Deployment [^\n]*\n$/],
        [['diff', ...ARTIFACTS], 0, /\+ PACKAGE pkg:npm\/acme-pad/],
        [['diff', ...ARTIFACTS, '--format', 'dot'], 0, /^digraph diff/],
        [['gaps', ARTIFACTS[1]!], 3, /^Gaps: 2\n {2}NO_PROVENANCE at Artifact/],
        [
          ['compromise', BUILDER, ...SPAN, '--environment', 'acme/production'],
          3,
          /^Tainted deployments: 1/,
        ],
        [
          ['timeline', ARTIFACTS[1]!],
          0,
          /^2020-02-03T09:10:00\.000Z\tbuild\.completed\tsuccess\tBuild/,
        ],
        [['search', 'acme-pad'], 0, /^Package\tpkg:npm\/acme-pad/],
        [['search', 'nothing-is-called-that'], 4, /^$/],
        [
          [
            'stats',
            '--since',
            '2020-02-03T00:00:00Z',
            '--until',
            '2020-02-04T00:00:00Z',
            '--environment',
            'acme/production',
          ],
          0,
          / {2}commit to deployment\t40 min \(median\)/,
        ],
        [
          ['unresolved', '--kind', 'Vulnerability', '--limit', '1'],
          0,
          /^Vulnerability\tAAA-2020-0001/,
        ],
        [['export', ARTIFACTS[0]!, '--format', 'prov-json'], 0, /"wasGeneratedBy"/],
        [['lineage', DEPLOYMENT, '--up', '--format', 'mermaid'], 0, /^flowchart LR/],
        [
          ['dead-letters', 'list', '--state', 'open'],
          0,
          /\topen\t1\tEVENT_MALFORMED\tbuild\.started/i,
        ],
        [['dead-letters', 'show', '1-1'], 4, /^$/],
        [['dead-letters', 'discard', '1-1', '--reason', 'x'], 2, /^$/],
        [['dead-letters', 'discard', '1-1', '--reason', 'x', '--yes'], 1, /^1-1\tMISSING/],
        [['dead-letters', 'replay'], 2, /^$/],
      ])('%j', async (args, status, output) => {
        expect(await stemma(args)).toEqual({ status, stdout: expect.stringMatching(output) });
      });

      it.each([
        [['path', DEPLOYMENT, PACKAGE], 'paths'],
        [['diff', ...ARTIFACTS], 'changes'],
        [['timeline', ARTIFACTS[1]!], 'events'],
        [['stats'], 'deployments'],
      ])('%j --json', async (args, field) => {
        const { stdout } = await stemma([...args, '--json']);
        expect(JSON.parse(stdout)).toHaveProperty(field);
      });
    });
  });
});

/** `"…"` in the page stands for a value that differs each time. */
function expected(value: unknown): unknown {
  if (value === '…') return expect.anything();
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, expected(part)]));
}

const COMMANDS = [
  ...[addCompromise, addDeadLetters, addDiff, addExport, addGaps, addImpact, addLineage, addPath],
  ...[addSearch, addStats, addTimeline, addUnresolved],
];

/** A command against a service, within this process; its output is not a terminal. */
async function runCli(args: readonly string[], url: string) {
  const { io, written } = createTestIo({ STEMMA_URL: url });
  const program = new Command().exitOverride().configureOutput({ outputError: () => undefined });
  for (const add of COMMANDS) add(program, io);
  for (const command of program.commands) {
    for (const leaf of [command, ...command.commands]) leaf.option('--json', 'as cli.ts adds it');
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    written.exit = error instanceof CommanderError ? 2 : toFailure(error).exitCode;
  }
  return { status: written.exit, stdout: written.out.map((line) => `${line}\n`).join('') };
}
