import type { Version } from '@cyclonedx/cyclonedx-library/Spec';
import { asArray, asObject, clip, type JsonObject } from '../../json.ts';
import type { Warning } from '../../warnings.ts';

/** What ajv reports. */
type Report = {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: JsonObject;
  readonly message: string;
};

type Validate = (text: string) => Promise<readonly Report[]>;

const NEWEST = '1.7';

/** Compiled schemas by version. */
const validators = new Map<string, Promise<Validate>>();

/**
 * The first place that the schema of `version` finds wrong, or null. Tools write members of newer versions before they raise
 * `specVersion`: what is valid in the newest version is valid.
 */
export async function schemaComplaint(version: string, value: JsonObject): Promise<Warning | null> {
  const complaint = await firstOf(version, value);
  if (complaint === null || version === NEWEST) return complaint;
  // `undefined` leaves `$schema`, which names the version too, out of the text.
  const newer = await firstOf(NEWEST, { ...value, $schema: undefined, specVersion: NEWEST });
  return newer === null ? null : complaint;
}

async function firstOf(version: string, value: JsonObject): Promise<Warning | null> {
  const validate = await validatorOf(version);
  const [first] = await validate(JSON.stringify(value));
  if (first === undefined) return null;
  const message = `By the schema of CycloneDX ${version}, ${messageOf(first)}.`;
  return { path: first.instancePath.slice(1).replaceAll('/', '.'), message: clip(message, 300) };
}

function validatorOf(version: string): Promise<Validate> {
  const known = validators.get(version) ?? createValidator(version);
  validators.set(version, known);
  return known;
}

/** Loaded when it is needed: only the intake validates. */
async function createValidator(version: string): Promise<Validate> {
  const { JsonStrictValidator } = await import('@cyclonedx/cyclonedx-library/Validation');
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- an enum of exactly these strings
  const validator = new JsonStrictValidator(version as Version);
  return async (text) => {
    const reports: unknown = await validator.validate(text);
    return asArray(reports).map(toReport);
  };
}

function toReport(value: unknown): Report {
  const { instancePath, keyword, params, message } = asObject(value);
  return {
    instancePath: String(instancePath),
    keyword: String(keyword),
    params: asObject(params),
    message: String(message),
  };
}

function messageOf({ instancePath, keyword, params, message }: Report): string {
  const path = instancePath === '' ? 'it' : `'${instancePath.slice(1).replaceAll('/', '.')}'`;
  switch (keyword) {
    case 'additionalProperties':
      return `${path} must not have a member '${String(params['additionalProperty'])}'`;
    case 'enum': {
      const values = asArray(params['allowedValues']).map(String);
      const shown = values.slice(0, 12).join(', ');
      return `${path} must be one of ${shown}${values.length > 12 ? ', …' : ''}`;
    }
    default:
      return `${path} ${message}`;
  }
}
