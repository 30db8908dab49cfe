// Tying the company's own account to a network that wants a phone for it: the picture to scan or a code to type, how
// it stands now, and the switch that ends it.
import { Alert, Badge, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { QRCodeSVG } from 'qrcode.react';
import { type FormEvent, useEffect, useState } from 'react';
import type { LinkState } from '../../channels/channel.ts';
import { post } from './api.ts';
import { momentOf } from './format.ts';
import { useLanguage } from './language.tsx';
import { useLoad } from './load.ts';
import { Failure } from './states.tsx';

const ANEW = 2000;

interface Link {
  readonly name: string;
  readonly state: LinkState;
}

export function Linkings() {
  const { data, error, reload } = useLoad<{ linkings: readonly Link[] }>('/console/api/linking');
  useEffect(() => {
    const timer = window.setInterval(reload, ANEW);
    return () => window.clearInterval(timer);
  }, [reload]);
  if (error !== undefined && data === undefined) return <Failure error={error} retry={reload} />;
  return data?.linkings.map((link) => <Linking key={link.name} link={link} reload={reload} />);
}

function Linking({ link: { name, state }, reload }: { link: Link; reload: () => void }) {
  const { t, channelName, locale } = useLanguage();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [sure, setSure] = useState(false);
  const ask = (body: object) => {
    setBusy(true);
    setSure(false);
    setError(undefined);
    post(`/console/api/linking/${encodeURIComponent(name)}`, body)
      .catch(setError)
      .finally(() => {
        setBusy(false);
        reload();
      });
  };
  const on = state.is !== 'off';
  return (
    <Paper
      component="section"
      className="linking"
      aria-label={t('linking.title', { name: channelName(name) })}
    >
      <Group justify="space-between" gap="sm">
        <Text component="h2" fw={600} m={0}>
          {t('linking.title', { name: channelName(name) })}
        </Text>
        <Badge
          color={state.is === 'ready' ? 'teal' : on ? 'orange' : 'gray'}
          variant="light"
          tt="none"
          role="status"
        >
          {t(`linking.is.${state.is}`)}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        {t('linking.since', { time: momentOf(state.since, locale, Date.now()) })}
        {state.account !== undefined && ` · ${state.account}`}
      </Text>
      {state.reason !== undefined && (
        <Alert color="orange" variant="light" mt="sm">
          {state.reason}
        </Alert>
      )}
      {state.is === 'linking' && <Scan state={state} busy={busy} ask={ask} />}
      {error !== undefined && <Failure error={error} />}
      <Group mt="md" gap="sm">
        {on && (
          <Button variant="default" size="sm" disabled={busy} onClick={() => ask({ do: 'restart' })}>
            {t('linking.restart')}
          </Button>
        )}
        {state.is === 'ready' && !sure && (
          <Button variant="default" size="sm" disabled={busy} onClick={() => setSure(true)}>
            {t('linking.unlink')}
          </Button>
        )}
        {sure && (
          <>
            <Button color="red" size="sm" disabled={busy} onClick={() => ask({ do: 'unlink' })}>
              {t('linking.unlinkSure')}
            </Button>
            <Button variant="subtle" size="sm" onClick={() => setSure(false)}>
              {t('ticket.cancel')}
            </Button>
          </>
        )}
        <Button
          variant={on ? 'light' : 'filled'}
          color={on ? 'red' : 'teal'}
          size="sm"
          disabled={busy}
          onClick={() => ask({ do: 'turn', on: !on })}
        >
          {t(on ? 'linking.turnOff' : 'linking.turnOn')}
        </Button>
      </Group>
    </Paper>
  );
}

function Scan({ state, busy, ask }: { state: LinkState; busy: boolean; ask: (body: object) => void }) {
  const { t } = useLanguage();
  const [phone, setPhone] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask({ do: 'code', phone });
  };
  return (
    <div className="scan">
      {state.qr !== undefined ? (
        <div className="qr">
          <QRCodeSVG value={state.qr} size={232} marginSize={4} title={t('linking.qr')} />
        </div>
      ) : (
        <Text role="status">{t('linking.qrWait')}</Text>
      )}
      <Stack gap="sm">
        <Text size="sm">{t('linking.how')}</Text>
        {state.code !== undefined && (
          <Text size="xl" fw={700} className="code" role="status">
            {state.code}
          </Text>
        )}
        <form onSubmit={submit}>
          <Group align="end" gap="sm">
            <TextInput
              label={t('linking.phone')}
              placeholder="+7 900 000-00-00"
              type="tel"
              autoComplete="off"
              value={phone}
              onChange={(event) => setPhone(event.currentTarget.value)}
            />
            <Button type="submit" variant="light" disabled={busy || phone.replace(/\D/g, '').length < 7}>
              {t('linking.getCode')}
            </Button>
          </Group>
        </form>
      </Stack>
    </div>
  );
}
