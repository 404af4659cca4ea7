import type { Action } from './action.ts';

/** A message to a channel of the Redis that the bus is in. Who does not listen at that moment misses it: that is how channels are. */
export const redis: Action<'redis'> = {
  target: () => null,
  perform: async ({ channel, message }, _, { send }) => send(channel, message),
};
