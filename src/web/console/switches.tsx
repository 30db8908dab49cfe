// Language, and light or dark.
import { ActionIcon, SegmentedControl, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { ThemeIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';

export function LanguageSwitch() {
  const { t, locale, languages, speak } = useLanguage();
  if (languages.length < 2) return null;
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('languageLabel')}
      value={locale}
      onChange={speak}
      data={languages.map((code) => ({ value: code, label: code.toUpperCase() }))}
    />
  );
}

export function ThemeSwitch() {
  const { t } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const now = useComputedColorScheme('light');
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t('theme')}
      title={t('theme')}
      onClick={() => setColorScheme(now === 'dark' ? 'light' : 'dark')}
    >
      <ThemeIcon />
    </ActionIcon>
  );
}
