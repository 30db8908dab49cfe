// What can be asked for at any time, whatever the open question is: by a word, a command, a link's payload, or a button
// that belongs to no question.
import { type CommandName, commandIn, languageIn } from './answer/index.ts';
import { here } from './at.ts';
import { commonButton, readButton, SKIP } from './button.ts';
import { act, type Draft, deskText, notice, say, text } from './draft.ts';
import { codeIn, join, part } from './joining.ts';
import { abandon, answered, begin, digress, goBack, questionOf, repeat } from './play.ts';
import { again, finish, takePress } from './take.ts';

/** The flow every talk can fall back on; the checker insists on it. */
export const MENU = 'menu';
const OPERATOR = 'operator';

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

/** What a button that belongs to no question does. */
export function onCommon(
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
export function offeredIn(draft: Draft, words: string): (() => void) | undefined {
  const number = /^\s*(\d{1,2})[.)]?\s*$/.exec(words)?.[1];
  const id = number === undefined ? undefined : draft.session.offered?.[Number(number) - 1];
  const button = id === undefined ? undefined : readButton(id);
  return button?.kind === 'common' ? () => onCommon(draft, button.does, button.value) : undefined;
}

/** The command that the whole message is, ready to be done. */
export function commandOf(draft: Draft, words: string): (() => void) | undefined {
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
