import type { Version } from '@cyclonedx/cyclonedx-library/Spec';
import { asArray, asObject, isObject, type JsonObject } from '../json.ts';

/** Where a document breaks the schema, and how. */
export type SchemaProblem = { readonly path: string; readonly message: string };

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

/** So many deviations are tolerated in one document. */
const MAX_TOLERATED = 20;

/**
 * Deviations of real documents that do not make the rest of them less true; the value in question is left out of the check.
 * `asserter` as `{ref: …}` is what Go tools write; a damaged hash of a digest's length is left out when the document is read.
 */
const TOLERATED: readonly ((path: string, value: unknown) => boolean)[] = [
  (path) => /\/patentAssertions\/\d+\/asserter$/.test(path),
  (path, value) =>
    /\/hashes\/\d+\/content$/.test(path) &&
    typeof value === 'string' &&
    [32, 40, 64, 96, 128].includes(value.length),
];

/**
 * The first problem that the schema of `version` finds, or null. Tools write members of newer versions before they raise
 * `specVersion`: what is valid in the newest version is valid.
 */
export async function schemaProblem(
  version: string,
  value: JsonObject,
): Promise<SchemaProblem | null> {
  const problem = await problemIn(version, value);
  if (problem === null || version === NEWEST) return problem;
  // `undefined` leaves `$schema`, which names the version too, out of the text.
  const newer = await problemIn(NEWEST, { ...value, $schema: undefined, specVersion: NEWEST });
  return newer === null ? null : problem;
}

async function problemIn(version: string, value: JsonObject): Promise<SchemaProblem | null> {
  const validate = await validatorOf(version);
  let candidate: JsonObject = value;
  for (let tolerated = 0; ; tolerated += 1) {
    const reports = await validate(JSON.stringify(candidate));
    const first = reports[0];
    if (first === undefined) return null;
    const at = reports.find(({ instancePath }) =>
      TOLERATED.some((isTolerated) => isTolerated(instancePath, valueAt(candidate, instancePath))),
    );
    if (at === undefined || tolerated === MAX_TOLERATED) {
      return { path: first.instancePath.slice(1).replaceAll('/', '.'), message: messageOf(first) };
    }
    if (candidate === value) candidate = structuredClone(value);
    remove(candidate, at.instancePath);
  }
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

function valueAt(root: unknown, pointer: string): unknown {
  return steps(pointer).reduce<unknown>(
    (value, step) =>
      Array.isArray(value) || isObject(value) ? (value as JsonObject)[step] : undefined, // arrays have names, too
    root,
  );
}

/** Removes the entry around a value: the hash of a content, the assertion of an asserter. */
function remove(root: unknown, pointer: string): void {
  const entry = steps(pointer).slice(0, -1);
  const list = valueAt(root, `/${entry.slice(0, -1).join('/')}`);
  if (Array.isArray(list)) list.splice(Number(entry.at(-1)), 1);
}

function steps(pointer: string): string[] {
  return pointer.split('/').slice(1);
}
