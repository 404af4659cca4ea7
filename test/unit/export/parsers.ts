/** Small readers of the formats, written from their specifications, so that the writers are not judged by themselves. */

/** The quoted strings of a DOT text (lines of a label: the first) without HTML entities, and what is around them. */
export function dotStrings(text: string): { strings: string[]; rest: string } {
  const strings: string[] = [];
  let rest = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text.charAt(at) !== '"') {
      rest += text.charAt(at);
      continue;
    }
    let value = '';
    let isFirst = true;
    for (at += 1; text.charAt(at) !== '"'; at += 1) {
      if (at >= text.length) throw new Error('a string does not end');
      if (text.charAt(at) === '\n') throw new Error('a string is broken');
      if (text.charAt(at) !== '\\') {
        if (isFirst) value += text.charAt(at);
        continue;
      }
      at += 1;
      if (text.charAt(at) === 'n') isFirst = false;
      else if (text.charAt(at) !== '"' && text.charAt(at) !== '\\')
        throw new Error(`\\${text.charAt(at)} is a command`);
      else if (isFirst) value += text.charAt(at);
    }
    if (/&(?!amp;)/.test(value)) throw new Error('an entity');
    strings.push(value.replaceAll('&amp;', '&'));
    rest += '""';
  }
  return { strings, rest };
}

export type MermaidStatement = { readonly shape: 'node' | 'edge' | 'other'; readonly text: string };

/** The statements of a flowchart, labels decoded. */
export function mermaidStatements(text: string): MermaidStatement[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  if (head !== 'flowchart LR') throw new Error('no flowchart');
  return lines.map((line): MermaidStatement => {
    const label = /^ {2}n\d+\["([^"[\]{}<>`;]*(?:(?:<br\/>|#\d+;)[^"[\]{}<>`;]*)*)"\]$/.exec(line);
    if (label !== null) return { shape: 'node', text: decoded(label[1] ?? '') };
    if (/^ {2}n\d+ (-->|-\.->)\|[A-Z_]+\| n\d+$/.test(line)) return { shape: 'edge', text: line };
    if (/^ {2}(class|classDef) [a-z0-9,]+ [a-z0-9:#-]+$/.test(line))
      return { shape: 'other', text: line };
    throw new Error(`no statement: ${line}`);
  });
}

function decoded(label: string): string {
  return label
    .replaceAll('<br/>', '\n')
    .replace(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** `[key, text]` of each `data` of a GraphML text; throws where the XML is not well-formed. */
export function xmlTexts(text: string): [string, string][] {
  const texts: [string, string][] = [];
  const open: string[] = [];
  let key = '';
  const token =
    /<\?[^?]*\?>|<(\/?)([a-z]+)((?: [a-zA-Z.:]+="[^"<&]*(?:&(?:lt|gt|amp|quot|apos);[^"<&]*)*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    end = token.lastIndex;
    const [, closing, name = '', attributes = '', empty, content] = match;
    if (content !== undefined) {
      if (/&(?!(?:lt|gt|amp|quot|apos);)/.test(content)) throw new Error('a bare ampersand');
      if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(content))
        throw new Error('a character that XML forbids');
      if (open.at(-1) === 'data') texts.push([key, unescaped(content)]);
    } else if (closing === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      if (name === 'data' && key !== '') key = '';
    } else if (name !== '' && empty !== '/') {
      open.push(name);
      if (name === 'data') {
        key = / key="([^"]*)"/.exec(attributes)?.[1] ?? '';
        if (text.startsWith('</data>', token.lastIndex)) texts.push([key, '']);
      }
    }
  }
  if (end !== text.length || open.length > 0) throw new Error(`the XML breaks at ${end}`);
  return texts;
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '');
}

/** RFC 4180. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    let value = '';
    if (text.charAt(at) === '"') {
      for (at += 1; ; at += 1) {
        if (at >= text.length) throw new Error('a cell does not end');
        if (text.charAt(at) !== '"') value += text.charAt(at);
        else if (text.charAt(at + 1) === '"') value += text.charAt((at += 1));
        else break;
      }
      at += 1;
    } else
      while (at < text.length && text.charAt(at) !== ',' && text.charAt(at) !== '\r')
        value += text.charAt(at++);
    row.push(value);
    if (text.charAt(at) === ',') at += 1;
    else {
      if (!text.startsWith('\r\n', at)) throw new Error('a line ends wrongly');
      at += 2;
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
