// What a customer's message or press means: a command, words to an operator, an answer, or a beginning.
import type { CustomerEvent } from '../core/event.ts';
import type { Attachment, Message } from '../core/message.ts';
import { type CommandName, commandIn, languageIn } from './answer/index.ts';
import { here } from './at.ts';
import { commonButton, DONE, optionOf, type QuestionButton, readButton, SKIP } from './button.ts';
import { act, type Draft, deskText, keepCustomers, notice, say, text } from './draft.ts';
import { toTicket } from './handoff.ts';
import { codeIn, join, part } from './joining.ts';
import {
  abandon,
  answered,
  begin,
  digress,
  enter,
  goBack,
  questionOf,
  repeat,
  setFrame,
  takeBack,
  walk,
} from './play.ts';
import { again, finish, pressLabel, takeMessage, takePress } from './take.ts';

type MessageEvent = CustomerEvent & { readonly kind: 'message' };
type PressEvent = CustomerEvent & { readonly kind: 'press' };

/** The flow every talk can fall back on; the checker insists on it. */
export const MENU = 'menu';
const OPERATOR = 'operator';

export function onMessage(draft: Draft, event: MessageEvent): void {
  const { session, moment } = draft;
  const files = event.attachments ?? [];
  const said = { text: event.text, ...(files.length > 0 ? { attachments: files } : {}) };
  const command =
    files.length === 0 ? (offeredIn(draft, event.text) ?? commandOf(draft, event.text)) : undefined;
  if (command) {
    keepCustomers(draft, event, said);
    return command();
  }
  // A quoted message of a ticket says plainly where the words belong.
  const quoted = moment.about?.ticket;
  const ticket = quoted !== undefined ? session.open.find((one) => one.id === quoted) : session.talk;
  if (ticket && isUnreadable(said)) {
    notice(draft, ticket.id, deskText(draft, 'notice.unreadable'));
    return say(draft, { text: text(draft, 'unreadable') });
  }
  if (ticket) return toTicket(draft, event, ticket, said);
  const place = here(draft);
  if (place?.node.waits) {
    keepCustomers(draft, event, said);
    return takeMessage(draft, place, event.text, files);
  }
  const latest = session.open[0];
  if (latest && (event.text.trim() || files.length > 0)) {
    toTicket(draft, event, latest, said);
    say(draft, {
      text: text(draft, 'added', { number: latest.number }),
      choices: [{ id: commonButton('menu'), label: text(draft, 'button.menu') }],
    });
    return;
  }
  keepCustomers(draft, event, said);
  greet(draft, event.text, files);
}

/** Of a kind that the network does not pass on, or that we know nothing of. */
const isUnreadable = (said: Message): boolean => said.text.trim() === '' && !said.attachments?.length;

/**
 * Nothing is under way. A sentence is an answer to the menu's question before it is asked, so that nobody has to say it
 * twice; a single word is a greeting. A file alone is answered in words, so that nobody thinks it was taken.
 */
function greet(draft: Draft, words: string, files: readonly Attachment[]): void {
  if (files.length > 0) say(draft, { text: text(draft, 'file_without_talk') });
  const sentence = /\S\s+\S/.test(words.trim());
  if (!sentence) return begin(draft, MENU);
  enter(draft, MENU);
  const place = here(draft);
  if (place?.node.waits && questionOf(draft, place).free) return takeMessage(draft, place, words, []);
  walk(draft);
}

export function onStart(draft: Draft, payload: string | undefined): void {
  const { session, rules } = draft;
  if (session.muted) {
    session.muted = false;
    act(draft, { kind: 'profile', muted: false });
  }
  if (payload === undefined || payload === '') return begin(draft, MENU);
  const flow = rules.current.flows.has(payload) ? payload : rules.current.commands.get(payload);
  if (flow !== undefined) return begin(draft, flow);
  say(draft, { text: text(draft, 'unknown_link') });
  begin(draft, MENU);
}

