import { resolve } from 'node:path';
import { z } from 'zod';
import { StemmaError } from './errors.ts';
import { givenSecrets, SETTINGS, type Variables } from './settings.ts';

type Shape = { [N in keyof typeof SETTINGS]: (typeof SETTINGS)[N]['schema'] };

const shape = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { schema }]) => [name, schema]),
) as Shape; // the schemas of the same names

const schema = z
  .object(shape)
  .refine((one) => !(one.STEMMA_CORS_CREDENTIALS && one.STEMMA_CORS_ORIGINS.includes('*')), {
    path: ['STEMMA_CORS_CREDENTIALS'],
    error: 'browsers send no credentials where STEMMA_CORS_ORIGINS is *: name the origins',
  });

export type Settings = Readonly<z.output<typeof schema>> & {
  readonly home: string;
  /** Variables with secrets for watches, by name. */
  readonly secrets: Readonly<Record<string, string>>;
};

/**
 * Reads the environment once, as a whole.
 *
 * @throws StemmaError CONFIGURATION_INVALID with every problem at once
 */
export function readSettings(environment: Variables = process.env): Settings {
  const stated = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== ''),
  );
  const result = schema.safeParse(stated);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      `The environment is not valid. ${problems.join('; ')}.`,
    );
  }
  return Object.freeze({
    ...result.data,
    home: resolve(result.data.STEMMA_HOME),
    secrets: givenSecrets(environment),
  });
}
