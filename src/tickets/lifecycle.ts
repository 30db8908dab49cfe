// Which status may follow which, and who may bring it about. After the stages of ISO 10002. One table; nothing else decides.
import type { TicketStatus } from '../core/ticket.ts';

export type Actor = 'customer' | 'assignee' | 'machine';

const CHANGES: Readonly<Record<TicketStatus, Partial<Record<TicketStatus, readonly Actor[]>>>> = {
  received: {
    acknowledged: ['machine'],
    in_progress: ['assignee'],
    closed: ['assignee'],
    rejected: ['assignee'],
  },
  acknowledged: {
    assessed: ['assignee'],
    in_progress: ['assignee'],
    closed: ['assignee'],
    rejected: ['assignee'],
  },
  assessed: { in_progress: ['assignee'], closed: ['assignee'], rejected: ['assignee'] },
  in_progress: {
    waiting: ['assignee'],
    resolved: ['assignee'],
    closed: ['assignee'],
    rejected: ['assignee'],
  },
  waiting: { in_progress: ['assignee', 'customer'], resolved: ['assignee'], closed: ['assignee', 'machine'] },
  resolved: { communicated: ['machine'], reopened: ['customer', 'assignee'], closed: ['assignee'] },
  communicated: { closed: ['customer', 'assignee', 'machine'], reopened: ['customer', 'assignee'] },
  closed: { reopened: ['customer', 'assignee'] },
  rejected: { reopened: ['customer', 'assignee'], closed: ['assignee', 'machine'] },
  reopened: { in_progress: ['assignee'], closed: ['assignee'], rejected: ['assignee'] },
};

export function mayChange(from: TicketStatus, to: TicketStatus, actor: Actor): boolean {
  return CHANGES[from][to]?.includes(actor) ?? false;
}

/** A ticket in such a status wants nothing from anybody. */
export const isOver = (status: TicketStatus): boolean => status === 'closed' || status === 'rejected';
