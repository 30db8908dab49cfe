// Finds the texts that a flow names, in every language, and says what is wrong with them: missing ones,
// placeholders that differ or name nothing, lengths. Knows no node kinds.
import type { Fault } from '../core/errors.ts';
import type { TextFile } from '../text/load.ts';
import { PLURAL_FORMS, type SayText, type Texts, templateOf } from '../text/texts.ts';
import type { YamlTree } from '../text/yaml.ts';
import type { TextSpec } from './kind.ts';
import { meant, nearest } from './nearest.ts';

export type Report = (
  tree: YamlTree,
  path: readonly (string | number)[],
  code: string,
  message: string,
  remedy: string,
  options?: { severity?: Fault['severity']; key?: boolean },
) => void;

export const LONGEST_TEXT = 3900;
export const LONGEST_LABEL = 40;

export interface TextUse {
  use(value: TextSpec, path: readonly (string | number)[], use?: 'label'): SayText;
  /** Told once all nodes are known: keys of the locale files that nothing used. */
  finish(): void;
}

interface Wording {
  readonly locale: string;
  readonly text: string;
  /** Where it stands, for faults in the wording itself. */
  readonly tree: YamlTree;
  readonly path: readonly (string | number)[];
}

export function createTextUse(given: {
  namespace: string;
  tree: YamlTree;
  files: readonly TextFile[];
  texts: Texts;
  /** What may stand in {{ }}. */
  vars: ReadonlySet<string>;
  report: Report;
}): TextUse {
  const { namespace, tree, texts, vars, report } = given;
  const files = given.files.filter((file) => file.namespace === namespace);
  const keys = new Map(files.map((file) => [file.locale, keysOf(file.tree.value)]));
  const every = new Set([...keys.values()].flatMap((map) => [...map.keys()]));
  const used = new Set<string>();
  const looked = new Map<string, SayText>();
  const nothing: SayText = () => '';

  const wordings = (all: readonly Wording[], use: 'label' | undefined): void => {
    let first: { names: readonly string[]; locale: string } | undefined;
    for (const { locale, text, tree: where, path } of all) {
      const names = placeholders(text);
      for (const name of names) {
        if (vars.has(name) || name === 'count') continue;
        const remedy = `${meant(name, vars)} A text may name nodes with an answer, and "name".`;
        report(where, path, 'unknown_placeholder', `{{${name}}} names no node with an answer.`, remedy);
      }
      if (first === undefined) first = { names, locale };
      else if (first.names.join() !== names.join()) {
        const message = `The placeholders differ: ${list(first.names)} in "${first.locale}", ${list(names)} in "${locale}".`;
        report(where, path, 'placeholder_mismatch', message, 'Use the same placeholders in every language.');
      }
      if (text.length > LONGEST_TEXT) {
        const message = `The text has ${text.length} characters; at most ${LONGEST_TEXT} fit one message.`;
        report(where, path, 'text_too_long', message, 'Shorten it, or say it in two nodes.');
      }
      if (use === 'label' && [...text].length > LONGEST_LABEL) {
        const message = `The label has ${[...text].length} characters; some channels cut it at ${LONGEST_LABEL}.`;
        report(where, path, 'label_too_long', message, 'Shorten it.', { severity: 'warning' });
      }
    }
  };

  const inPlace = (
    byLocale: Readonly<Record<string, string>>,
    path: readonly (string | number)[],
    use: 'label' | undefined,
  ): SayText => {
    for (const locale of Object.keys(byLocale)) {
      if (texts.locales.includes(locale)) continue;
      const remedy = meant(locale, texts.locales);
      report(
        tree,
        [...path, locale],
        'unknown_locale',
        `There is no language "${locale}" in locales/.`,
        remedy,
        {
          key: true,
        },
      );
    }
    const missing = texts.locales.filter((locale) => !Object.hasOwn(byLocale, locale));
    if (missing.length > 0) {
      const message = `The text is missing in: ${missing.join(', ')}.`;
      report(tree, path, 'missing_locale', message, `Add "${missing[0]}: …".`);
    }
    const all = Object.entries(byLocale).map(([locale, text]) => ({
      locale,
      text,
      tree,
      path: [...path, locale],
    }));
    wordings(all, use);
    return texts.sayOfText(byLocale);
  };

  const byKey = (key: string, path: readonly (string | number)[], use: 'label' | undefined): SayText => {
    used.add(key);
    const lacking = texts.locales.filter((locale) => !formsOf(keys.get(locale), key));
    if (lacking.length === texts.locales.length) {
      const near = nearest(key, bases(every));
      const message = `There is no text "${key}" in locales/*/${namespace}.yaml.`;
      const remedy = `${near === undefined ? '' : `Did you mean "${near}"? `}Add the key to those files, or write the words here: {${texts.locales.map((locale) => `${locale}: …`).join(', ')}}.`;
      report(tree, path, 'missing_text', message, remedy);
      return nothing;
    }
    for (const locale of lacking) {
      const message = `The text "${key}" is missing in "${locale}".`;
      report(tree, path, 'missing_locale', message, `Add it to locales/${locale}/${namespace}.yaml.`);
    }
    const kept = looked.get(`${key}:${use ?? ''}`);
    if (kept) return kept;
    const all: Wording[] = [];
    for (const file of files) {
      const forms = formsOf(keys.get(file.locale), key);
      if (!forms) continue;
      for (const [name, text] of forms) {
        const where = name.split('.');
        if (typeof text === 'string') {
          if (name === key || name.endsWith('_other'))
            all.push({ locale: file.locale, text, tree: file.tree, path: where });
        } else {
          report(file.tree, where, 'bad_value', `The text "${name}" is not a text.`, 'Put it in quotes.');
        }
      }
      lookAtForms(file, key, forms);
    }
    wordings(all, use);
    const say = texts.sayOf(namespace, key);
    looked.set(`${key}:${use ?? ''}`, say);
    return say;
  };

  /** Every plural form that the language has must be there. */
  const lookAtForms = (file: TextFile, key: string, forms: ReadonlyMap<string, unknown>): void => {
    if (forms.has(key)) return;
    if (!vars.has('count')) {
      const [form] = forms.keys();
      const message = `"${key}" has plural forms, but no node called "count" gives the number they depend on.`;
      const remedy = 'Call the node that asks for the number "count", or write one text without forms.';
      report(file.tree, (form ?? key).split('.'), 'plural_without_count', message, remedy);
    }
    const wanted = new Intl.PluralRules(file.locale).resolvedOptions().pluralCategories;
    const missing = wanted.filter((form) => !forms.has(`${key}_${form}`));
    if (missing.length === 0) return;
    const message = `"${key}" lacks the plural forms ${missing.join(', ')} of "${file.locale}".`;
    const [some] = forms.keys();
    report(
      file.tree,
      (some ?? key).split('.'),
      'missing_plural',
      message,
      `Add ${missing.map((form) => `"${key}_${form}"`).join(', ')}.`,
    );
  };

  return {
    use: (value, path, use) =>
      typeof value === 'string' ? byKey(value, path, use) : inPlace(value, path, use),
    finish: () => {
      for (const file of files) {
        for (const name of keys.get(file.locale)?.keys() ?? []) {
          if (used.has(name) || used.has(baseOf(name))) continue;
          const message = `Nothing uses the text "${name}".`;
          report(file.tree, name.split('.'), 'unused_text', message, 'Remove it.', {
            severity: 'warning',
            key: true,
          });
        }
      }
    },
  };
}

