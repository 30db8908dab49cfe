// I9, as far as tickets show it: what stands in a ticket is what its own history gives when it is told again, and it is
// open exactly where its contact's session says so.
import { type Finding, finding } from '../../channels/examine.ts';
import type { TicketDocument } from '../../store/models.ts';
import type { SessionDocument } from '../../store/session-document.ts';
import { isOver } from '../../tickets/lifecycle.ts';
import { byId, createOffenders, type Look } from './look.ts';

const PART = 'invariants';
type Ticket = Pick<
  TicketDocument,
  '_id' | 'contact' | 'status' | 'open' | 'history' | 'closedAt' | 'number' | 'applied'
>;
type SessionTickets = Pick<SessionDocument, '_id' | 'o' | 'x'>;
const FIELDS = ['contact', 'status', 'open', 'history', 'closedAt', 'number', 'applied'];

export async function asReplayed(look: Look): Promise<readonly Finding[]> {
  const unlike = createOffenders(PART);
  const apart = createOffenders(PART);
  let tickets = 0;
  for await (const batch of look.batches<Ticket>('tickets', {}, FIELDS)) {
    tickets += batch.length;
    const contacts = batch.map(({ contact }) => contact);
    const sessions = byId(await look.among<SessionTickets>('sessions', '_id', contacts, ['o', 'x']));
    for (const ticket of batch) {
      if (!isAsTold(ticket)) unlike.add(ticket.number);
      const session = sessions.get(ticket.contact);
      // What the last turn owes the store is on its way.
      if (!session || session.x?.some(({ l }) => l === 'store')) continue;
      const isHeld = session.o?.some(([id]) => id === ticket._id) ?? false;
      if (isHeld !== ticket.open) apart.add(ticket.number);
    }
  }
  const found = [...unlike.findings('error', 'i9.ticket'), ...apart.findings('error', 'i9.open')];
  return found.length > 0 ? found : [finding(PART, 'ok', 'i9.tickets', { tickets })];
}

function isAsTold({ status, open, history, closedAt, applied = [] }: Ticket): boolean {
  let told: string | undefined;
  for (const { what, from, to } of history) {
    if (what !== 'opened' && what !== 'status') continue;
    if (told !== undefined && from !== undefined && from !== told) return false;
    told = to ?? told;
  }
  return (
    (told === undefined || told === status) &&
    open === !isOver(status) &&
    (open ? closedAt === undefined : true) &&
    new Set(applied).size === applied.length
  );
}
