import { z } from 'zod';
import { id, text } from './fields.ts';

/** Schemas of what is defined in Stemma itself: gates and watches. A misspelt field would change what they do, so none is left out in silence. */

/** What is defined is called by it everywhere. */
const definitionName = id.refine(
  (value) => /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/.test(value),
  'is not a name: letters, digits, `.`, `_`, `/` and `-`, at most 128 characters',
);
/** An expression of the Common Expression Language. */
const expression = z.string().min(1).max(2_000);

/** The name of a variable of the environment that holds a secret: the secret itself is in no event. */
const secret = z.object({
  env: z
    .string()
    .regex(
      /^STEMMA_SECRET_[A-Z0-9_]{1,100}$/,
      'is not the name of a variable that begins with STEMMA_SECRET_',
    ),
});
const url = z.string().max(2_048);

/** Of a request; what frames it, and what it is signed by, is not up to a definition. */
const headerName = z
  .string()
  .regex(
    /^(?!(?:host|connection|content-length|transfer-encoding|webhook-(?:id|timestamp|signature))$)[a-z0-9-]{1,100}$/i,
    'is not a header that a watch may set',
  );
const headerValue = z.string().regex(/^[\t -~]{0,1000}$/, 'is not the value of a header');

/** What a watch does: exactly one of these. */
const watchAction = z
  .strictObject({
    webhook: z
      .strictObject({
        url,
        /** Signs the request, as Standard Webhooks says. */
        secret: secret.optional(),
        headers: z.record(headerName, z.union([headerValue, secret])).optional(),
        /** CEL: the body, as JSON; left out: the event itself. */
        body: expression.optional(),
      })
      .optional(),
    /** `text` is CEL: the message. */
    slack: z.strictObject({ url: z.union([url, secret]), text: expression }).optional(),
    github: z
      .strictObject({
        api: url.optional(),
        repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'is not owner/name'),
        token: secret,
        /** Of `repository_dispatch`. */
        eventType: z.string().min(1).max(100).optional(),
        /** Of `workflow_dispatch`: the file of the workflow, and where it runs. */
        workflow: z.string().min(1).max(200).optional(),
        ref: z.string().min(1).max(200).optional(),
        /** CEL: `client_payload`, or `inputs`; a map. */
        payload: expression.optional(),
      })
      .optional(),
    publish: z
      .strictObject({
        type: id,
        /** CEL: a string. */
        subject: expression.optional(),
        /** CEL: a map. */
        data: expression.optional(),
      })
      .optional(),
    redis: z
      .strictObject({
        channel: z.string().min(1).max(200),
        /** CEL: a string, or what is sent as JSON; left out: the event itself. */
        message: expression.optional(),
      })
      .optional(),
  })
  .refine(
    (action) => Object.values(action).filter((one) => one !== undefined).length === 1,
    'is exactly one of webhook, slack, github, publish, redis',
  )
  .meta({ minProperties: 1, maxProperties: 1 });

export const gateData = z.strictObject({
  name: definitionName,
  version: z.int().min(1),
  description: text.optional(),
  /** CEL: what the events have in common, such as `artifacts` or `commit`; a string, or a list of them. */
  key: expression,
  /** All of them must have happened. */
  inputs: z
    .array(
      z.strictObject({
        /** Left out: the first of its types. */
        name: definitionName.optional(),
        /** Event types; the newest event of all of them counts. */
        types: z.array(id).min(1).max(20),
        /** CEL: which events of these types are meant; left out: all. */
        when: expression.optional(),
        /** CEL: which of them are good; left out: those that have ended well. */
        accept: expression.optional(),
        /** CEL: `key` for this input. */
        key: expression.optional(),
      }),
    )
    .min(1)
    .max(50),
  /** The time within which all of it must have happened. */
  withinSeconds: z
    .int()
    .min(1)
    .max(10 * 366 * 86_400)
    .optional(),
});

export const watchData = z.strictObject({
  name: definitionName,
  version: z.int().min(1),
  description: text.optional(),
  /** Event types that it looks at. */
  types: z.array(id).min(1).max(20),
  /** CEL: which events of these types make it act; left out: all. */
  when: expression.optional(),
  action: watchAction,
});

/** Whether what is defined under a name has consequences. */
export const switchData = z.strictObject({ name: definitionName, reason: text.optional() });
