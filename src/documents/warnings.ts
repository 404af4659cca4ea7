import { clip } from './json.ts';

/** Something of a document that was left out, or read in spite of how it is written. */
export type Warning = {
  /** Where, such as `components.3.purl`; '' for the whole document. */
  readonly path: string;
  /** A sentence that names the place. */
  readonly message: string;
};

/** Warnings that are kept of one document, and how long each may be; what is over it is counted. */
const MAX_KEPT = 50;
const MAX_MESSAGE = 300;

/** Gathers what a reader could not read of one document. The same document always gives the same warnings. */
export function createWarnings() {
  const found: Warning[] = [];
  let count = 0;
  return {
    /** @param message a sentence; it is kept on one line and cut where it is too long */
    add(path: string, message: string): void {
      count += 1;
      if (found.length >= MAX_KEPT) return;
      found.push({ path, message: clip(message.replace(/\s+/g, ' '), MAX_MESSAGE) });
    },
    list: (): readonly Warning[] => found,
    /** How many there are, those that are not kept included. */
    count: () => count,
  };
}

export type Warnings = ReturnType<typeof createWarnings>;

/** The facet of a node that keeps them; null where there is nothing to warn of. */
export function warningsFacet(warnings: Warnings): { readonly warnings: readonly string[] } | null {
  const texts = textsOf(warnings);
  return texts.length === 0 ? null : { warnings: texts };
}

/** What to tell people: the warnings that are kept, and how many more there are. */
export function textsOf(warnings: Warnings): readonly string[] {
  const texts = warnings.list().map(({ message }) => message);
  const more = warnings.count() - texts.length;
  return more === 0 ? texts : [...texts, `There are ${more} more.`];
}
