import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReader } from '../../../src/graph/read/reader.ts';
import { createSubgraphReader } from '../../../src/graph/read/subgraph.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createBomLinks } from '../../../src/history/bom-links.ts';
import { vexIn } from '../../../src/questions/advisory.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { createRandom } from '../../support/random.ts';
import { sharedServers } from '../../support/servers.ts';
import { tellRow, VERDICT_ROWS } from '../../support/verdict-rows.ts';
import { createWorld } from '../../support/verdict-world.ts';

const ITEM =
  'nodes { deployment { key } verdict reason detail why { rule text claims { claim knownFrom } } }';
const IMPACT = `query ($of: ID!, $environments: [String!]) {
  impact(of: $of, environments: $environments) {
    total affected { ${ITEM} } notAffected { ${ITEM} } unknown { ${ITEM} }
  }
}`;

const REPORT = `query ($of: ID!) {
  vulnerabilityReport(of: $of) {
    findings(first: 500, verdicts: [AFFECTED, UNKNOWN, NOT_AFFECTED]) {
      nodes { names items(first: 500) { nodes { subject { key } verdict reason } } }
    }
    unexamined(first: 500) { nodes { subject { key } reason } }
  }
}`;

/** Reasons that rest on something that was found. */
const DOUBTS = ['VERSION_UNREADABLE', 'NOT_COMPARABLE', 'NAME_ONLY', 'FILE_UNKNOWN'];
const ON_A_WAY = ['REACHED', ...DOUBTS];
/** Reasons for which nobody can tell that anything is not there. */
const MISSING = ['NOTHING_DEPLOYED', 'UNRESOLVED', 'NO_SBOM', 'SBOM_INCOMPLETE'];

type Report = {
  readonly findings: {
    readonly nodes: readonly {
      readonly names: readonly string[];
      readonly items: { readonly nodes: readonly Judged[] };
    }[];
  };
  readonly unexamined: { readonly nodes: readonly Omit<Judged, 'verdict'>[] };
};
type Judged = {
  readonly subject: { readonly key: string };
  readonly verdict: string;
  readonly reason: string;
};

type Item = {
  readonly deployment: { readonly key: string };
  readonly verdict: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly why: readonly { readonly rule: string; readonly claims: readonly unknown[] }[];
};

