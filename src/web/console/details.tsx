// What is known of a ticket beside its talk: fields, the customer's files, history.
import { Paper, Stack, Text, Title } from '@mantine/core';
import type { TicketView } from '../console-views.ts';
import { Files } from './files.tsx';
import { momentOf } from './format.ts';
import { useLanguage } from './language.tsx';
import { useNow } from './now.ts';
import { Whole } from './whole.tsx';

export function Details({ ticket }: { ticket: TicketView }) {
  const { t, has, locale, channelName } = useLanguage();
  const now = useNow();
  const status = (to: string | undefined) => (has(`status.${to}`) ? t(`status.${to}`) : (to ?? ''));
  const rows: readonly (readonly [string, string])[] = [
    [t('ticket.customer'), ticket.customer],
    [t('ticket.channel'), channelName(ticket.channel)],
    ...(ticket.alsoOn.length > 0
      ? [[t('ticket.alsoOn'), ticket.alsoOn.map(channelName).join(', ')] as const]
      : []),
    ...(ticket.category.length > 0 ? [[t('ticket.category'), ticket.category.join(' › ')] as const] : []),
    [t('ticket.assignee'), ticket.assignee?.name ?? t('tickets.unassigned')],
    [t('ticket.opened'), momentOf(ticket.openedAt, locale, now)],
    [t('ticket.changed'), momentOf(ticket.changedAt, locale, now)],
  ];
  return (
    <Stack gap="md" component="aside">
      {ticket.evidence.length > 0 && (
        <Paper withBorder p="md" radius="lg">
          <Title order={2} size="h5" mb="xs">
            {t('ticket.evidence')}
          </Title>
          <Files files={ticket.evidence} />
        </Paper>
      )}
      <Paper withBorder p="md" radius="lg">
        <Title order={2} size="h5" mb="xs">
          {t('ticket.details')}
        </Title>
        <dl className="facts">
          {[...rows, ...ticket.fields.map((field) => [field.label, field.value] as const)].map(
            ([label, value], n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: labels are an author's and may repeat.
              <div key={n}>
                <dt>{label}</dt>
                <dd dir="auto">
                  <Whole text={value} />
                </dd>
              </div>
            ),
          )}
        </dl>
      </Paper>
      <Paper withBorder p="md" radius="lg">
        <Title order={2} size="h5" mb="xs">
          {t('ticket.history')}
        </Title>
        <ol className="history">
          {ticket.history.map((change, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: history only grows at its end.
            <li key={n}>
              <Text size="sm">
                {t(`change.${change.what}`, {
                  to: change.what === 'status' ? status(change.to) : (change.to ?? ''),
                })}
              </Text>
              <Text size="xs" c="dimmed">
                {momentOf(change.at, locale, now)}
                {change.by === undefined ? '' : ` · ${change.by.name}`}
              </Text>
            </li>
          ))}
        </ol>
      </Paper>
    </Stack>
  );
}
