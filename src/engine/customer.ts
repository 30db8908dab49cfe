// What a customer's message or press means: a command, words to an operator, an answer, or a beginning.
import type { CustomerEvent } from '../core/event.ts';
import type { Attachment, Message } from '../core/message.ts';
import { here } from './at.ts';
import { commonButton, DONE, optionOf, type QuestionButton, readButton, SKIP } from './button.ts';
import { commandOf, MENU, offeredIn, onCommon } from './commands.ts';
import { type Draft, deskText, keepCustomers, notice, say, text } from './draft.ts';
import { toTicket } from './handoff.ts';
import { begin, enter, questionOf, repeat, setFrame, takeBack, walk } from './play.ts';
import { pressLabel, takeMessage, takePress } from './take.ts';

type MessageEvent = CustomerEvent & { readonly kind: 'message' };
type PressEvent = CustomerEvent & { readonly kind: 'press' };

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
