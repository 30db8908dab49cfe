// The table of allowed changes: every status can be reached, can end, and only by whom it says.
import { expect, it } from 'vitest';
import { TICKET_STATUSES, type TicketStatus } from '../../src/core/ticket.ts';
import { type Actor, isOver, mayChange } from '../../src/tickets/lifecycle.ts';

const ACTORS: readonly Actor[] = ['customer', 'assignee', 'machine'];
const next = (from: TicketStatus): readonly TicketStatus[] =>
  TICKET_STATUSES.filter((to) => ACTORS.some((actor) => mayChange(from, to, actor)));

it('every status is reached from the first, and the end from every status', () => {
  const reach = (from: TicketStatus): Set<TicketStatus> => {
    const seen = new Set([from]);
    for (const status of seen) for (const to of next(status)) seen.add(to);
    return seen;
  };
  expect([...reach('received')].sort()).toEqual([...TICKET_STATUSES].sort());
  for (const status of TICKET_STATUSES) expect([...reach(status)].some(isOver)).toBe(true);
});

it('nobody but the assignee closes what is being worked on, and a customer may always reopen', () => {
  expect(mayChange('in_progress', 'closed', 'customer')).toBe(false);
  expect(mayChange('in_progress', 'closed', 'machine')).toBe(false);
  expect(mayChange('closed', 'reopened', 'customer')).toBe(true);
  expect(mayChange('resolved', 'reopened', 'customer')).toBe(true);
});
