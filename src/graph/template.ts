/** What the placeholders of a template stand for. */
export type Values = Readonly<Record<string, string | number | boolean>>;

export type TemplateParts = {
  readonly values: Values;
  /** What `{{each x of name}}` goes through. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Pieces of Cypher that several templates share, by name; placeholders in them are filled as well. */
  readonly partials: ReadonlyMap<string, string>;
};

const EACH = /^\{\{each (\w+) of (\w+)\}\}\n(.*?)^\{\{between\}\}\n(.*?)^\{\{end\}\}\n/gms;
const IF_LINES = /^\{\{if (\w+)\}\}\n(.*?)^\{\{end\}\}\n/gms;
const IF_WITHIN = /\{\{if (\w+)\}\}(.*?)\{\{end\}\}/g;
const PLACEHOLDER = /\{\{(\w+)(?: of (\w+))?\}\}/g;
/** What partials call the edge that they are about. */
const EDGE = /\br\b/g;

/**
 * Fills a template, for what Cypher cannot take as a parameter: labels, types, directions, bounds, orders. Pure.
 *
 * - `{{name}}`: a value, or else the partial of that name, which is about the edge `r`; `{{name of x}}`: about the edge `x`
 * - `{{if name}}…{{end}}`, within a line or around whole lines: only where the value is neither empty nor false
 * - `{{each x of name}}`, `{{between}}`, `{{end}}`, each on a line of its own: the first part for every element, with the second one
 *   between them
 *
 * @throws Error naming what a placeholder names and nothing stands for
 */
export function fillTemplate(text: string, parts: TemplateParts): string {
  const { values, lists, partials } = parts;
  const valueOf = (name: string): string | number | boolean => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing stands for {{${name}}}`);
    return value;
  };
  const ifSo = (_: string, name: string, inner: string): string =>
    valueOf(name) === '' || valueOf(name) === false ? '' : inner;
  const filled = text
    .replaceAll(EACH, (_, variable: string, list: string, inner: string, between: string) => {
      const elements = lists[list];
      if (elements === undefined) throw new Error(`there is no list ${list}`);
      return elements.map((one) => inner.replaceAll(`{{${variable}}}`, one)).join(between);
    })
    .replaceAll(IF_LINES, ifSo)
    .replaceAll(IF_WITHIN, ifSo)
    .replaceAll(PLACEHOLDER, (_, name: string, edge: string | undefined) => {
      const partial = values[name] === undefined ? partials.get(name) : undefined;
      if (partial === undefined) return String(valueOf(name));
      return fillTemplate(partial, parts).replaceAll(EDGE, edge ?? 'r');
    });
  if (filled.includes('{{')) throw new Error('what begins with {{ is not a placeholder');
  return filled;
}

/** A partial stands within a line of its template, so its own lines are joined; what it says about itself is left out. */
export function parsePartial(file: string): string {
  return file
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('//'))
    .map((line) => line.trim())
    .join(' ');
}
