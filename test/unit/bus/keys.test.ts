import { expect, test } from '@jest/globals';
import { busKeys } from '../../../src/bus/keys.ts';

/** What Redis Cluster computes the slot of a key from. */
function hashTag(key: string): string {
  return /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

test('all keys of a log are in one slot of a Redis Cluster, so that one script may touch them all', () => {
  const { streams, seen, stream, heartbeat, deliveries, ...others } = busKeys('log');
  const keys = Object.values(others).map((key) => (typeof key === 'string' ? key : key('group')));
  keys.push(deliveries('due'), deliveries('bodies'));
  for (const key of [...keys, ...streams, ...seen, stream('build'), heartbeat('group', '{odd}')]) {
    expect([key, hashTag(key)]).toEqual([key, 'log']);
  }
});
