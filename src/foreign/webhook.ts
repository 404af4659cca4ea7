import { z } from 'zod';
import { cutText } from '../model/text.ts';

/** Shapes that the webhooks of several forges share. Everything that we do not need may be missing, null or new. */

export const text = z.string().min(1).nullish().catch(null);
export const number = z.union([z.number(), z.string().regex(/^\d+$/, 'is not a number')]);

/** A commit of a payload; all zeros stand for "no commit". */
export const sha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'is not a commit id');

/** A text of a payload as one of ours: cut where it is too long. */
export function optionalText(value: string | null | undefined): string | undefined {
  return value ? cutText(value) : undefined;
}
