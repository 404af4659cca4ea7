import { createHmac, timingSafeEqual } from 'node:crypto';
import { StemmaError } from '../errors.ts';

/** Cursors that only this service can make, each good for one list with one set of filters. */
export interface Cursors {
  encode(scope: string, position: unknown): string;
  /** @throws StemmaError CURSOR_INVALID */
  decode(scope: string, cursor: string): unknown;
}

const MAC_BYTES = 12;

/** @param secret the same for every process of the service and after a restart, or clients lose their place */
export function createCursors(secret: string): Cursors {
  if (secret.length < 16) {
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      'The secret of cursors needs at least 16 characters.',
    );
  }
  const macOf = (scope: string, payload: Buffer): Buffer =>
    createHmac('sha256', secret)
      .update(`${scope}\n`)
      .update(payload)
      .digest()
      .subarray(0, MAC_BYTES);

  return {
    encode(scope, position) {
      const payload = Buffer.from(JSON.stringify(position));
      return Buffer.concat([macOf(scope, payload), payload]).toString('base64url');
    },
    decode(scope, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const mac = bytes.subarray(0, MAC_BYTES);
      const payload = bytes.subarray(MAC_BYTES);
      if (mac.length < MAC_BYTES || !timingSafeEqual(mac, macOf(scope, payload))) {
        throw new StemmaError(
          'CURSOR_INVALID',
          'The cursor is not one of this list with these filters: begin again without it.',
        );
      }
      return JSON.parse(payload.toString()) as unknown;
    },
  };
}
