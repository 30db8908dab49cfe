// One person in several chats: a code shown in one and typed in another joins them, a word parts them again. Here is
// decided what is asked of the store and how each chat is told; whether a code is good is known only there.
import type { AdditionEvent, JoiningEvent } from '../core/event.ts';
import { channelName } from '../text/channel-name.ts';
import { isOver } from '../tickets/lifecycle.ts';
import { commandIn } from './answer/index.ts';
import { here } from './at.ts';
import { act, type Draft, desk, deskText, notice, say, text } from './draft.ts';
import { addLine, reopen } from './intake.ts';
import { CODE_LENGTH, readJoinCode, shownJoinCode } from './join-code.ts';
import { abandon, repeat } from './play.ts';

const MINUTE = 60_000;
const VALID = 15 * MINUTE;
const HOUR = 60 * MINUTE;
/** Codes that may prove wrong in an hour. */
const MOST_TRIES = 5;
/** A command with a code behind it is no longer than this, and no shorter. */
const LONGEST = 64;
const SHORTEST = 12;
/** Eight signs at the end, in one group or two: few messages have them, and only those are looked at more closely. */
/** `t` and the id of the act that opened it. */
const TICKET_ID = /^tc[\w-]{15}\.\w+$/;
const ENDS_LIKE_CODE = /\s([2-9A-ZА-Я]{4}[-–— ]?[2-9A-ZА-Я]{4})$/i;

/** The message is a code that is waited for, or names the command and a code: ready to be done. */
export function codeIn(draft: Draft, words: string): (() => void) | undefined {
  if (words.length > LONGEST || !draft.moment.codes) return undefined;
  const trimmed = words.trim();
  if ((draft.session.joining?.until ?? 0) > draft.moment.now) {
    const bare = readJoinCode(trimmed);
    if (bare !== undefined) return () => takeCode(draft, bare);
  }
  // Nearly no message ends like this, and every one is asked.
  if (trimmed.length < SHORTEST || !/[2-9]/.test(trimmed.slice(-CODE_LENGTH - 1))) return undefined;
  const end = ENDS_LIKE_CODE.exec(trimmed);
  const code = end?.[1] === undefined ? undefined : readJoinCode(end[1]);
  if (!end || code === undefined) return undefined;
  const command = commandIn(trimmed.slice(0, end.index), draft.rules.words);
  return command === 'join' ? () => takeCode(draft, code) : undefined;
}

/** "/join" with what stands behind it: a code to take, or nothing, which asks for one. */
export function join(draft: Draft, behind = ''): void {
  if (behind.trim() === '') return offerCode(draft);
  const code = readJoinCode(behind.trim());
  if (code === undefined) tell(draft, text(draft, 'join.malformed'));
  else takeCode(draft, code);
}

export function part(draft: Draft): void {
  act(draft, { kind: 'part' });
}

function offerCode(draft: Draft): void {
  const { session, moment } = draft;
  if (!moment.codes) return tell(draft, text(draft, 'unknown_command'));
  const code = moment.codes.fresh();
  const until = moment.now + VALID;
  session.joining = { until, tries: recent(draft) };
  act(draft, { kind: 'offer', hash: moment.codes.hash(code), until });
  tell(draft, text(draft, 'join.code', { code: shownJoinCode(code), minutes: VALID / MINUTE }));
}

function takeCode(draft: Draft, code: string): void {
  const { session, moment } = draft;
  if (!moment.codes) return tell(draft, text(draft, 'unknown_command'));
  const tries = recent(draft);
  if (tries.length >= MOST_TRIES) return tell(draft, text(draft, 'join.too_many'));
  // Counted before it is known to be wrong, so that many at once are not let through.
  // A slip is put right by the code alone.
  session.joining = { until: moment.now + VALID, tries: [...tries, moment.now] };
  act(draft, { kind: 'join', hash: moment.codes.hash(code) });
}

const recent = ({ session, moment }: Draft): readonly number[] =>
  (session.joining?.tries ?? []).filter((at) => at > moment.now - HOUR);

/** The chat is told what became of it. */
export function onJoining(draft: Draft, { outcome, others }: JoiningEvent): void {
  const channels = [
    ...new Set(others.map((channel) => channelName(draft.rules.texts, draft.session.locale, channel))),
  ];
  const vars = { channels: channels.join(', ') };
  switch (outcome) {
    case 'joined':
      delete draft.session.joining;
      redrawCards(draft);
      return tell(draft, text(draft, 'join.joined', vars));
    case 'parted':
      leaveForeign(draft);
      redrawCards(draft);
      return tell(draft, text(draft, 'join.parted', vars));
    case 'left':
      leaveForeign(draft);
      redrawCards(draft);
      return tell(draft, text(draft, 'join.left', vars));
    case 'alone':
      return tell(draft, text(draft, 'join.alone'));
    case 'wrong':
      return tell(draft, text(draft, 'join.wrong', { left: Math.max(0, MOST_TRIES - recent(draft).length) }));
    case 'expired':
      giveBackTry(draft);
      return tell(draft, text(draft, 'join.expired'));
    case 'used':
      giveBackTry(draft);
      return tell(draft, text(draft, 'join.used'));
    case 'own':
      giveBackTry(draft);
      return tell(draft, text(draft, 'join.own'));
    case 'already':
      giveBackTry(draft);
      return tell(draft, text(draft, 'join.already'));
    case 'both':
      giveBackTry(draft);
      return tell(draft, text(draft, 'join.both'));
  }
}

/** A talk about a ticket that can no longer be seen from here is over. */
function leaveForeign(draft: Draft): void {
  const { session, moment } = draft;
  const seen = (id: string): boolean =>
    session.open.some((one) => one.id === id) || moment.tickets.some((one) => one.id === id);
  const answers = Object.values(here(draft)?.frame.answers ?? {});
  if (answers.some((value) => typeof value === 'string' && TICKET_ID.test(value) && !seen(value)))
    abandon(draft);
}

/** It was a code, if not one to join by: nothing was guessed. */
function giveBackTry({ session }: Draft): void {
  if (session.joining) session.joining = { ...session.joining, tries: session.joining.tries.slice(0, -1) };
}

/** The cards say where else the customer is. */
function redrawCards(draft: Draft): void {
  for (const ticket of draft.session.open) desk(draft, ticket.id, { what: 'card' });
}

/** An open question is not lost from sight; in a talk with a person it would only be in the way. */
function tell(draft: Draft, words: string): void {
  if (draft.session.talk) say(draft, { text: words });
  else repeat(draft, words);
}

/** Words that came from another chat of theirs: kept in this one's ticket, which is opened again if it was over. */
export function onAddition(draft: Draft, event: AdditionEvent): void {
  const { session, moment } = draft;
  const { ticket } = moment;
  if (ticket?.contact !== session.id)
    throw new Error(`ticket ${event.ticket} is not of contact ${session.id}`);
  if (isOver(ticket.status)) reopen(draft, ticket);
  addLine(draft, ticket.id, event.text, event.attachments);
  const { texts, deskLocale } = draft.rules;
  const from = channelName(texts, deskLocale, event.from);
  const to = channelName(texts, deskLocale, ticket.channel);
  notice(draft, ticket.id, deskText(draft, 'notice.added_elsewhere', { from, to }));
}
