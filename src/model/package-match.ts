import type { ParsedPurl } from './purl.ts';
export type PackageReference = { readonly purl: ParsedPurl; readonly range?: string | null };
export type Match =
  | { readonly result: 'YES' }
  | { readonly result: 'NO'; readonly rule: string }
  | { readonly result: 'UNKNOWN'; readonly reason: string };
export function matchPackage(reference: PackageReference, component: ParsedPurl): Match {
  if (reference.range != null) return { result: 'UNKNOWN', reason: 'stub' };
  if (reference.purl.packageKey !== component.packageKey) return { result: 'NO', rule: 'package' };
  if (reference.purl.version === null || reference.purl.version === component.version)
    return { result: 'YES' };
  return { result: 'NO', rule: 'version' };
}
