// One ticket: its state, the talk, what an operator can do. What was done is shown as pending until the ticket
// itself shows it.
import { Alert, Badge, Button, Group, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { TicketView } from '../console-views.ts';
import { ApiError, act, newKey } from './api.ts';
import { Compose, type Mode } from './compose.tsx';
import { Details } from './details.tsx';
import { ageOf } from './format.ts';
import type { Operator } from './frame.tsx';
import { type Heard, useHints } from './hear.ts';
import { BackIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import { Lines, type Pending, shows } from './lines.tsx';
import { useLoad } from './load.ts';
import { useNow } from './now.ts';
import { linkTo } from './route.ts';
import { Failure, Waiting } from './states.tsx';
import { STATUS_COLOUR } from './tickets.tsx';
import { Whole } from './whole.tsx';

/** An act that changes nothing, such as a claim that lost the race, brings no hint: the ticket is looked at again. */
const LOOK_AGAIN = [400, 1_500, 3_000];
const GIVE_UP = 4_500;

export function Ticket({ id, hint, operator }: { id: string; hint: Heard; operator: Operator }) {
  const { t, locale } = useLanguage();
  const { data, error, reload } = useLoad<{ ticket: TicketView }>(
    `/console/api/tickets/${encodeURIComponent(id)}?locale=${locale}`,
  );
  useHints(hint, (heard) => heard.kind === 'ticket' && (heard.id === undefined || heard.id === id), reload);
  return (
    <Stack gap="md">
      <Button
        component="a"
        variant="subtle"
        color="gray"
        size="compact-md"
        leftSection={<BackIcon />}
        className="back"
        {...linkTo({ section: 'tickets' })}
      >
        {t('ticket.back')}
      </Button>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {data === undefined && error === undefined && <Waiting />}
      {data && <Opened ticket={data.ticket} operator={operator} reload={reload} />}
    </Stack>
  );
}

function Opened(props: { ticket: TicketView; operator: Operator; reload: () => void }) {
  const { ticket, operator, reload } = props;
  const { t, locale } = useLanguage();
  const now = useNow();
  const mine = ticket.assignee?.id === operator.id;
  const closed = ticket.status === 'closed' || ticket.status === 'rejected';
  const [mode, setMode] = useState<Mode>('reply');
  const [pending, setPending] = useState<readonly Pending[]>([]);
  const [doing, setDoing] = useState<{
    readonly what: 'claim' | 'close';
    readonly v: number;
    readonly taken: boolean;
  }>();
  const [resending, setResending] = useState<ReadonlyMap<string, string | undefined>>(new Map());
  const [closing, setClosing] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const field = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);

  const left = pending.filter((it) => !ticket.messages.some((line) => shows(line, it)));
  const busy = doing !== undefined && doing.v === ticket.v ? doing.what : undefined;
  const stateOf = (message: string) => ticket.messages.find((line) => line.id === message)?.state;
  const stillResending = new Set(
    [...resending].filter(([message, state]) => stateOf(message) === state).map(([message]) => message),
  );

  // The newest message is looked at first, and again when one of our own is added.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the number of lines.
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [ticket.messages.length + left.length]);

  // Whoever has it now is told by the button's words: taking it over is meant.
  const claim = () => void perform('claim', ticket.assignee ? { force: true } : {});
  const perform = async (what: 'claim' | 'close', body: object = {}) => {
    setFailure(undefined);
    setDoing({ what, v: ticket.v, taken: false });
    try {
      await act(ticket.id, what, { key: newKey(), ...body });
      setDoing((before) => before && { ...before, taken: true });
      setClosing(false);
    } catch (error) {
      setDoing(undefined);
      setFailure(error);
      // The ticket is no longer as this page shows it.
      if (error instanceof ApiError && error.code === 'taken') reload();
    }
  };
  const answered = busy !== undefined && doing?.taken === true;
  useEffect(() => {
    if (!answered) return;
    const timers = LOOK_AGAIN.map((wait) => window.setTimeout(reload, wait));
    timers.push(window.setTimeout(() => setDoing(undefined), GIVE_UP));
    return () => {
      for (const timer of timers) window.clearTimeout(timer);
    };
  }, [answered, reload]);
  const resend = async (message: string) => {
    setFailure(undefined);
    setResending((before) => new Map(before).set(message, stateOf(message)));
    try {
      await act(ticket.id, 'resend', { key: newKey(), message });
    } catch (error) {
      setResending((before) => new Map([...before].filter(([it]) => it !== message)));
      setFailure(error);
    }
  };

  useEffect(() => {
    const keys = (event: globalThis.KeyboardEvent) => {
      const { target } = event;
      const writing = target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
      if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
      // The same keys on a Russian layout.
      const key = { KeyR: 'r', KeyN: 'n', KeyC: 'c' }[event.code];
      if (key === undefined || closed) return;
      event.preventDefault();
      if (key === 'c') {
        if (!mine && busy === undefined) claim();
        return;
      }
      setMode(key === 'r' ? 'reply' : 'note');
      window.setTimeout(() => field.current?.focus());
    };
    document.addEventListener('keydown', keys);
    return () => document.removeEventListener('keydown', keys);
  });

  return (
    <>
      <header className="ticketHead">
        <div className="ticketTitle">
          <Title order={1} size="h3" dir="auto">
            <span className="number">{ticket.number}</span>{' '}
            <span className="thin">
              <Whole text={ticket.subject || t('tickets.noSubject')} />
            </span>
          </Title>
          <Group gap="xs">
            <Badge color={STATUS_COLOUR[ticket.status]} variant="light" size="lg" tt="none">
              {t(`status.${ticket.status}`)}
            </Badge>
            <Text size="sm" c="dimmed">
              {t(`kind.${ticket.kind}`)} ·{' '}
              {ageOf(ticket.openedAt, ticket.closedAt ?? now, locale, t('justNow'))} ·{' '}
              {ticket.assignee?.name ?? t('tickets.unassigned')}
            </Text>
          </Group>
        </div>
        {!closed && (
          <Group gap="xs">
            {!mine && (
              <Button onClick={claim} loading={busy === 'claim'}>
                {t(ticket.assignee ? 'ticket.claimFrom' : 'ticket.claim')}
              </Button>
            )}
            {(mine || !ticket.assignee) && (
              <Button variant="default" onClick={() => setClosing(true)} loading={busy === 'close'}>
                {t('ticket.close')}
              </Button>
            )}
          </Group>
        )}
      </header>
      {failure !== undefined && <Failure error={failure} />}
      {!ticket.reachable && (
        <Alert color="orange" variant="light">
          {t('ticket.unreachable')}
        </Alert>
      )}
      {closing && !closed && (
        <Closing
          busy={busy === 'close'}
          cancel={() => setClosing(false)}
          close={(text) => void perform('close', text.trim() === '' ? {} : { text })}
        />
      )}
      <div className="columns">
        <section className="talk" aria-label={t('ticket.talk')}>
          {ticket.messages.length === 0 && left.length === 0 && (
            <Text c="dimmed">{t('ticket.noMessages')}</Text>
          )}
          <Lines
            lines={ticket.messages}
            pending={left}
            customer={ticket.customer}
            resending={stillResending}
            resend={(message) => void resend(message)}
          />
          <div ref={end} className="talkEnd" />
          {closed ? (
            <Alert variant="default" radius="lg">
              {t('ticket.isClosed')}
            </Alert>
          ) : (
            <Compose
              ticket={ticket.id}
              mode={mode}
              setMode={setMode}
              field={field}
              hindrance={
                mine
                  ? undefined
                  : ticket.assignee
                    ? t('ticket.claimOver', { name: ticket.assignee.name })
                    : t('ticket.claimFirst')
              }
              claim={claim}
              claimLabel={t(ticket.assignee ? 'ticket.claimFrom' : 'ticket.claim')}
              claiming={busy === 'claim'}
              sent={(it) => {
                setPending([...left, { ...it, known: new Set(ticket.messages.map((line) => line.id)) }]);
                reload();
              }}
            />
          )}
        </section>
        <Details ticket={ticket} />
      </div>
    </>
  );
}

function Closing(props: { busy: boolean; cancel: () => void; close: (text: string) => void }) {
  const { t } = useLanguage();
  const [text, setText] = useState('');
  return (
    <Paper withBorder p="md" radius="lg" component="section" aria-label={t('ticket.closeTitle')}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('ticket.closeTitle')}
        </Title>
        <Textarea
          label={t('ticket.closeText')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={4000}
          autosize
          minRows={2}
          autoFocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.cancel}>
            {t('ticket.cancel')}
          </Button>
          <Button color="red" loading={props.busy} onClick={() => props.close(text)}>
            {t('ticket.closeConfirm')}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
