import { randomUUID } from 'node:crypto';
import type { Redis } from '../redis.ts';
import { StemmaError } from '../../errors.ts';
import type { BusKeys } from '../keys.ts';

export type HeartbeatOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
  readonly name: string;
  readonly everyMs: number;
  readonly now: () => number;
  /** With every beat. */
  readonly onBeat: () => Promise<unknown>;
  /** Another process has taken the name, because this one was silent for too long. */
  readonly onTaken: (error: StemmaError) => void;
};

export interface Heartbeat {
  /** @throws StemmaError CONSUMER_NAME_IN_USE while another process of that name lives */
  start(): Promise<void>;
  /** The name is free at once, and the entries of this consumer may be claimed. */
  stop(): Promise<void>;
}

/** A consumer that was silent for so many beats counts as dead. */
const SILENT_BEATS = 3;

/** PERSIST comes first because with it Redis also accepts what follows where its memory is full: nobody must look dead then. */
const BEAT = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('PERSIST', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** Shows that a consumer lives, and that it is the only one of its name. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { redis, keys, group, name, everyMs, now } = options;
  const key = keys.heartbeat(group, name);
  const token = randomUUID();
  const lifeMs = everyMs * SILENT_BEATS;
  let timer: NodeJS.Timeout | undefined;

  async function beat(): Promise<boolean> {
    return (await redis.eval(BEAT, 2, key, keys.groups, token, lifeMs, group, now())) === 1;
  }

  async function again(): Promise<void> {
    if (await beat()) {
      await options.onBeat();
      return;
    }
    clearInterval(timer);
    options.onTaken(nameInUse(group, name));
  }

  return {
    async start() {
      if (!(await beat())) throw nameInUse(group, name);
      timer = setInterval(() => {
        again().catch(() => undefined); // Redis is away: the read loop shows it
      }, everyMs);
    },
    async stop() {
      clearInterval(timer);
      await redis.eval(RELEASE, 1, key, token).catch(() => undefined); // it expires by itself
    },
  };
}

function nameInUse(group: string, name: string): StemmaError {
  return new StemmaError(
    'CONSUMER_NAME_IN_USE',
    `Another consumer of the group '${group}' has the name '${name}': stop it first (a crashed one frees its name within half a minute), or give this one another name.`,
  );
}
