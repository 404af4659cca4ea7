import { createHash } from 'node:crypto';
import { defineGroup, startGroup } from '../../src/bus/group/group.ts';
import { DOMAINS } from '../../src/model/events/catalogue.ts';
import { checkOf, defineRole } from '../../src/roles/role.ts';

/** A throw-away role, as a contributor would write one: a chain of hashes over all events, which any other order would break. */
const CHAIN = defineGroup({ name: 'chain', required: true, ordered: true, domains: DOMAINS });

/** Appends a link for each log number that is greater than the last one. KEYS: 1 links; ARGV: n, hash of the event, … */
const APPEND = `
local last = redis.call('LINDEX', KEYS[1], -1)
local link = last and cjson.decode(last) or { n = 0, hash = '' }
for at = 1, #ARGV, 2 do
  local n = tonumber(ARGV[at])
  if n > link.n then
    link = { n = n, hash = redis.sha1hex(link.hash .. ARGV[at + 1]) }
    redis.call('RPUSH', KEYS[1], cjson.encode(link))
  end
end`;

export const role = defineRole({
  name: 'chain',
  async start({ settings, connect, ...parts }) {
    const { redis } = parts;
    const consumer = await startGroup(CHAIN, {
      ...parts,
      connectReader: () => connect('chain-reader', { failFast: false }),
      batchSize: settings.STEMMA_BATCH_SIZE,
      heartbeatMs: settings.STEMMA_HEARTBEAT_MS,
      async process(entries) {
        await redis.eval(
          APPEND,
          1,
          'chain:links',
          ...entries.flatMap(({ n, text }) => [n, sha1(text)]),
        );
        return entries.map(() => ({ kind: 'applied' }) as const);
      },
    });
    return {
      checks: () => [checkOf('chain', consumer)],
      failed: consumer.failed,
      stop: async () => consumer.stop(),
    };
  },
});

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