export function onPress(draft: Draft, event: PressEvent): void {
  const button = readButton(event.button);
  const place = here(draft);
  if (!button) return late(draft);
  if (event.button === draft.session.lastPress) return;
  if (button.kind === 'common') return onCommon(draft, button.does, button.value);
  if (!place || button.run !== place.run.id) return late(draft);
  if (place.node.waits && button.step === place.run.step && button.node === place.node.index) {
    const question = questionOf(draft, place);
    const label = pressLabel(draft, question, button);
    if (label === undefined) return;
    // A tick is shown on the question itself.
    const ticks = question.expect.kind === 'many' && button.option !== SKIP && button.option !== DONE;
    if (!ticks) keepCustomers(draft, event, { text: label });
    // A press on the open question means they turned back to it.
    delete draft.session.talk;
    return takePress(draft, place, button, event.message, question);
  }
  onEarlier(draft, event, button);
}

/**
 * A press on an earlier question of the talk under way. The same answer again is a double tap and changes nothing;
 * another answer changes that one. What was answered after it stands where the new way still asks it.
 */
function onEarlier(draft: Draft, event: PressEvent, button: QuestionButton): void {
  const place = here(draft);
  const node = place?.flow.order[button.node];
  if (!place || !node?.ask || button.step <= place.frame.since || button.step >= place.run.step) return;
  const before = place.frame.answers[node.id];
  if (before === undefined) return;
  const earlier = { ...place, node };
  const question = questionOf(draft, earlier);
  if (question.expect.kind === 'many' || question.expect.kind === 'files' || node.kind === 'confirm') return;
  const option = optionOf(question.options ?? [], button.option);
  // An old "skip" takes nothing away that was answered since.
  if (!option) return;
  if (String(before) === option.id) return;
  // What has gone out as a ticket cannot be taken back by a press.
  if (Object.keys(place.frame.answers).some((id) => place.flow.nodes.get(id)?.kind === 'ticket'))
    return late(draft);
  keepCustomers(draft, event, { text: option.label });
  say(draft, { text: text(draft, 'changed', { answer: option.label }) });
  const ids = Object.keys(place.frame.answers);
  const after = ids.slice(ids.indexOf(node.id) + 1).filter((id) => place.flow.nodes.get(id)?.waits);
  const kept = Object.fromEntries(after.map((id) => [id, place.frame.answers[id]!]));
  takeBack(draft, place, node.id, true);
  const back = draft.session.run?.frames.at(-1);
  if (back && after.length > 0) setFrame(draft, { ...back, kept });
  const now = here(draft);
  if (now) takePress(draft, now, button, event.message);
}

/** The button's talk is over, or was never theirs. */
function late(draft: Draft): void {
  const place = here(draft);
  if (place?.node.waits) return repeat(draft, text(draft, 'late_button_open'));
  say(draft, {
    text: text(draft, 'late_button'),
    choices: [{ id: commonButton('menu'), label: text(draft, 'button.menu') }],
  });
}

function onCommon(
  draft: Draft,
  does: 'menu' | 'operator' | 'locale' | 'resume',
  value: string | undefined,
): void {
  if (does === 'menu') return begin(draft, MENU);
  if (does === 'operator') return callOperator(draft);
  if (does === 'locale') return value !== undefined ? setLocale(draft, value) : undefined;
  delete draft.session.talk;
  repeat(draft);
}

/** Switches the language and says the open question again in it. */
export function setLocale(draft: Draft, locale: string, quietly = false): void {
  const { session, rules } = draft;
  if (!rules.locales.includes(locale)) return;
  const changed = session.locale !== locale;
  session.locale = locale;
  if (changed) act(draft, { kind: 'profile', locale });
  if (quietly) return;
  repeat(draft, text(draft, 'language_set'));
}

/** The number of a choice that was offered last and belongs to no question, ready to be done. */
function offeredIn(draft: Draft, words: string): (() => void) | undefined {
  const number = /^\s*(\d{1,2})[.)]?\s*$/.exec(words)?.[1];
  const id = number === undefined ? undefined : draft.session.offered?.[Number(number) - 1];
  const button = id === undefined ? undefined : readButton(id);
  return button?.kind === 'common' ? () => onCommon(draft, button.does, button.value) : undefined;
}

