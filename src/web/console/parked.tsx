// Events that could not be handled: what they are, never what they say, and a way to try each again.
import { Button, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ParkedEvent } from '../deps.ts';
import { ApiError, post } from './api.ts';
import { momentOf } from './format.ts';
import { useLanguage } from './language.tsx';
import { useLoad } from './load.ts';
import { useNow } from './now.ts';
import { Failure } from './states.tsx';

export function Parked({ every }: { every: number }) {
  const { t, has, locale } = useLanguage();
  const now = useNow();
  const { data, error, reload } = useLoad<{ parked: readonly ParkedEvent[] }>('/console/api/parked');
  const [trying, setTrying] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    const timer = window.setInterval(reload, every);
    return () => window.clearInterval(timer);
  }, [reload, every]);
  const replay = async (id: string) => {
    setTrying(id);
    setFailure(undefined);
    try {
      await post(`/console/api/parked/${encodeURIComponent(id)}/replay`, {});
    } catch (problem) {
      // Somebody else was faster: the list read again shows it.
      if (!(problem instanceof ApiError && problem.code === 'no_parked')) setFailure(problem);
    } finally {
      setTrying(undefined);
      reload();
    }
  };
  if (error !== undefined) return <Failure error={error} retry={reload} />;
  if (data === undefined) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t('parked.title')}>
      <Title order={2} size="h5">
        {t('parked.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t(data.parked.length === 0 ? 'parked.none' : 'parked.explained')}
      </Text>
      {failure !== undefined && <Failure error={failure} />}
      {data.parked.length > 0 && (
        <ul className="rows">
          {data.parked.map((event) => (
            <Paper component="li" key={event.id} className="part parked">
              <div className="partBody">
                <Text fw={600}>
                  {has(`parked.kind.${event.kind}`) ? t(`parked.kind.${event.kind}`) : event.kind}
                </Text>
                <Text size="sm" c="dimmed">
                  {[
                    ...(event.at === undefined ? [] : [momentOf(event.at, locale, now)]),
                    t('parked.line', { line: event.line }),
                    t('parked.reason', { reason: event.reason }),
                  ].join(' · ')}
                </Text>
              </div>
              <Button
                size="compact-md"
                variant="light"
                loading={trying === event.id}
                disabled={trying !== undefined && trying !== event.id}
                onClick={() => void replay(event.id)}
              >
                {t('parked.replay')}
              </Button>
            </Paper>
          ))}
        </ul>
      )}
    </Stack>
  );
}
