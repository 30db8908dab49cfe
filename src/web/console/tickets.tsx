// The list of tickets: open, mine, closed; found by number; live.
import { Badge, Button, CloseButton, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { TicketRow } from '../console-views.ts';
import { ageOf } from './format.ts';
import { type Heard, useHints } from './hear.ts';
import { TicketsIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import { useNow } from './now.ts';
import { usePages } from './pages.ts';
import { linkTo } from './route.ts';
import { Empty, Failure, Waiting } from './states.tsx';

const LISTS = ['open', 'mine', 'closed'] as const;
type List = (typeof LISTS)[number];

export const STATUS_COLOUR: Readonly<Record<TicketRow['status'], string>> = {
  received: 'red',
  acknowledged: 'orange',
  assessed: 'yellow',
  in_progress: 'blue',
  waiting: 'grape',
  resolved: 'teal',
  communicated: 'teal',
  closed: 'gray',
  rejected: 'gray',
  reopened: 'red',
};

export function Tickets({ hint }: { hint: Heard }) {
  const { t, locale } = useLanguage();
  const now = useNow();
  const [list, setList] = useState<List>('open');
  const [typed, setTyped] = useState('');
  const [number] = useDebouncedValue(typed.trim(), 250);
  const query = new URLSearchParams(number === '' ? { state: list, locale } : { number, locale });
  const { rows, error, reload, more, busy } = usePages<TicketRow>(`/console/api/tickets?${query}`, 'tickets');
  useHints(hint, ({ kind }) => kind === 'ticket', reload);

  return (
    <Stack gap="md">
      <h1 className="unseen">{t('nav.tickets')}</h1>
      <Group gap="sm" className="tools">
        <SegmentedControl
          aria-label={t('tickets.show')}
          value={number === '' ? list : ''}
          onChange={(value) => {
            setTyped('');
            setList(value as List);
          }}
          data={LISTS.map((it) => ({ value: it, label: t(`tickets.${it}`) }))}
        />
        <TextInput
          className="search"
          type="search"
          aria-label={t('tickets.search')}
          placeholder={`${t('tickets.search')}, ${t('tickets.searchHint')}`}
          value={typed}
          maxLength={40}
          onChange={(event) => setTyped(event.currentTarget.value)}
          rightSection={
            typed !== '' && <CloseButton aria-label={t('tickets.clear')} onClick={() => setTyped('')} />
          }
        />
      </Group>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {rows === undefined && error === undefined && <Waiting />}
      {rows?.length === 0 && (
        <Empty icon={<TicketsIcon />}>
          {number === '' ? t(`tickets.none.${list}`) : t('tickets.notFound', { number })}
        </Empty>
      )}
      {rows !== undefined && rows.length > 0 && (
        <ul className="rows">
          {rows.map((row) => (
            <Row key={row.id} row={row} now={now} />
          ))}
        </ul>
      )}
      {more && (
        <Button variant="default" onClick={more} loading={busy} className="more">
          {t('more')}
        </Button>
      )}
    </Stack>
  );
}

function Row({ row, now }: { row: TicketRow; now: number }) {
  const { t, locale, channelName } = useLanguage();
  return (
    <li>
      <a className="row" {...linkTo({ section: 'tickets', ticket: row.id })}>
        <span className="rowHead">
          <Text component="span" fw={650} className="number">
            {row.number}
          </Text>
          <Badge color={STATUS_COLOUR[row.status]} variant="light" tt="none">
            {t(`status.${row.status}`)}
          </Badge>
          <Text component="span" size="sm" c="dimmed" className="age" title={t('tickets.age')}>
            {ageOf(row.openedAt, row.closedAt ?? now, locale, t('justNow'))}
          </Text>
        </span>
        <Text component="span" className="subject" dir="auto">
          {row.subject || t('tickets.noSubject')}
        </Text>
        <Text component="span" size="sm" c="dimmed" className="rowFoot" dir="auto">
          {[
            t(`kind.${row.kind}`),
            row.category.join(' › '),
            row.customer,
            channelName(row.channel),
            row.assignee?.name ?? t('tickets.unassigned'),
          ]
            .filter((it) => it !== '')
            .join(' · ')}
        </Text>
      </a>
    </li>
  );
}