/** The command that the whole message is, ready to be done. */
function commandOf(draft: Draft, words: string): (() => void) | undefined {
  const { rules, session } = draft;
  const joining = codeIn(draft, words);
  if (joining) return joining;
  if (words.startsWith('/')) {
    const [head = '', ...rest] = words.slice(1).trim().split(/\s+/);
    const name = head.split('@', 1)[0]!.toLowerCase();
    if (name === 'start') return () => onStart(draft, rest[0]);
    if (name === 'join') return () => join(draft, rest.join(' '));
    const flow = rules.current.commands.get(name);
    if (flow === OPERATOR) return () => callOperator(draft);
    if (flow !== undefined) return () => begin(draft, flow);
  }
  const command = commandIn(words, rules.words);
  // A language's own name is among the words of the command that asks for one.
  const locale = command === 'language' ? languageIn(words, rules.words) : undefined;
  if (locale !== undefined && rules.locales.includes(locale)) return () => setLocale(draft, locale);
  if (command === undefined) {
    return words.startsWith('/') ? () => repeat(draft, text(draft, 'unknown_command')) : undefined;
  }
  // In a talk with a person their words are theirs: only plain ways out stay commands.
  if (session.talk && !words.startsWith('/') && command !== 'menu' && command !== 'stop') return undefined;
  return doCommand(draft, command);
}

function doCommand(draft: Draft, command: CommandName): (() => void) | undefined {
  const place = here(draft);
  const question = place?.node.waits ? questionOf(draft, place) : undefined;
  switch (command) {
    case 'skip':
      if (!place || !question) return undefined;
      if (!question.optional) return () => again(draft, 'again.cannot_skip', question);
      return () =>
        takePress(draft, place, { kind: 'answer', run: '', step: 0, node: 0, option: SKIP }, undefined);
    case 'done': {
      const { kind } = question?.expect ?? {};
      if (!place || !question || (kind !== 'many' && kind !== 'files')) return undefined;
      return () => finish(draft, place, question);
    }
    case 'cancel':
      return () => cancel(draft);
    case 'back':
      return () => {
        if (!goBack(draft)) repeat(draft, text(draft, place ? 'nothing_before' : 'nothing_open'));
      };
    case 'repeat':
      return () => (place ? repeat(draft) : begin(draft, MENU));
    case 'help':
      return () => repeat(draft, text(draft, 'help'));
    case 'operator':
      return () => callOperator(draft);
    case 'language':
      return () => askLocale(draft);
    case 'join':
      return () => join(draft);
    case 'unjoin':
      return () => part(draft);
    case 'stop':
      return () => stop(draft);
    case 'menu':
      return () => begin(draft, MENU);
  }
}

function cancel(draft: Draft): void {
  const open = draft.session.run !== undefined;
  abandon(draft);
  say(draft, {
    text: text(draft, open ? 'cancelled' : 'nothing_open'),
    choices: [{ id: commonButton('menu'), label: text(draft, 'button.menu') }],
  });
}

function callOperator(draft: Draft): void {
  const { session } = draft;
  if (session.talk) {
    say(draft, { text: text(draft, 'operator_already', { number: session.talk.number }) });
    return;
  }
  const [latest] = session.open;
  if (latest) {
    // One person has the ticket already, or will: a second one would not be faster.
    session.talk = latest;
    notice(draft, latest.id, deskText(draft, 'notice.called'));
    say(draft, { text: text(draft, 'operator_called', { number: latest.number }) });
    return;
  }
  const { run } = session;
  const place = here(draft);
  if (place?.flow.name === OPERATOR && place.node.waits && draft.event.kind === 'message') {
    // Asked for a person once more in place of an answer: that is answer enough.
    return answered(draft, place, draft.event.text);
  }
  const known =
    (run && draft.rules.release(run.release)?.flows.has(OPERATOR)) || draft.rules.current.flows.has(OPERATOR);
  if (known) digress(draft, OPERATOR);
  else repeat(draft, text(draft, 'unknown_command'));
}

function askLocale(draft: Draft): void {
  const { rules } = draft;
  say(draft, {
    text: text(draft, 'choose_language'),
    choices: rules.locales.map((locale) => ({
      id: commonButton('locale', locale),
      label: rules.texts.t(locale, 'engine:language_name'),
    })),
  });
}

function stop(draft: Draft): void {
  abandon(draft);
  draft.session.muted = true;
  act(draft, { kind: 'profile', muted: true });
  say(draft, { text: text(draft, 'stopped') });
}
