// The frame round every section: where one can go, who is signed in, whether the page is live.
import { ActionIcon, Text, UnstyledButton } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import { post } from './api.ts';
import { Flows } from './flows.tsx';
import { FlowsIcon, OutIcon, ResponsesIcon, StatusIcon, TicketsIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import { type Hint, useLive } from './live.ts';
import { Responses } from './responses.tsx';
import { linkTo, SECTIONS, type Section, useRoute } from './route.ts';
import { Status } from './status.tsx';
import { LanguageSwitch, ThemeSwitch } from './switches.tsx';
import { Ticket } from './ticket.tsx';
import { Tickets } from './tickets.tsx';

const ICONS: Record<Section, ComponentType> = {
  tickets: TicketsIcon,
  responses: ResponsesIcon,
  flows: FlowsIcon,
  status: StatusIcon,
};

export interface Operator {
  readonly id: string;
  readonly name: string;
}

export function Frame({ operator, signedOut }: { operator: Operator; signedOut: () => void }) {
  const { t } = useLanguage();
  const route = useRoute();
  const [hint, setHint] = useState<Hint & { readonly n: number }>({ kind: 'none', n: 0 });
  const connected = useLive(route.ticket, (heard) => setHint((before) => ({ ...heard, n: before.n + 1 })));
  const leave = () => {
    post('/console/api/logout', {}).then(signedOut, signedOut);
  };

  return (
    <div className="frame">
      <nav className="nav" aria-label={t('nav.label')}>
        <Text fw={700} className="brand">
          {t('name')}
        </Text>
        {SECTIONS.map((section) => {
          const Icon = ICONS[section];
          return (
            <UnstyledButton
              key={section}
              component="a"
              className="navLink"
              aria-current={route.section === section ? 'page' : undefined}
              {...linkTo({ section })}
            >
              <Icon />
              <span>{t(`nav.${section}`)}</span>
            </UnstyledButton>
          );
        })}
      </nav>
      <div className="side">
        <Text size="sm" c="dimmed" className="who" truncate>
          {operator.name}
        </Text>
        <LanguageSwitch />
        <ThemeSwitch />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('signOut')}
          title={t('signOut')}
          onClick={leave}
        >
          <OutIcon />
        </ActionIcon>
      </div>
      <main className="content">
        {!connected && (
          <Text role="status" size="sm" className="lost">
            {t('live.lost')}
          </Text>
        )}
        {route.section === 'tickets' && route.ticket === undefined && <Tickets hint={hint} />}
        {route.section === 'tickets' && route.ticket !== undefined && (
          <Ticket key={route.ticket} id={route.ticket} hint={hint} operator={operator} />
        )}
        {route.section === 'responses' && <Responses hint={hint} />}
        {route.section === 'flows' && <Flows hint={hint} />}
        {route.section === 'status' && <Status hint={hint} />}
      </main>
    </div>
  );
}
