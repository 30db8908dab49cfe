// What a contact's turn wants of other contacts: to be joined, to be parted, to hand words over. It changes the customer
// and gives the events that tell each contact of it. The same entry again changes nothing and gives the same events.
import type { JoinOutcome, Member, PartOutcome } from '../core/customer.ts';
import type { OutboxEntry } from '../core/effect.ts';
import type { AdditionEvent, InboundEvent, JoiningEvent } from '../core/event.ts';
import type { Session } from '../core/session.ts';
import type { Shell } from './shell.ts';

const CHANNEL = 'joining';

export async function performJoining(
  shell: Shell,
  session: Session,
  entry: OutboxEntry,
): Promise<readonly InboundEvent[]> {
  const { customers } = shell.store;
  const { effect } = entry;
  const me: Member = { contact: session.id, channel: session.address.channel };
  const told = (
    contact: string,
    outcome: JoinOutcome | PartOutcome,
    others: readonly Member[] = [],
  ): JoiningEvent => ({
    id: `${entry.id}:${contact}`,
    channel: CHANNEL,
    account: '',
    at: shell.clock(),
    kind: 'joining',
    contact,
    outcome,
    others: others.map(({ channel }) => channel),
  });
  switch (effect.kind) {
    case 'join': {
      const joined = await customers.join(entry.id, effect.hash, me, shell.clock());
      if (joined.outcome !== 'joined') return [told(me.contact, joined.outcome)];
      const { members } = joined;
      return members.map(({ contact }) =>
        told(
          contact,
          'joined',
          members.filter((member) => member.contact !== contact),
        ),
      );
    }
    case 'part': {
      const others = await customers.part(entry.id, me.contact);
      if (!others) return [told(me.contact, 'alone')];
      return [
        told(me.contact, 'parted', others),
        ...others.map(({ contact }) => told(contact, 'left', [me])),
      ];
    }
    case 'pass': {
      const { contact, ticket, text, attachments } = effect;
      const addition: AdditionEvent = {
        id: entry.id,
        channel: CHANNEL,
        account: '',
        at: shell.clock(),
        kind: 'addition',
        contact,
        ticket,
        from: me.channel,
        text,
        ...(attachments ? { attachments } : {}),
      };
      return [addition];
    }
    default:
      throw new Error(`${effect.kind} concerns no other contact`);
  }
}
