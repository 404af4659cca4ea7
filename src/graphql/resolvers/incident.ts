import DataLoader from 'dataloader';
import type { ClaimRecord } from '../../graph/read/records.ts';
import { tryParsePurl } from '../../model/purl.ts';
import type { ImpactAnswer } from '../../questions/ask/impact.ts';
import { askIntroductions, askWays, type Held } from '../../questions/ask/incident.ts';
import { fixedIn } from '../../questions/fixed-in.ts';
import { createIncident, serviceOf, type Incident } from '../../questions/incident.ts';
import { whyOf } from '../../questions/why.ts';
import type {
  ImpactMatchResolvers,
  IntroductionResolvers,
  LiveFixResolvers,
} from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { pageOf, type PageArguments } from '../pages.ts';
import type { ImpactItemParent, ImpactMatchParent, LiveFixParent } from '../parents.ts';

/** What is asked of an answer to `impact` beyond its verdicts: worked out once for it, and read once for all items of a page. */
type Loaders = {
  readonly incident: Incident;
  readonly ways: DataLoader<Held, Awaited<ReturnType<typeof askWays>>[number], string>;
  readonly introductions: DataLoader<
    Held,
    Awaited<ReturnType<typeof askIntroductions>>[number],
    string
  >;
};

const known = new WeakMap<ImpactAnswer, Loaders>();

function loadersOf(answer: ImpactAnswer, context: Context): Loaders {
  const cacheKeyFn = ({ holder, match }: Held) => `${holder} ${match}`;
  const loaders = known.get(answer) ?? {
    incident: createIncident(answer.graph, answer),
    ways: new DataLoader(async (asked) => askWays(context, answer, asked), { cacheKeyFn }),
    introductions: new DataLoader(async (asked) => askIntroductions(context, answer, asked), {
      cacheKeyFn,
    }),
  };
  known.set(answer, loaders);
  return loaders;
}

const scopeOf = ({ answer: { root, at }, item }: ImpactItemParent, list: string) => [
  ...['impact', root.label, root.key, at, item.deployment, list],
];

/** The keys of a list are in the order of the list. */
const places = <T>(items: readonly T[]) =>
  new Map(items.map((item, place) => [item, String(place).padStart(6, '0')]));

export function matches(parent: ImpactItemParent, args: PageArguments, context: Context) {
  const { answer, item } = parent;
  const found = answer.matchesOf(item).map((match): ImpactMatchParent => ({ answer, item, match }));
  const placeOf = places(found);
  const keyOf = (match: ImpactMatchParent) => placeOf.get(match) ?? '';
  return pageOf(found, keyOf, scopeOf(parent, 'matches'), args, context);
}

export function liveFixes(parent: ImpactItemParent, args: PageArguments, context: Context) {
  const { answer, item } = parent;
  if (!answer.onlyLive) return null;
  const { incident } = loadersOf(answer, context);
  const found = incident.fixesOf(item).map((fix): LiveFixParent => ({ answer, item: fix }));
  const placeOf = places(found);
  const keyOf = (fix: LiveFixParent) => placeOf.get(fix) ?? '';
  return pageOf(found, keyOf, scopeOf(parent, 'liveFixes'), args, context);
}

/** Who makes the claims that a verdict rests on. */
export function claimantsOf({ answer, item }: ImpactItemParent): string[] {
  const steps = whyOf(answer.graph, item, answer.names);
  const claims = steps.flatMap((step) => step.claims as readonly ClaimRecord[]); // gathered as such
  return [...new Set(claims.map(({ claim, claimant }) => claimant ?? claim))].sort();
}

const waysOf = async ({ answer, item, match }: ImpactMatchParent, context: Context) =>
  loadersOf(answer, context).ways.load({ holder: item.deployment, match });

export const impactMatch: ImpactMatchResolvers = {
  thing: ({ answer, match }) => answer.entity(match),
  version: ({ answer, match }) => {
    const { key, version } = answer.entity(match);
    return typeof version === 'string' ? version : (tryParsePurl(key)?.version ?? null);
  },
  fixedIn: ({ answer, match }) => fixedIn(answer.graph, answer.names, match),
  dependencyPath: async (parent, _, context) => {
    const ways = await waysOf(parent, context);
    const [item] = ways.paths;
    return item === undefined ? null : { answer: ways, item };
  },
  otherPaths: async (parent, _, context) => {
    const { paths } = await waysOf(parent, context);
    return Math.max(0, paths.length - 1);
  },
  introduced: async ({ answer, item, match }, _, context) => {
    const service = serviceOf(answer.graph, item.deployment);
    if (service === null) return null;
    const { introductions } = loadersOf(answer, context);
    const found = await introductions.load({ holder: service, match });
    return found.item === null ? null : { answer: found.answer, item: found.item };
  },
};

export const introduction: IntroductionResolvers = {
  deployment: ({ answer, item }) => answer.entity(item.deployment),
  at: ({ item }) => item.at,
  unknownBefore: ({ item }) => item.unknownBefore,
};

export const liveFix: LiveFixResolvers = {
  deployment: ({ answer, item }) => answer.entity(item.deployment),
  version: ({ answer, item }) => (item.version === null ? null : answer.entity(item.version)),
  sameService: ({ item }) => item.sameService,
};
