// The console's language: whoever draws words takes them from here.

import all from 'virtual:texts/console';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { hasText, pickLanguage, type Translate, translator } from '../words.ts';
import { ApiError } from './api.ts';

export interface Language {
  readonly locale: string;
  readonly t: Translate;
  readonly has: (key: string) => boolean;
  /** A channel in words; one that has none goes by its own name. */
  readonly channelName: (channel: string) => string;
  readonly languages: readonly string[];
  readonly speak: (locale: string) => void;
}

const Context = createContext<Language | undefined>(undefined);
const KEPT = 'otklik.console.locale';

export function LanguageProvider({ fallback, children }: { fallback: string; children: ReactNode }) {
  const [locale, setLocale] = useState(() =>
    pickLanguage(all, [localStorage.getItem(KEPT) ?? '', ...navigator.languages, fallback]),
  );
  const language = useMemo<Language>(
    () => ({
      locale,
      t: translator(all, locale),
      has: (key) => hasText(all, locale, key),
      channelName: (channel) =>
        hasText(all, locale, `channels.${channel}`)
          ? translator(all, locale)(`channels.${channel}`)
          : channel,
      languages: Object.keys(all),
      speak: (next) => {
        localStorage.setItem(KEPT, next);
        setLocale(next);
      },
    }),
    [locale],
  );
  useEffect(() => {
    document.documentElement.lang = locale;
    document.title = language.t('title');
  }, [locale, language]);
  return <Context value={language}>{children}</Context>;
}

export function useLanguage(): Language {
  const language = useContext(Context);
  if (!language) throw new Error('there is no language here');
  return language;
}

/** What went wrong and what to do about it, in words. */
export function explain({ t, has }: Language, error: unknown): string {
  const code = error instanceof ApiError ? error.code : 'internal';
  const minutes = Math.ceil(((error instanceof ApiError && error.after) || 60) / 60);
  return has(`error.${code}`) ? t(`error.${code}`, { minutes }) : t('error.other', { code });
}
