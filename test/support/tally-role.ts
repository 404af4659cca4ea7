import { defineGroup, startGroup } from '../../src/bus/group/group.ts';
import { DOMAINS } from '../../src/model/events/catalogue.ts';
import { checkOf, defineRole } from '../../src/roles/role.ts';

/** A throw-away role, as a contributor would write one: counts the events of each type. Its members share the work. */
const TALLY = defineGroup({ name: 'tally', required: false, ordered: false, domains: DOMAINS });

/** Counts each log number once, however often its event comes. KEYS: 1 seen, 2 counts; ARGV: n, type, … */
const COUNT = `
for at = 1, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[1], ARGV[at], 1) == 1 then redis.call('HINCRBY', KEYS[2], ARGV[at + 1], 1) end
end`;

export const role = defineRole({
  name: 'tally',
  async start({ settings, connect, ...parts }) {
    const { redis } = parts;
    const consumer = await startGroup(TALLY, {
      ...parts,
      connectReader: () => connect('tally-reader', { failFast: false }),
      batchSize: settings.STEMMA_BATCH_SIZE,
      heartbeatMs: settings.STEMMA_HEARTBEAT_MS,
      claimEveryMs: 200,
      async process(entries) {
        const facts = entries.flatMap(({ n, text }) => [n, (JSON.parse(text) as Typed).type]);
        await redis.eval(COUNT, 2, '{tally}:seen', '{tally}:counts', ...facts);
        return entries.map(() => ({ kind: 'applied' }) as const);
      },
    });
    return {
      checks: () => [checkOf('tally', consumer)],
      failed: consumer.failed,
      stop: async () => consumer.stop(),
    };
  },
});

type Typed = { readonly type: string };
