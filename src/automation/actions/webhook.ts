import { createHmac } from 'node:crypto';
import type { Action } from './action.ts';

/**
 * A POST request with JSON, signed where a secret is given.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhook: Action<'webhook'> = {
  target: ({ url }) => url,
  async perform({ url, headers = {}, body: content, secret }, { id }, { targets, secrets, now }) {
    const body = JSON.stringify(content);
    const timestamp = Math.floor(now() / 1_000);
    const signed =
      secret === undefined
        ? {}
        : { 'webhook-signature': signature(secrets.of(secret), id, timestamp, body) };
    const given = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === 'string' ? value : secrets.of(value),
      ]),
    );
    await targets.post({
      ...{ url, body },
      headers: {
        ...{ 'content-type': 'application/json', 'user-agent': 'stemma', ...given },
        ...{ 'webhook-id': id, 'webhook-timestamp': String(timestamp), ...signed },
      },
    });
  },
};

/** @param secret base64, after `whsec_` where it begins so; anything else as the text that it is */
export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return `v1,${mac}`;
}
