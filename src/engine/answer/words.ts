// The word lists of all languages, joined and folded once, so that an answer in one language is understood
// while the talk is in another. Reads no file: the lists come as plain objects.
import { fold } from './fold.ts';

export const COMMANDS = [
  'cancel',
  'back',
  'repeat',
  'help',
  'operator',
  'language',
  'join',
  'unjoin',
  'stop',
  'menu',
  'skip',
  'done',
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Shorter commands have too many neighbours that mean something else. */
export const FORGIVING = 6;

/** Lists of single words (phrases only in `yes`, `no`, `all`, `vague` and `lookalikes`); what each is for, see locales/en/words.yaml. */
const LISTS = [
  'outOf',
  'minus',
  'not',
  'half',
  'bounds',
  'big',
  'weak',
  'around',
  'counted',
  'suffixes',
  'and',
  'dating',
  'last',
  'next',
  'yes',
  'no',
  'all',
  'vague',
  'lookalikes',
] as const;
type ListName = (typeof LISTS)[number];

type ByNumber = Readonly<Record<string, readonly string[]>>;

/** One language's `words.yaml`; a missing list is an empty one. */
export type RawWords = { readonly [L in ListName]?: readonly string[] } & {
  readonly notPrefixes?: readonly string[];
  readonly numbers?: ByNumber;
  readonly ordinals?: ByNumber;
  /** Days from today: "-1" is yesterday. */
  readonly days?: ByNumber;
  readonly commands?: { readonly [C in CommandName]?: readonly string[] };
  /** Names of languages by code, each also the command `language`. */
  readonly languages?: Readonly<Record<string, readonly string[]>>;
};

export type Words = { readonly [L in ListName]: ReadonlySet<string> } & {
  /** Codes in the order given. */
  readonly known: readonly string[];
  readonly notPrefixes: readonly string[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly ordinals: ReadonlyMap<string, number>;
  readonly days: ReadonlyMap<string, number>;
  readonly commands: ReadonlyMap<string, CommandName>;
  /** The commands that forgive a wrong letter, as a list, because it is walked for every message. */
  readonly longCommands: readonly { readonly word: string; readonly command: CommandName }[];
  /** Longest command in characters: a longer message is none, and is not looked at. */
  readonly longestCommand: number;
  readonly languages: ReadonlyMap<string, string>;
};

/** Throws one Error naming every word that would mean two things. */
export function compileWords(perLanguage: Readonly<Record<string, RawWords>>): Words {
  const faults: string[] = [];
  const raws = Object.entries(perLanguage);

  const joined = <T>(
    name: string,
    pick: (raw: RawWords) => readonly (readonly [string, T])[],
  ): Map<string, T> => {
    const all = new Map<string, T>();
    for (const [language, raw] of raws) {
      for (const [word, meaning] of pick(raw)) {
        const key = keyOf(word);
        const before = all.get(key);
        if (before !== undefined && before !== meaning) {
          faults.push(
            `locales/${language}/words.yaml: ${name}: "${word}" means both ${before} and ${meaning}`,
          );
        }
        all.set(key, meaning);
      }
    }
    return all;
  };
  const numbered = (name: 'numbers' | 'ordinals' | 'days') =>
    joined(name, (raw) => pairs(raw[name]).map(([word, number]) => [word, Number(number)] as const));

  const languages = joined('languages', (raw) => pairs(raw.languages));
  const commands = joined('commands', (raw) => [
    ...pairs(raw.commands).map(([word, command]) => [word, commandNamed(command, faults)] as const),
    ...pairs(raw.languages).map(([word]) => [word, 'language'] as const),
  ]);
  const lists = Object.fromEntries(
    LISTS.map((list) => [list, new Set(raws.flatMap(([, raw]) => (raw[list] ?? []).map(keyOf)))]),
  ) as { [L in ListName]: Set<string> };
  const words: Words = {
    ...lists,
    known: raws.map(([language]) => language),
    notPrefixes: raws.flatMap(([, raw]) => (raw.notPrefixes ?? []).map(keyOf)),
    numbers: numbered('numbers'),
    ordinals: numbered('ordinals'),
    days: numbered('days'),
    commands,
    longCommands: [...commands]
      .filter(([word]) => word.length >= FORGIVING)
      .map(([word, command]) => ({ word, command })),
    longestCommand: Math.max(0, ...[...commands.keys()].map((key) => key.length)),
    languages,
  };
  for (const word of words.yes) if (words.no.has(word)) faults.push(`"${word}" is both yes and no`);
  if (faults.length > 0) throw new Error(`Word lists contradict themselves:\n${faults.join('\n')}`);
  return words;
}

function commandNamed(name: string, faults: string[]): CommandName {
  const found = COMMANDS.find((command) => command === name);
  if (found === undefined) faults.push(`commands: "${name}" is none of ${COMMANDS.join(', ')}`);
  return found ?? 'help';
}

/** A sign such as "+" has no letters to fold and stays itself. */
const keyOf = (word: string): string => fold(word) || word.trim();

const pairs = (
  table: Readonly<Record<string, readonly string[]>> | undefined,
): (readonly [string, string])[] =>
  Object.entries(table ?? {}).flatMap(([meaning, list]) => list.map((word) => [word, meaning] as const));