describe('verdicts, from events to answers', () => {
  const run = randomUUID().slice(0, 8);
  let pipeline: Pipeline;
  let asked: Asked;
  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    await pipeline.startWriter();
    const { graph, statements } = pipeline;
    asked = await createTestGraphql({
      reader: { ...createReader(graph, statements), ...createSubgraphReader(graph, statements) },
      links: createBomLinks(graph, statements),
    });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await pipeline.stop();
  });

  const itemsOf = async (advisory: string, environment: string): Promise<Item[]> => {
    const of = toId({ label: 'Vulnerability', key: advisory });
    const { data, errors } = await asked.ask(IMPACT, { of, environments: [environment] });
    expect(errors).toEqual([]);
    const { affected, notAffected, unknown } = data.impact;
    return [...affected.nodes, ...notAffected.nodes, ...unknown.nodes];
  };

  const foundInside = async (deployment: string, advisory: string): Promise<string | null> => {
    const { data, errors } = await asked.ask(
      `query ($deployment: ID!) { contains(deployment: $deployment) {
        vulnerabilities { nodes { names affects { key } uncertain { key } } }
      } }`,
      { deployment: toId({ label: 'Deployment', key: deployment }) },
    );
    expect(errors).toEqual([]);
    const found = data.contains.vulnerabilities.nodes.find(({ names }: { names: string[] }) =>
      names.includes(advisory),
    );
    if (found === undefined) return null;
    return found.affects.length > 0 ? 'affects' : 'uncertain';
  };

  /** What is asked from the other end: of all that is live somewhere, what is wrong with it. */
  const reportOf = async (environment: string) => {
    const { data, errors } = await asked.ask(REPORT, {
      of: toId({ label: 'Environment', key: environment }),
    });
    expect(errors).toEqual([]);
    const { findings, unexamined } = data.vulnerabilityReport as Report;
    return {
      found: (deployment: string, advisory: string): string[] | null => {
        const found = findings.nodes.find(({ names }) => names.includes(advisory));
        const item = found?.items.nodes.find(({ subject }) => subject.key === deployment);
        return item === undefined ? null : [item.verdict, item.reason];
      },
      unexamined: new Map(unexamined.nodes.map(({ subject, reason }) => [subject.key, reason])),
    };
  };

  /** That a report says of a deployment what `impact` says of it, or, without anything on a way to it, nothing. */
  const expectSame = (
    report: Awaited<ReturnType<typeof reportOf>>,
    key: string,
    advisory: string,
    [verdict, reason]: readonly [string, string],
  ) => {
    const found = report.found(key, advisory);
    const missing = MISSING.includes(reason) ? reason : undefined;
    if (found === null) {
      expect([advisory, key, reason, ON_A_WAY.includes(reason)]).toEqual([
        ...[advisory, key, reason, false],
      ]);
    } else expect([advisory, key, ...found]).toEqual([advisory, key, verdict, reason]);
    if (missing !== undefined) {
      expect([advisory, key, report.unexamined.get(key)]).toEqual([advisory, key, missing]);
    }
  };

  it('are those of the table in the documentation, and each says what it rests on', async () => {
    const told = VERDICT_ROWS.map((row, at) => tellRow(row, `row${at}-${run}`));
    // the documents that say what runs come last, and the advisories first
    await pipeline.publish(told.flatMap(({ envelopes }) => envelopes).reverse());
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
    for (const [at, { name, verdict, reason }] of VERDICT_ROWS.entries()) {
      const { advisory, environment } = told[at]!;
      const items = await itemsOf(advisory, environment);
      expect([name, ...items.map((item) => [item.verdict, item.reason])]).toEqual([
        name,
        [verdict, reason],
      ]);
      expect([name, items[0]!.why.length > 0]).toEqual([name, true]);
      // what is inside is asked from the other end, and says the same
      if (verdict === 'AFFECTED' || DOUBTS.includes(reason)) {
        expect([name, await foundInside(items[0]!.deployment.key, advisory)]).toEqual([
          name,
          verdict === 'AFFECTED' ? 'affects' : 'uncertain',
        ]);
      }
      const report = await reportOf(environment);
      expectSame(report, items[0]!.deployment.key, advisory, [verdict, reason]);
      if (verdict === 'UNKNOWN' || reason === 'WITHDRAWN') continue;
      const claims = items[0]!.why.flatMap((step) => step.claims);
      expect([name, claims.length > 0]).toEqual([name, true]);
    }
  });

  it('are in random worlds those of the whole graph in memory', async () => {
    const worlds = Array.from({ length: 40 }, (_, seed) =>
      createWorld(createRandom(seed + 1), `v${seed}-${run}`),
    );
    await pipeline.publish(worlds.flatMap(({ envelopes }) => envelopes));
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
    for (const { envelopes, advisory, deployments } of worlds) {
      const graph = graphOfEvents(envelopes);
      const root = `Vulnerability:${advisory}`;
      const expected = judgeImpact(graph, {
        ...{ root, history: false, truncated: false, vex: vexIn(graph, graph.aliases(root)) },
        deployments: deployments.map(({ key }) => `Deployment:${key}`),
      });
      const items = await itemsOf(advisory, deployments[0]!.environment);
      const short = (item: { verdict: string; reason: string }) => [item.verdict, item.reason];
      const byKey = new Map(
        items.map((item) => [`Deployment:${item.deployment.key}`, short(item)]),
      );
      expect(expected.map(({ deployment }) => [advisory, byKey.get(deployment)])).toEqual(
        expected.map((item) => [advisory, short(item)]),
      );
      const report = await reportOf(deployments[0]!.environment);
      for (const { deployment, verdict, reason } of items) {
        expectSame(report, deployment.key, advisory, [verdict, reason]);
      }
    }
  });
});
