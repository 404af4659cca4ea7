import { tryParsePurl } from '../../model/purl.ts';

/** One text for all spellings of a reference: the canonical purl, else the text without percent-encoding in Unicode's form C. */
export function meaningOf(ref: string): string {
  const purl = /^pkg:/i.test(ref) ? tryParsePurl(ref) : null;
  if (purl !== null) return purl.purl;
  try {
    return decodeURIComponent(ref).normalize('NFC');
  } catch {
    return ref.normalize('NFC');
  }
}
