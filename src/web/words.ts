// The texts of a page in the language its reader chose: i18next's syntax for values and plurals, as far as pages
// use it. It knows nothing of where texts come from or go.
export interface Words {
  readonly [key: string]: string | Words;
}
/** By language. */
export type AllWords = Readonly<Record<string, Words>>;

export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** The first of the wished languages that there is; else the first of all. */
export function pickLanguage(all: AllWords, wished: readonly string[]): string {
  for (const tag of wished) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(all, language)) return language;
  }
  return Object.hasOwn(all, 'en') ? 'en' : (Object.keys(all)[0] ?? 'en');
}

/** The reader's own way of writing times and numbers, where they read in one of their own languages. */
export function regional(language: string, own: readonly string[]): string {
  return own.find((tag) => tag.split('-')[0] === language) ?? language;
}

export function translator(all: AllWords, language: string): Translate {
  const plural = new Intl.PluralRules(language);
  const words = all[language] ?? {};
  return (key, values = {}) => {
    const { count } = values;
    const found =
      (typeof count === 'number' ? lookUp(words, `${key}_${plural.select(count)}`) : undefined) ??
      lookUp(words, key);
    if (found === undefined) return key;
    return found.replace(/\{\{\s*(\w+)\s*\}\}/g, (_whole, name: string) => String(values[name] ?? ''));
  };
}

export function hasText(all: AllWords, language: string, key: string): boolean {
  return lookUp(all[language] ?? {}, key) !== undefined;
}

function lookUp(words: Words, key: string): string | undefined {
  let at: string | Words | undefined = words;
  for (const part of key.split('.')) {
    at = typeof at === 'object' && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return typeof at === 'string' ? at : undefined;
}
