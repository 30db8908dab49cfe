// The machine: one event and where the contact stands in, where they stand next and what is to be done out.
// Pure: no clock, no randomness, no I/O, nothing awaited; the session given is not changed.
import type { CustomerEvent, InboundEvent, TimerEvent } from '../core/event.ts';
import { isCustomerEvent } from '../core/event.ts';
import type { Session } from '../core/session.ts';
import { here } from './at.ts';
import { onStart, setLocale } from './commands.ts';
import { onMessage, onPress } from './customer.ts';
import { type Act, act, type Draft, type Moment, type Rules, text } from './draft.ts';
import { onDesk, onEdit, onReach, onUndelivered } from './handoff.ts';
import { onAddition, onJoining } from './joining.ts';
import { onOutside, onPublic, onReceipt } from './outside.ts';
import { abandon, repeat } from './play.ts';

export interface Turn {
  readonly session: Session;
  /** In order; each id is the outbox entry's. */
  readonly acts: readonly Act[];
}

export function advance(session: Session, event: InboundEvent, rules: Rules, moment: Moment): Turn {
  const draft: Draft = { session: { ...session }, acts: [], event, rules, moment };
  if (isCustomerEvent(event)) onCustomer(draft, event);
  else if (event.kind === 'desk') onDesk(draft, event);
  else if (event.kind === 'timer') onTimer(draft, event);
  else if (event.kind === 'joining') onJoining(draft, event);
  else if (event.kind === 'addition') onAddition(draft, event);
  else onUndelivered(draft, event);
  return { session: draft.session, acts: draft.acts };
}

function onCustomer(draft: Draft, event: CustomerEvent): void {
  if (event.kind === 'outside') return onOutside(draft, event);
  if (event.kind === 'receipt') return onReceipt(draft, event);
  learn(draft, event);
  if (event.kind === 'reach') return onReach(draft, event.reachable);
  // Whoever writes can be reached.
  if (!draft.session.reachable) onReach(draft, true);
  if (draft.moment.channel.isPublic) return onPublic(draft, event);
  switch (event.kind) {
    case 'message':
      return onMessage(draft, event);
    case 'press':
      return onPress(draft, event);
    case 'start':
      return onStart(draft, event.payload);
    case 'edit':
      return onEdit(draft, event);
    case 'locale':
      return setLocale(draft, event.locale, here(draft) === undefined);
  }
}

/** What the network tells of the person is kept when it is new; their language only at the first sight. */
function learn(draft: Draft, event: CustomerEvent): void {
  const { session, rules } = draft;
  const { person } = event;
  const first = session.v === 0;
  if (!first && (person?.name === undefined || person.name === session.name)) return;
  if (person?.name !== undefined) session.name = person.name;
  if (first) {
    const told = person?.locale?.slice(0, 2).toLowerCase();
    if (told && rules.locales.includes(told)) session.locale = told;
  }
  act(draft, { kind: 'profile', locale: session.locale, ...(person ? { person } : {}) });
}

function onTimer(draft: Draft, event: TimerEvent): void {
  const { session } = draft;
  const timer = session.timers.find((one) => one.name === event.timer && one.due === event.due);
  // Set anew or done with since: the talk went on.
  if (!timer) return;
  session.timers = session.timers.filter((one) => one !== timer);
  if (timer.name === 'expire') return abandon(draft);
  const place = here(draft);
  if (!place?.flow.remind || session.muted || session.talk) return;
  const vars = { name: session.name ?? '' };
  repeat(draft, place.flow.remind.text(session.locale, vars) || text(draft, 'remind'));
}
