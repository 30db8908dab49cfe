// The words that work at any time (cancel, back, operator…). Only a whole message is a command, never a word
// inside one: «оператор нагрубил» is a complaint, not a call.
import { bareDigits, fold } from './fold.ts';
import { oneEditApart } from './nearness.ts';
import { type CommandName, FORGIVING, type Words } from './words.ts';

/** Room for a slash, spaces and punctuation around the longest command, and for Telegram's "@botname". */
const AROUND = 48;

export function commandIn(text: string, words: Words): CommandName | undefined {
  if (text.length > words.longestCommand + AROUND || bareDigits(text) >= 0) return undefined;
  const exact = words.commands.get(text);
  if (exact !== undefined) return exact;
  const key = commandKey(text);
  return words.commands.get(key) ?? nearCommand(key, words);
}

/** The language whose name is the whole message ("english", «по-русски»), by its code. */
export function languageIn(text: string, words: Words): string | undefined {
  if (text.length > words.longestCommand + AROUND) return undefined;
  return words.languages.get(commandKey(text));
}

function commandKey(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('/')) return fold(trimmed) || trimmed;
  const at = trimmed.indexOf('@');
  return fold(at > 0 ? trimmed.slice(0, at) : trimmed);
}

function nearCommand(key: string, words: Words): CommandName | undefined {
  if (key.length < FORGIVING - 1 || words.lookalikes.has(key)) return undefined;
  let found: CommandName | undefined;
  for (let at = 0; at < words.longCommands.length; at++) {
    const one = words.longCommands[at];
    if (one === undefined || !oneEditApart(key, one.word)) continue;
    if (found !== undefined && found !== one.command) return undefined;
    found = one.command;
  }
  return found;
}
