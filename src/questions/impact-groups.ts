import type { NodeLabel } from '../model/node.ts';
import type { ImpactItem, Verdict } from './impact-item.ts';
import type { Subgraph } from './subgraph.ts';

export type ImpactGroup = {
  readonly environment: string | null;
  readonly service: string | null;
  readonly affected: number;
  readonly notAffected: number;
  readonly unknown: number;
  /** One affected deployment of the group, with its proving path. */
  readonly example: ImpactItem | null;
};

export type ImpactGrouping = 'ENVIRONMENT_AND_SERVICE' | 'ENVIRONMENT' | 'SERVICE';

/** The items by environment and service, or by one of them, worst first. */
export function groupImpact(
  graph: Subgraph,
  items: readonly ImpactItem[],
  by: ImpactGrouping = 'ENVIRONMENT_AND_SERVICE',
): ImpactGroup[] {
  const target = (deployment: string, label: NodeLabel) =>
    graph
      .out(deployment, 'TARGETS')
      .map(({ to }) => to)
      .filter((id) => graph.labelOf(id) === label)
      .sort()[0] ?? null;
  const groups = Map.groupBy(items, ({ deployment }) =>
    JSON.stringify([
      by === 'SERVICE' ? null : target(deployment, 'Environment'),
      by === 'ENVIRONMENT' ? null : target(deployment, 'Service'),
    ]),
  );
  const count = (own: readonly ImpactItem[], verdict: Verdict) =>
    own.filter((item) => item.verdict === verdict).length;
  return [...groups]
    .map(([key, own]): ImpactGroup => {
      const [environment, service] = JSON.parse(key) as [string | null, string | null]; // written above
      return {
        ...{ environment, service },
        affected: count(own, 'AFFECTED'),
        notAffected: count(own, 'NOT_AFFECTED'),
        unknown: count(own, 'UNKNOWN'),
        example: own.find(({ verdict }) => verdict === 'AFFECTED') ?? null,
      };
    })
    .sort(
      (a, b) =>
        b.affected - a.affected ||
        b.unknown - a.unknown ||
        compare(a.environment, b.environment) ||
        compare(a.service, b.service),
    );
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
