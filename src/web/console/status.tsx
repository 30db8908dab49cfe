// Whether each part of the program works, and in words why not.
import { Alert, Badge, Paper, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import type { HealthReport } from '../deps.ts';
import { type Heard, useHints } from './hear.ts';
import { StatusIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import { Linkings } from './linking.tsx';
import { useLoad } from './load.ts';
import { Parked } from './parked.tsx';
import { Empty, Failure, Waiting } from './states.tsx';

const ANEW = 5000;

type Standing = 'good' | 'bad' | 'off';
const COLOUR = { good: 'teal', bad: 'red', off: 'gray' } as const satisfies Record<Standing, string>;
const standingOf = (part: HealthReport['parts'][number]): Standing =>
  part.off ? 'off' : part.ok ? 'good' : 'bad';
const overallOf = ({ ok, parts }: HealthReport): string =>
  !ok ? 'someBad' : parts.some(({ off }) => off) ? 'restGood' : 'allGood';

export function Status({ hint }: { hint: Heard }) {
  const { t, has, channelName } = useLanguage();
  const nameOf = (part: string) => {
    if (has(`parts.names.${part}`)) return t(`parts.names.${part}`);
    const [kind, id = ''] = part.split(':');
    if (kind !== 'desk') return channelName(part);
    return has(`parts.desks.${id}`) ? t(`parts.desks.${id}`) : t('parts.desk', { name: id });
  };
  const { data, error, reload } = useLoad<HealthReport>('/console/api/status');
  useHints(hint, () => false, reload);
  useEffect(() => {
    const timer = window.setInterval(reload, ANEW);
    return () => window.clearInterval(timer);
  }, [reload]);
  return (
    <Stack gap="md">
      <h1 className="unseen">{t('nav.status')}</h1>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {data === undefined && error === undefined && <Waiting />}
      {data?.parts.length === 0 && <Empty icon={<StatusIcon />}>{t('parts.none')}</Empty>}
      {data !== undefined && data.parts.length > 0 && (
        <>
          <Alert color={data.ok ? 'teal' : 'red'} variant="light" role="status">
            <Text fw={600}>{t(`parts.${overallOf(data)}`)}</Text>
          </Alert>
          <ul className="rows">
            {data.parts
              .map((part) => ({ part, is: standingOf(part) }))
              .map(({ part, is }) => (
                <Paper component="li" key={part.name} className="part">
                  <span className={`lamp ${is}`} aria-hidden="true" />
                  <div className="partBody">
                    <Text fw={600}>{nameOf(part.name)}</Text>
                    {part.reason !== undefined && (
                      <Text size="sm" c="dimmed">
                        {part.reason}
                      </Text>
                    )}
                  </div>
                  <Badge color={COLOUR[is]} variant="light" tt="none">
                    {t(`parts.${is}`)}
                  </Badge>
                </Paper>
              ))}
          </ul>
        </>
      )}
      <Linkings />
      <Parked every={ANEW} />
    </Stack>
  );
}
