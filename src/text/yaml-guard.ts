// Refuses YAML that is too big, too deep or uses what a text file of ours never needs (anchors, aliases, tags,
// directives). One linear look, before the parser, whose cost such input could drive up.
import { CST, Lexer } from 'yaml';
import type { Fault } from '../core/errors.ts';

export const MAX_BYTES = 256 * 1024;
export const MAX_DEPTH = 32;
/** Values with their colons, commas, dashes and brackets. */
export const MAX_TOKENS = 20_000;
export const MAX_LINES = 20_000;

/** The first thing that makes the file unacceptable, or nothing. */
export function guard(file: string, source: string): Fault | undefined {
  const fault = (offset: number, code: string, message: string, remedy: string): Fault => {
    const before = source.slice(0, offset);
    const line = count(before, '\n') + 1;
    const column = offset - (before.lastIndexOf('\n') + 1) + 1;
    return { file, line, column, at: '', code, message, remedy, severity: 'error' };
  };
  const bytes = source.length > MAX_BYTES ? source.length : Buffer.byteLength(source);
  if (bytes > MAX_BYTES) {
    return fault(
      0,
      'yaml_too_big',
      `The file has ${bytes} bytes; at most ${MAX_BYTES} are read.`,
      'Split it into several flows that call each other.',
    );
  }
  const deep = (offset: number): Fault =>
    fault(
      offset,
      'yaml_too_deep',
      `More than ${MAX_DEPTH} levels stand inside one another here.`,
      'Flatten it: a flow needs five levels at most.',
    );
  const special = (offset: number, what: string): Fault =>
    fault(
      offset,
      'yaml_reference',
      `YAML ${what} is not allowed here.`,
      'Write the value out in full; put a text that begins with & * or ! in quotes.',
    );

  const many = (offset: number, what: string): Fault =>
    fault(offset, 'yaml_too_many', `The file holds more than ${what}.`, 'Split it into several files.');

  if (count(source, '\n') > MAX_LINES) return many(0, `${MAX_LINES} lines`);
  const tooDeep = scanLines(source);
  if (tooDeep)
    return tooDeep.what === 'deep' ? deep(tooDeep.offset) : special(tooDeep.offset, 'anchors and tags');

  let offset = 0;
  let depth = 0;
  let tokens = 0;
  try {
    for (const token of new Lexer().lex(source)) {
      const start = offset;
      if (!NOT_IN_SOURCE.has(token)) offset += token.length;
      switch (CST.tokenType(token)) {
        case 'alias':
          return special(start, `alias "${token}"`);
        case 'anchor':
          return special(start, `anchor "${token}"`);
        case 'tag':
          return special(start, `tag "${token}"`);
        case 'directive-line':
          return special(start, `directive "${token}"`);
        case 'flow-map-start':
        case 'flow-seq-start':
          depth += 1;
          if (depth > MAX_DEPTH) return deep(start);
          break;
        case 'flow-map-end':
        case 'flow-seq-end':
          depth -= 1;
          break;
        case 'space':
        case 'newline':
        case null:
          continue;
        default:
          break;
      }
      tokens += 1;
      if (tokens > MAX_TOKENS) return many(start, `${MAX_TOKENS / 2} values`);
    }
  } catch {
    return deep(offset);
  }
  return undefined;
}

/** Tokens by which the lexer tells a state; no character of the file stands for them. */
const NOT_IN_SOURCE: ReadonlySet<string> = new Set(['\x02', '\x18', '\x1f']);

/** Depth by indentation and by "- - -" in one line, and runs of "&a &b" and "!a !b": the lexer recurses on each. */
function scanLines(source: string): { what: 'deep' | 'reference'; offset: number } | undefined {
  const indents: number[] = [];
  let start = 0;
  while (start < source.length) {
    let end = source.indexOf('\n', start);
    if (end < 0) end = source.length;
    let at = start;
    let column = 0;
    const opened: number[] = [];
    for (; at < end; at++, column++) {
      const char = source.charCodeAt(at);
      if (char === SPACE || char === TAB) continue;
      const compact = (char === DASH || char === QUESTION || char === COLON) && isGap(source, at + 1, end);
      if (!compact) break;
      opened.push(column);
      if (opened.length > MAX_DEPTH) return { what: 'deep', offset: at };
    }
    if (at < end && source.charCodeAt(at) !== HASH) {
      opened.push(column);
      for (const indent of opened) {
        while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) indents.pop();
        indents.push(indent);
      }
      if (indents.length > 2 * MAX_DEPTH) return { what: 'deep', offset: at };
    }
    let run = 0;
    for (let gap = true; at < end; at++) {
      const char = source.charCodeAt(at);
      const blank = char === SPACE || char === TAB;
      if (gap && !blank) {
        run = char === AMPERSAND || char === BANG ? run + 1 : 0;
        if (run > MAX_DEPTH) return { what: 'reference', offset: at };
      }
      gap = blank;
    }
    start = end + 1;
  }
  return undefined;
}

const [SPACE, TAB, DASH, QUESTION, COLON, HASH, AMPERSAND, BANG] = [32, 9, 45, 63, 58, 35, 38, 33];

function isGap(source: string, at: number, end: number): boolean {
  if (at >= end) return true;
  const char = source.charCodeAt(at);
  return char === SPACE || char === TAB || char === 13;
}

function count(text: string, char: string): number {
  let found = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) found += 1;
  return found;
}
