// How a view looks while it waits, when it holds nothing, and when something went wrong.
import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { explain, useLanguage } from './language.tsx';

export function Waiting() {
  const { t } = useLanguage();
  return (
    <Group justify="center" p="xl" role="status">
      <Loader size="sm" />
      <Text c="dimmed">{t('loading')}</Text>
    </Group>
  );
}

export function Empty({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py={64} px="md" className="empty">
      <span className="emptyIcon">{icon}</span>
      <Text c="dimmed" ta="center" maw={380}>
        {children}
      </Text>
    </Stack>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const language = useLanguage();
  return (
    <Alert color="red" variant="light" title={language.t('error.title')} role="alert">
      <Text size="sm">{explain(language, error)}</Text>
      {retry && (
        <Button mt="sm" size="xs" variant="light" color="red" onClick={retry}>
          {language.t('error.retry')}
        </Button>
      )}
    </Alert>
  );
}
