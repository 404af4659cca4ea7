import type { Action } from './action.ts';

/**
 * Starts a workflow of GitHub Actions.
 *
 * @see https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 * @see https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
 */
export const github: Action<'github'> = {
  target: ({ api, repository }) => `${api ?? PUBLIC} ${repository}`,
  async perform(action, _, { targets, secrets }) {
    const { api = PUBLIC, repository, token, payload } = action;
    const base = `${api.replace(/\/$/, '')}/repos/${repository}`;
    const [path, body] =
      action.event === 'repository_dispatch'
        ? ['dispatches', { event_type: action.eventType, client_payload: payload }]
        : [
            `actions/workflows/${encodeURIComponent(action.workflow)}/dispatches`,
            { ref: action.ref, inputs: payload },
          ];
    await targets.post({
      url: `${base}/${path}`,
      headers: {
        ...{ accept: 'application/vnd.github+json', 'content-type': 'application/json' },
        ...{ authorization: `Bearer ${secrets.of(token)}`, 'user-agent': 'stemma' },
        'x-github-api-version': '2022-11-28',
      },
      body: JSON.stringify(body),
    });
  },
};

const PUBLIC = 'https://api.github.com';
