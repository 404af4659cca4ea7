import type { Action } from './action.ts';

/**
 * A message to an incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat, Google Chat). Its URL is a secret.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const slack: Action<'slack'> = {
  target: ({ url }) => (typeof url === 'string' ? url : url.env),
  async perform({ url, text }, _, { targets, secrets }) {
    await targets.post({
      url: typeof url === 'string' ? url : secrets.of(url),
      headers: { 'content-type': 'application/json', 'user-agent': 'stemma' },
      body: JSON.stringify({ text }),
    });
  },
};
