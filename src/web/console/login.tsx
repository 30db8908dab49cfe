// The sign-in form: the host's password and the name colleagues and customers will see.
import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import { post } from './api.ts';
import { useLanguage } from './language.tsx';
import type { Session } from './main.tsx';
import { Failure } from './states.tsx';
import { LanguageSwitch } from './switches.tsx';

const NAME = 'otklik.console.name';

export function Login({ signedIn }: { signedIn: (session: Session) => void }) {
  const { t } = useLanguage();
  const [name, setName] = useState(() => localStorage.getItem(NAME) ?? '');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const session = await post<Session>('/console/api/login', { password, name });
      localStorage.setItem(NAME, name);
      signedIn(session);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <main className="centre">
      <Paper withBorder shadow="sm" p="xl" radius="lg" className="login">
        <form onSubmit={submit}>
          <Stack>
            <div className="loginHead">
              <Title order={1} size="h3">
                {t('login.title')}
              </Title>
              <LanguageSwitch />
            </div>
            <TextInput
              label={t('login.name')}
              description={t('login.nameHint')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="name"
              maxLength={60}
            />
            <input type="text" name="username" value="admin" autoComplete="username" readOnly hidden />
            <PasswordInput
              label={t('login.password')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={{ 'aria-label': t('login.show') }}
              autoFocus
            />
            {error !== undefined && <Failure error={error} />}
            <Button type="submit" loading={busy} disabled={password === ''} size="md">
              {t('login.submit')}
            </Button>
            <Text size="xs" c="dimmed">
              {t('login.where')}
            </Text>
          </Stack>
        </form>
      </Paper>
    </main>
  );
}
