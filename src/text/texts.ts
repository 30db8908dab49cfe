// Texts for people, by language: i18next keeps them, chooses the plural form and the language to fall back on.
// What is put into a text is data: it goes in once and is never expanded again, whatever it looks like.
import { createInstance } from 'i18next';

type Var = string | number;
/** What is put into a text: by name, or by asking for a name, so that only what the text names is ever put into words. */
export type Vars = Readonly<Record<string, Var>> | ((name: string) => Var | undefined);
/** A text in a language, values put in as data. */
export type SayText = (locale: string, vars?: Vars) => string;
/** Language → namespace → keys, nested by dots. */
export type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Texts {
  /** `key` is `namespace:path.to.key`. A missing one comes back as itself and is reported. */
  t(locale: string, key: string, vars?: Vars): string;
  /** In that very language, not by falling back. */
  has(locale: string, key: string): boolean;
  readonly locales: readonly string[];
  /** The language we hold that serves this tag: `en-GB` → `en` → the default. */
  localeFor(tag: string | undefined): string;
  /** The text looked up beforehand. */
  sayOf(namespace: string, key: string): SayText;
  /** A text given in place, by language. */
  sayOfText(byLocale: Readonly<Record<string, string>>): SayText;
}

export interface TextsOptions {
  readonly defaultLocale: string;
  readonly onMissing?: (locale: string, key: string) => void;
}

const NO_VARS: Vars = () => undefined;
const asked = (vars: Vars, name: string): Var | undefined =>
  typeof vars === 'function' ? vars(name) : Object.hasOwn(vars, name) ? (vars[name] ?? '') : undefined;
export const PLURAL_FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'] as const;

export function createTexts(resources: Resources, options: TextsOptions): Texts {
  const locales = Object.keys(resources);
  const fallback = locales.includes(options.defaultLocale)
    ? options.defaultLocale
    : (locales[0] ?? options.defaultLocale);
  const i18n = createInstance();
  void i18n.init({
    resources: resources as Record<string, Record<string, Record<string, string>>>,
    initAsync: false,
    lng: fallback,
    fallbackLng: fallback,
    load: 'currentOnly',
    interpolation: { escapeValue: false, skipOnVariables: true },
  });

  const known: ReadonlySet<string> = new Set(locales);
  const localeFor = (tag: string | undefined): string => {
    if (tag === undefined) return fallback;
    if (known.has(tag)) return tag;
    const base = tag.slice(0, Math.max(0, tag.search(/[-_]/)) || tag.length).toLowerCase();
    return known.has(base) ? base : fallback;
  };

  const format = (value: string | number, name: string, locale: string): string =>
    String(i18n.services.formatter?.format(value, name, locale, {}) ?? value);
  const compile = (text: string, locale: string): ((vars: Vars) => string) => {
    const parts = templateOf(text);
    if (parts.every((part) => typeof part === 'string')) {
      const whole = parts.join('');
      return () => whole;
    }
    return (vars) => {
      let result = '';
      for (const part of parts) {
        if (typeof part === 'string') result += part;
        else {
          const value = asked(vars, part.name);
          if (value === undefined) continue;
          result += part.format === undefined ? value : format(value, part.format, locale);
        }
      }
      return result;
    };
  };

  const textIn = (locale: string, namespace: string, key: string): string | undefined => {
    const found: unknown = i18n.getResource(locale, namespace, key);
    return typeof found === 'string' ? found : undefined;
  };
  const hasForms = (locale: string, namespace: string, key: string): boolean =>
    PLURAL_FORMS.some((form) => textIn(locale, namespace, `${key}_${form}`) !== undefined);

  /** The text in that language or the default one; nothing when neither has it. */
  const find = (locale: string, namespace: string, key: string): ((vars: Vars) => string) | undefined => {
    for (const language of locale === fallback ? [fallback] : [locale, fallback]) {
      const text = textIn(language, namespace, key);
      if (hasForms(language, namespace, key)) {
        const forms = new Map<string, (vars: Vars) => string>();
        return (vars) => {
          const count = Number(asked(vars, 'count'));
          // Without a number to go by, the form for many stands: a key is nothing to read.
          const chosen = Number.isFinite(count)
            ? i18n.t(key, { ns: namespace, lng: language, count, skipInterpolation: true })
            : (textIn(language, namespace, `${key}_other`) ?? key);
          let render = forms.get(chosen);
          if (!render) {
            render = compile(chosen, language);
            forms.set(chosen, render);
          }
          return render(vars);
        };
      }
      if (text !== undefined) return compile(text, language);
    }
    return undefined;
  };

  const found = new Map<string, Map<string, (vars: Vars) => string>>(
    locales.map((name) => [name, new Map()]),
  );
  const t = (tag: string, key: string, vars: Vars = NO_VARS): string => {
    const locale = known.has(tag) ? tag : localeFor(tag);
    const kept = found.get(locale)?.get(key);
    if (kept) return kept(vars);
    const [namespace, path] = split(key);
    const render = find(locale, namespace, path);
    if (!render) {
      options.onMissing?.(locale, key);
      return key;
    }
    found.get(locale)?.set(key, render);
    return render(vars);
  };

  const sayOfMap = (
    byLocale: ReadonlyMap<string, (vars: Vars) => string>,
    missing: (locale: string) => string,
  ): SayText => {
    const last = byLocale.get(fallback);
    return (locale, vars = NO_VARS) => {
      const render = byLocale.get(locale) ?? byLocale.get(localeFor(locale)) ?? last;
      return render ? render(vars) : missing(locale);
    };
  };

  return {
    t,
    locales,
    localeFor,
    has: (locale, key) => {
      const [namespace, path] = split(key);
      return textIn(locale, namespace, path) !== undefined || hasForms(locale, namespace, path);
    },
    sayOf: (namespace, key) => {
      const byLocale = new Map<string, (vars: Vars) => string>();
      for (const locale of locales) {
        const render = find(locale, namespace, key);
        if (render) byLocale.set(locale, render);
      }
      return sayOfMap(byLocale, (locale) => t(locale, `${namespace}:${key}`));
    },
    sayOfText: (byLocale) => {
      const rendered = new Map(
        Object.entries(byLocale).map(([locale, text]) => [locale, compile(text, locale)]),
      );
      const first = rendered.values().next().value ?? (() => '');
      return sayOfMap(rendered, () => first(NO_VARS));
    },
  };
}

function split(key: string): [namespace: string, path: string] {
  const colon = key.indexOf(':');
  return colon < 0 ? ['', key] : [key.slice(0, colon), key.slice(colon + 1)];
}

export interface Placeholder {
  readonly name: string;
  /** An i18next format: `number`, `datetime`, … */
  readonly format?: string;
}

/** The text cut at its `{{placeholders}}`. */
export function templateOf(text: string): readonly (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    const close = open < 0 ? -1 : text.indexOf('}}', open + 2);
    if (close < 0) break;
    if (open > at) parts.push(text.slice(at, open));
    const inside = text.slice(open + 2, close);
    const comma = inside.indexOf(',');
    const name = (comma < 0 ? inside : inside.slice(0, comma)).trim();
    parts.push(comma < 0 ? { name } : { name, format: inside.slice(comma + 1).trim() });
    at = close + 2;
  }
  if (at < text.length || parts.length === 0) parts.push(text.slice(at));
  return parts;
}