const FORM = new RegExp(`_(?:${PLURAL_FORMS.join('|')})$`);
const baseOf = (key: string): string => key.replace(FORM, '');
const bases = (keys: Iterable<string>): Set<string> => new Set([...keys].map(baseOf));

/** The text of that key, or its plural forms, by full key. */
function formsOf(
  keys: ReadonlyMap<string, unknown> | undefined,
  key: string,
): ReadonlyMap<string, unknown> | undefined {
  if (!keys) return undefined;
  if (keys.has(key)) return new Map([[key, keys.get(key)]]);
  const forms = new Map<string, unknown>();
  for (const form of PLURAL_FORMS) {
    if (keys.has(`${key}_${form}`)) forms.set(`${key}_${form}`, keys.get(`${key}_${form}`));
  }
  return forms.size > 0 ? forms : undefined;
}

/** Nested keys joined by dots. */
function keysOf(value: unknown, above = ''): ReadonlyMap<string, unknown> {
  const keys = new Map<string, unknown>();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return keys;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      for (const [key, found] of keysOf(inner, `${above}${name}.`)) keys.set(key, found);
    } else {
      keys.set(above + name, inner);
    }
  }
  return keys;
}

function placeholders(text: string): readonly string[] {
  const names = templateOf(text).flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
  return [...new Set(names)].sort();
}

const list = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.map((name) => `{{${name}}}`).join(', ');
