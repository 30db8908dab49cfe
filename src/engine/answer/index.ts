// The door of the room that understands human answers: text in, a value or the reason for asking again out.
export { commandIn, languageIn } from './command.ts';
export type { Expect, Option, Today, Understood, Value, Why } from './expect.ts';
export { understand } from './understand.ts';
export { COMMANDS, type CommandName, compileWords, type RawWords, type Words } from './words.ts';
