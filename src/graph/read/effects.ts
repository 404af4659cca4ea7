import type { Withdrawal } from '../../model/effect.ts';
import type { Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

export interface EffectReader {
  /**
   * What a withdrawal has not found until now, a sentence each. It takes effect whenever that comes, so the answer is one of its moment.
   */
  notFound(withdrawal: Withdrawal): Promise<readonly string[]>;
}

export function createEffectReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): EffectReader {
  const rows = (name: string, parameters: Readonly<Record<string, unknown>>) =>
    graph.read(statements.get(name), parameters);

  return {
    async notFound(withdrawal) {
      switch (withdrawal.kind) {
        case 'claims': {
          const { claims } = withdrawal;
          const found = await rows('lookup/known-claims', { claims });
          const known = new Set(found.map((row) => row.get('claim') as string)); // as the header says
          return claims
            .filter((claim) => !known.has(claim))
            .map(
              (claim) =>
                `No event and no document '${claim}' is known: nothing of it was withdrawn yet.`,
            );
        }
        case 'alias': {
          const { claim, alias, of, keys } = withdrawal;
          const [from, to] = keys;
          const found = await rows('lookup/alias-claims', { claim, from, to });
          return found.length > 0
            ? []
            : [
                `'${claim}' does not say that '${alias}' is another name of '${of}': nothing was withdrawn yet.`,
              ];
        }
        case 'advisory': {
          const { vulnerability } = withdrawal;
          const found = await rows('lookup/stated-advisory', { key: vulnerability });
          return found.length > 0
            ? []
            : [`Nobody has said what '${vulnerability}' affects: nothing was withdrawn yet.`];
        }
      }
    },
  };
}
