import type { EntityRecord } from '../../graph/read/records.ts';
import type { SubgraphBuilder } from '../../graph/read/subgraph.ts';
import { isLiveAt } from '../../model/liveness.ts';
import { isNow, type Moment } from '../../model/moment.ts';
import { checkNames } from './known-names.ts';
import type { Readers } from './readers.ts';

/** Gathers the deployments to some environments; returns the keys of those that are to be judged. */
export async function gatherDeployments(
  builder: SubgraphBuilder,
  { reader }: Pick<Readers, 'reader'>,
  at: Moment,
  asked: { environments: readonly string[] | null; onlyLive: boolean },
): Promise<{ ids: number[]; keys: string[] }> {
  const { onlyLive } = asked;
  const environments = await checkNames(reader, 'Environment', asked.environments, 'environments');
  if (onlyLive && isNow(at)) {
    const live = await reader.live(environments);
    for (const deployment of live) builder.add(deployment);
    return sorted(live);
  }
  const all = await builder.deployments(environments);
  await builder.load();
  const records = [...all].flatMap((id) => builder.get(id) ?? []);
  const lives = onlyLive
    ? await reader.lives(
        records.map(({ key }) => key),
        at.known,
        environments === null,
      )
    : null;
  const chosen = records.filter(
    ({ key }) => lives === null || isLiveAt(lives.get(key) ?? [], at.valid),
  );
  return sorted(chosen);
}

function sorted(deployments: readonly EntityRecord[]): { ids: number[]; keys: string[] } {
  const all = deployments.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { ids: all.map(({ internal }) => internal), keys: all.map(({ key }) => key) };
}
