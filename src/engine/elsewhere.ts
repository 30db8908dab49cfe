// What is said here about a ticket that was opened in another chat of the same person.
import type { Member } from '../core/customer.ts';
import type { Attachment } from '../core/message.ts';
import type { OpenTicket } from '../core/session.ts';
import { channelName } from '../text/channel-name.ts';
import { act, type Draft, say, text } from './draft.ts';

/** Words for a ticket that was opened in another chat of theirs go there, and the answer will too. */
export function passOn(
  draft: Draft,
  ticket: OpenTicket & Member,
  said: { readonly text: string; readonly attachments: readonly Attachment[] },
): void {
  const { attachments } = said;
  act(draft, {
    kind: 'pass',
    contact: ticket.contact,
    ticket: ticket.id,
    text: said.text,
    ...(attachments.length > 0 ? { attachments } : {}),
  });
  const channel = channelName(draft.rules.texts, draft.session.locale, ticket.channel);
  say(draft, { text: text(draft, 'join.answer_elsewhere', { number: ticket.number, channel }) });
}
