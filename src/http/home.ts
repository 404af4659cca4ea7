import type { FastifyInstance } from 'fastify';
import { wantsHtml } from './accept.ts';
import type { GraphqlHandler } from './graphql.ts';
import { PAGE_POLICY, toPage, type Page, type PageDeployment, type PageThing } from './page.ts';
import { ENDPOINTS } from './state.ts';

const MOST = 100;
const list = (name: string): string => `${name}(first: 3) { nodes { key name } }`;

const LIVE = `query Live {
  deployments(live: true, first: ${MOST}) {
    nodes {
      key name state url liveSince environment { key name } service { key name }
      origin { versions ${['runs', 'builds', 'commits', 'builders'].map(list).join(' ')} }
    }
    pageInfo { hasNextPage }
  }
}`;
const SEARCH =
  'query Search($text: String!) { search(text: $text, first: 20) { nodes { label key name } } }';

type Live = {
  readonly deployments: {
    readonly nodes: readonly PageDeployment[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
};
type Search = { readonly search: { readonly nodes: readonly PageThing[] } };

/** `GET /`: a page for browsers, which ask for HTML; what there is, as JSON, for everyone else. */
export function addHome(app: FastifyInstance, graphql: GraphqlHandler): void {
  app.get('/', async (request, reply) => {
    reply.header('vary', 'accept');
    if (!wantsHtml(request)) return { service: 'stemma', endpoints: ENDPOINTS };
    const { q } = request.query as Readonly<Record<string, unknown>>;
    const page = await readPage(graphql, typeof q === 'string' ? q.trim() : '', request.id);
    return reply
      .code(page.problem === null ? 200 : 503)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-security-policy', PAGE_POLICY)
      .send(toPage(page));
  });
}

async function readPage(graphql: GraphqlHandler, text: string, requestId: string): Promise<Page> {
  const live = await ask(graphql, LIVE, {}, requestId);
  const { deployments } = (live.data ?? {}) as Partial<Live>; // as the query asks
  const found = text === '' ? null : await ask(graphql, SEARCH, { text }, requestId);
  const { search } = (found?.data ?? {}) as Partial<Search>; // as the query asks
  return {
    deployments: deployments?.nodes ?? [],
    more: deployments?.pageInfo.hasNextPage ?? false,
    problem: live.problem,
    search: found === null ? null : { text, found: search?.nodes ?? [], problem: found.problem },
  };
}

/** Asked like any question, so that the page obeys the same limits. */
async function ask(
  graphql: GraphqlHandler,
  query: string,
  variables: object,
  requestId: string,
): Promise<{ readonly data: object | null; readonly problem: string | null }> {
  const { body } = await graphql.handle({
    ...{ method: 'POST', search: '', requestId },
    headers: new Map([['content-type', 'application/json']]),
    body: { query, variables },
  });
  let whole = '';
  if (typeof body === 'string') whole = body;
  else for await (const part of body) whole += part;
  const { data, errors = [] } = JSON.parse(whole) as GraphqlAnswer; // as GraphQL says
  if (data != null) return { data, problem: null };
  return { data: null, problem: errors[0]?.message ?? 'The graph gave no answer.' };
}

type GraphqlAnswer = {
  readonly data?: object | null;
  readonly errors?: readonly { readonly message: string }[];
};
