import type { ImpactItem } from '../../src/questions/impact-item.ts';
import { judge, type ImpactQuestion } from '../../src/questions/impact.ts';
import type { Subgraph } from '../../src/questions/subgraph.ts';

/** The verdicts alone. */
export function judgeImpact(graph: Subgraph, question: ImpactQuestion): readonly ImpactItem[] {
  return judge(graph, question).items;
}
