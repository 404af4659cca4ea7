import type { Action } from './action.ts';

/** An event of Stemma itself, which other watches and gates may look at. */
export const publish: Action<'publish'> = {
  target: () => null,
  perform: async ({ event }, _, parts) => parts.publish(event),
};
