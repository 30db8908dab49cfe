// The words that work at any time (cancel, back, operator…). Only a whole message is a command, never a word
// inside one: «оператор нагрубил» is a complaint, not a call.
import { fold } from './fold.ts';
import { edits } from './nearness.ts';
import type { CommandName, Words } from './words.ts';

/** Shorter words have too many neighbours that mean something else. */
const TYPO_FROM = 6;
/** Room for a slash, spaces and punctuation around the longest command, and for Telegram's "@botname". */
const AROUND = 48;

export function commandIn(text: string, words: Words): CommandName | undefined {
  if (text.length > words.longestCommand + AROUND) return undefined;
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
  if (key.length < TYPO_FROM - 1) return undefined;
  let found: CommandName | undefined;
  for (const [word, command] of words.commands) {
    if (word.length < TYPO_FROM || edits(key, word, 1) > 1) continue;
    if (found !== undefined && found !== command) return undefined;
    found = command;
  }
  return found;
}
