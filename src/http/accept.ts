import type { FastifyRequest } from 'fastify';

/** Whether the client would rather have a page: JSON is what a program gets that asks for nothing, or for anything. */
export function wantsHtml({ headers: { accept = '' } }: Pick<FastifyRequest, 'headers'>): boolean {
  const types = accept.split(',').map((type) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '');
  const [html, json] = ['text/html', 'application/json'].map((type) => types.indexOf(type));
  return html !== undefined && html >= 0 && (json === undefined || json < 0 || html < json);
}
