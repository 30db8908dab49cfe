// PCRE patterns as JavaScript ones. Where the two mean different things the pattern is translated or refused.
import type { BSONRegExp } from 'bson';
import { StoreFault } from './fault.ts';

const LONGEST = 4096;
const SPACE = ' \\t\\n\\v\\f\\r';

export function compileRegex({ pattern, options }: Pick<BSONRegExp, 'pattern' | 'options'>): RegExp {
  const invalid = (why: string) =>
    new StoreFault('Location51091', `Regular expression is invalid: ${why} (in the embedded store)`);
  if (pattern.length > LONGEST) throw invalid('pattern is too long');
  if (/[^ims]/.test(options)) throw invalid(`option in '${options}' is not served`);
  if (pattern.includes('\0')) throw invalid('contains a null byte');
  let source = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '\\') {
      const next = pattern[++i] ?? '';
      if (next === 's') source += inClass ? SPACE : `[${SPACE}]`;
      else if (next === 'S' && !inClass) source += `[^${SPACE}]`;
      else if (next === 'S') throw invalid('\\S inside a class');
      else if (/[^\w\s]/.test(next)) source += `\\u{${next.codePointAt(0)!.toString(16)}}`;
      else source += `\\${next}`;
    } else if (inClass) {
      if (char === '[' && /[:.=]/.test(pattern[i + 1] ?? '')) throw invalid('POSIX class');
      inClass = char !== ']';
      source += char;
    } else if (char === '[') {
      // An empty class means "nothing" here and "a bracket" there.
      if (/^\[\^?\]/.test(pattern.slice(i))) throw invalid('a class that opens with a bracket');
      inClass = true;
      source += char;
    } else if (char === '.' && !options.includes('s')) source += '[^\\n]';
    else if (char === '^' && options.includes('m')) source += '(?<![^\\n])';
    else if (char === '$') source += options.includes('m') ? '(?![^\\n])' : '(?=\\n?$)';
    else source += char;
  }
  try {
    return new RegExp(source, `u${options.includes('i') ? 'i' : ''}${options.includes('s') ? 's' : ''}`);
  } catch (cause) {
    throw invalid(String((cause as Error).message));
  }
}
