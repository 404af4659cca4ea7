import { z } from 'zod';
import { digestProblem } from '../digest.ts';
import { isObjectId, tryThingRef } from '../keys.ts';
import { purlProblem, tryParsePurl } from '../purl.ts';
import { identifierProblem, MAX_ID_LENGTH } from '../text.ts';

/** Building blocks of the event schemas. Every message names what is wrong and what to write instead. */

/** An identifier that may become part of a node key. */
export const id = z
  .string()
  .superRefine((text, context) => {
    const problem = identifierProblem(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ minLength: 1, maxLength: MAX_ID_LENGTH });

/** Free text. */
export const text = z
  .string()
  .max(65_536)
  .refine((value) => value.isWellFormed(), 'contains a lone surrogate');

/** RFC 3339 with an offset, a real calendar date. */
export const time = z.iso.datetime({
  offset: true,
  error: 'is not an RFC 3339 time such as 2026-11-21T10:00:00Z',
});

export const sha = z
  .string()
  .refine((value) => isObjectId(value), 'is not a commit id: 40 or 64 hex characters in lower case')
  .meta({ pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' });

export const digest = z
  .string()
  .superRefine((value, context) => {
    const problem = digestProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ pattern: '^[a-z0-9][a-z0-9+._:-]*:[a-z0-9+/=_-]+$' });

const PURL_FORM = 'Write pkg:type/namespace/name@version';

export const purl = z
  .string()
  .superRefine((value, context) => {
    const problem = purlProblem(value);
    if (problem === null) return;
    context.addIssue({
      code: 'custom',
      message: `${problem}. ${PURL_FORM}`,
      params: { reason: 'PURL_INVALID' },
    });
  })
  .meta({ maxLength: MAX_ID_LENGTH, pattern: '^pkg:' });

/** A digest, a purl, an image reference or another absolute URI. */
export const thing = z
  .string()
  .superRefine((value, context) => {
    if (value.length <= MAX_ID_LENGTH && tryThingRef(value) !== null) return;
    context.addIssue({ code: 'custom', message: thingProblem(value) });
  })
  .meta({ maxLength: MAX_ID_LENGTH });

function thingProblem(value: string): string {
  const problem = identifierProblem(value);
  if (problem !== null) return `${problem}: give a digest, or a shorter package URL or URI`;
  const badPurl = /^\s*pkg:/i.test(value) ? purlProblem(value) : null;
  if (badPurl !== null) return `${badPurl}. ${PURL_FORM}`;
  return 'names no artifact: give a digest, a package URL or an absolute URI';
}

export const outcome = z.enum(['success', 'failure', 'cancelled', 'error']);

/** A word of a producer's: the listed ones are understood, any other is kept as it is. */
export const word = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => value.isWellFormed(), 'contains a lone surrogate');

export const person = z.object({ name: text.optional(), email: text.optional() });

const artifactFields = z.object({
  digest: digest.optional(),
  /** Further digests of the same bytes. */
  otherDigests: z.array(digest).max(16).optional(),
  name: text.optional(),
  purl: purl.optional(),
  mediaType: text.optional(),
  size: z.int().nonnegative().optional(),
  url: id.optional(),
});

function isNamed(data: z.output<typeof artifactFields>): boolean {
  if (data.digest !== undefined) return true;
  const parsed = tryParsePurl(data.purl);
  return parsed?.version != null && !parsed.mutable;
}

/** For the JSON Schema of what extends `artifact`: an extension keeps the check, not its description. */
export const DIGEST_OR_PURL = { anyOf: [{ required: ['digest'] }, { required: ['purl'] }] };

/** An artifact as a build or an SBOM mentions it: named by its digest, or else as the version of a package. */
export const artifact = artifactFields
  .refine(isNamed, {
    error: 'names no artifact: give its digest, or else a purl with a version',
    path: ['digest'],
  })
  .meta(DIGEST_OR_PURL);
