import { identifierProblem } from '../../../model/text.ts';
import { asArray, asObject, asText, type JsonObject } from '../../json.ts';

/** By which a document is known to be a version of another one (model/revisions.ts). */
export type Series = { readonly serialNumber: string; readonly bomVersion: number };

/** The greatest number that GraphQL has an Int for. */
const MAX = 2 ** 31 - 1;

/**
 * The name of a document, whatever its version, and how its version is counted: a whole number as it is, `1.2.3` as 1002003. Null where
 * one of them cannot be read, and of a draft, which replaces nothing.
 *
 * Some producers leave `version` at 1 and go on in the history: the greatest number counts.
 *
 * @see https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#3111-version-type
 */
export function seriesOf(document: JsonObject): Series | null {
  const tracking = asObject(document['tracking']);
  const id = asText(tracking['id']);
  const namespace = asText(asObject(document['publisher'])['namespace']);
  if (id === null || namespace === null || tracking['status'] === 'draft') return null;
  const history = asArray(tracking['revision_history']).map((one) => asObject(one)['number']);
  const versions = [tracking['version'], ...history].flatMap((one) => numberOf(one) ?? []);
  const serialNumber = `csaf:${namespace.replace(/\/+$/, '')}/${id}`.toLowerCase();
  if (numberOf(tracking['version']) === null || identifierProblem(serialNumber) !== null)
    return null;
  return { serialNumber, bomVersion: Math.max(...versions) };
}

function numberOf(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : (asText(value) ?? '');
  const [, major, minor, patch] = /^(\d{1,9})(?:\.(\d{1,3})\.(\d{1,3}))?$/.exec(text) ?? [];
  if (major === undefined) return null;
  const found =
    minor === undefined
      ? Number(major)
      : (Number(major) * 1000 + Number(minor)) * 1000 + Number(patch);
  return found <= MAX ? found : null;
}
