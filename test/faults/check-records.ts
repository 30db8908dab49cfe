// The store against the plan: each finished talk left exactly one response or ticket, with exactly what was said.
import type { Ticket } from '../../src/core/ticket.ts';
import { type Find, nameOf } from './check.ts';
import type { Kept } from './kept.ts';
import type { RunResult, Taker } from './kill.ts';
import { LABELS, opensTicket } from './plan.ts';

export async function checkRecords(
  run: RunResult,
  kept: Kept,
  find: Find,
  numbers: Record<string, number>,
): Promise<void> {
  numbers.responses = kept.responses.length;
  numbers.tickets = kept.tickets.length;
  numbers.events = Object.values(kept.journal).reduce((sum, count) => sum + count, 0);
  for (const [state, count] of Object.entries(kept.journal))
    if (state !== 'applied') find('left_over', `${count} events of the journal are ${state}`);
  for (const what of kept.parked) find('left_over', `parked: ${what}`);
  for (const event of kept.repeated) find('doubled', `event ${event} stands twice in the journal`);
  for (const session of kept.sessions) {
    for (const entry of session.outbox)
      find('left_over', `outbox of ${session.id} holds ${entry.effect.kind} ${entry.state}`);
  }
  numbers.applied_kept = Math.max(0, ...kept.sessions.map(({ applied }) => applied.length));
  const told = new Map<string, string>();
  for (const ticket of kept.tickets) {
    if (told.has(ticket.number)) find('doubled', `number ${ticket.number} belongs to two tickets`);
    told.set(ticket.number, ticket.id);
  }

  for (const taker of run.takers) {
    const own = kept.contacts.filter(({ person }) => person.name?.split(' ').includes(taker.plan.name));
    const [contact] = own;
    if (own.length > 1) find('doubled', `${nameOf(taker)} is ${own.length} contacts`);
    if (!contact) {
      if (taker.finished) find('lost', `${nameOf(taker)} is not known`);
      continue;
    }
    if (!taker.finished) continue;
    checkResponse(taker, kept, contact.id, find);
    await checkTicket(taker, kept, contact.id, find);
  }
}

function checkResponse(taker: Taker, kept: Kept, contact: string, find: Find): void {
  const { talk } = taker.plan;
  const who = nameOf(taker);
  const own = kept.responses.filter((one) => one.contact === contact);
  if (talk.does !== 'rating') {
    if (own.length > 0) find('doubled', `${who} has ${own.length} responses`);
    return;
  }
  const [response] = own;
  if (!response) return find('lost', `the response of ${who}`, 'outcome');
  if (own.length > 1) find('doubled', `${who} has ${own.length} responses`, 'outcome');
  const got = [response.state, response.score, response.reasons, response.comment, response.contactAllowed];
  const why = typeof talk.why === 'string' ? [talk.why] : talk.why;
  const wanted = ['complete', talk.score, why, talk.comment, talk.mayContact];
  if (JSON.stringify(got) !== JSON.stringify(wanted))
    find(
      'wrong',
      `response of ${who}: ${JSON.stringify(got)} in place of ${JSON.stringify(wanted)}`,
      'outcome',
    );
}

async function checkTicket(taker: Taker, kept: Kept, contact: string, find: Find): Promise<void> {
  const who = nameOf(taker);
  const own = kept.tickets.filter((one) => one.contact === contact);
  if (!opensTicket(taker.plan)) {
    if (own.length > 0) find('doubled', `${who} has ${own.length} tickets`);
    return;
  }
  const [ticket] = own;
  if (!ticket) return find('lost', `the ticket of ${who}`, 'ticket');
  if (own.length > 1) find('doubled', `${who} has ${own.length} tickets`, 'ticket');
  if (ticket.number !== taker.told)
    find('wrong', `${who} was told ${taker.told}, it is ${ticket.number}`, 'ticket');
  const fields = Object.fromEntries(ticket.fields.map(({ id, value }) => [id, value]));
  const wanted = fieldsOf(taker);
  if (JSON.stringify(fields) !== JSON.stringify(wanted))
    find(
      'wrong',
      `ticket of ${who}: ${JSON.stringify(fields)} in place of ${JSON.stringify(wanted)}`,
      'ticket',
    );
  await checkEvidence(taker, ticket, kept, find);
}

function fieldsOf({ plan: { talk } }: Taker): Readonly<Record<string, string>> {
  if (talk.does === 'rating') return { score: String(talk.score), comment: talk.comment };
  if (talk.does === 'trouble') return { area: LABELS[talk.area], what: talk.what };
  return { question: talk.question };
}

async function checkEvidence(taker: Taker, ticket: Ticket, kept: Kept, find: Find): Promise<void> {
  const { talk } = taker.plan;
  const wanted = talk.does === 'trouble' ? talk.files.map(digest) : [];
  const got: string[] = [];
  for (const attachment of ticket.evidence) {
    try {
      got.push(digest(await kept.bytes(attachment)));
    } catch (error) {
      find('lost', `a file of ${nameOf(taker)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (got.sort().join() !== [...wanted].sort().join())
    find(
      'wrong',
      `files of ${nameOf(taker)}: ${got.length} in place of ${wanted.length}, or others`,
      'ticket',
    );
}

const digest = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
