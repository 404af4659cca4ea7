import type { FastifyInstance } from 'fastify';
import { StemmaError } from '../errors.ts';

/** A DNS name, which senders also write with a scheme, a port, or as a URL. */
const ORIGIN = /^[\w.:/*~%-]{1,255}$/;
const ALLOW = 'OPTIONS, POST';

/**
 * `OPTIONS /events`: a sender that keeps to the webhook specification asks here whether it may send before it does. Whoever
 * reaches the service may, as fast as it likes: too much is answered with 503 and Retry-After, event by event.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 */
export function addWebhook(app: FastifyInstance): void {
  app.options('/events', async (request, reply) => {
    reply.header('allow', ALLOW);
    const origin = request.headers['webhook-request-origin'];
    if (origin === undefined) return reply.code(204).send();
    if (typeof origin !== 'string' || !ORIGIN.test(origin)) {
      throw new StemmaError(
        'BAD_REQUEST',
        "The header 'webhook-request-origin' is not the DNS name of a sender, such as events.example.com.",
        { details: { path: 'webhook-request-origin' } },
      );
    }
    return reply
      .code(200)
      .header('webhook-allowed-origin', origin)
      .header('webhook-allowed-rate', '*')
      .send();
  });
}
