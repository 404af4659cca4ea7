import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { vexIn } from '../../../src/questions/advisory.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';
import { tellRow, VERDICT_ROWS } from '../../support/verdict-rows.ts';

/** Of links into other documents, a graph in memory knows nothing: the same rows are asked of a service, too. */
const rows = VERDICT_ROWS.filter(({ name }) => !name.startsWith('a BOM-Link leads to a component'));

describe('a verdict', () => {
  it.each(rows.map((row, at) => [row.verdict, row.reason, row.name, at] as const))(
    'is %s (%s) where %s',
    (verdict, reason, _name, at) => {
      const { envelopes, advisory } = tellRow(rows[at]!, `row${at}`);
      const graph = graphOfEvents(envelopes);
      const root = `Vulnerability:${advisory}`;
      const [item] = judgeImpact(graph, {
        ...{ root, history: false, truncated: false, vex: vexIn(graph, [root]) },
        deployments: [`Deployment:https://ci.example/row${at}#d`],
      });
      expect(item).toMatchObject({ verdict, reason });
    },
  );

  it('has a row in the documentation for each of these, and no other', () => {
    const text = readFileSync(new URL('../../../docs/concepts.md', import.meta.url), 'utf8');
    const table = [
      ...text.matchAll(/^\| (AFFECTED|NOT_AFFECTED|UNKNOWN) +\| `?(\w+)`? +\| (.*?) +\|$/gm),
    ];
    expect(table.map(([, verdict, reason, name]) => ({ verdict, reason, name }))).toEqual(
      VERDICT_ROWS.map(({ verdict, reason, name }) => ({ verdict, reason, name })),
    );
  });
});
