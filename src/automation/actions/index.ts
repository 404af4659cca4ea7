import type { Delivery, RenderedAction } from '../../model/deliveries.ts';
import type { Action, ActionParts } from './action.ts';
import { github } from './github.ts';
import { publish } from './publish.ts';
import { redis } from './redis.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

const ACTIONS: { readonly [K in RenderedAction['kind']]: Action<K> } = {
  webhook,
  slack,
  github,
  publish,
  redis,
};

/** What a delivery reaches; null where that is Stemma itself. */
export function targetOf({ action }: Delivery): string | null {
  return actionOf(action).target(action);
}

/** @throws TargetError, StemmaError */
export async function perform(delivery: Delivery, parts: ActionParts): Promise<void> {
  const { action } = delivery;
  await actionOf(action).perform(action, delivery, parts);
}

/** The compiler cannot know that an action and its kind belong together. */
function actionOf({ kind }: RenderedAction): Action<RenderedAction['kind']> {
  return ACTIONS[kind] as Action<RenderedAction['kind']>;
}
