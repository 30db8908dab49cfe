// Compares what is written with what came: messages, desk shows, responses, tickets. A difference is told in full.
import type { Arrived } from './recording-channel.ts';
import type { Seen } from './recording-desk.ts';
import type { BotSays, DeskSees } from './transcript.ts';
import type { World } from './world.ts';

/** The talk goes another way than written. */
export class Mismatch extends Error {}

/** Who acts where nobody is named. */
export const MAIN = 'Иван';

interface Reader {
  readonly world: World;
  readonly told: Set<string>;
}

/** `/…/` is a pattern, anything else a part of the text. */
export function holds(text: string, wanted: string): boolean {
  const pattern = /^\/(.+)\/$/s.exec(wanted)?.[1];
  return pattern === undefined ? text.includes(wanted) : new RegExp(pattern, 'su').test(text);
}

export function checkBot(talk: Reader, wanted: BotSays, peerOf: (who: string) => string): void {
  const read = typeof wanted === 'string' ? { has: [wanted] } : wanted;
  const peer = peerOf(read.to ?? MAIN);
  // Talks of different people have no order among each other.
  const said = talk.world.channel.arrived.find((one) => one.peer === peer && !talk.told.has(one.id));
  if (!said) throw new Mismatch(`the bot says nothing; expected ${JSON.stringify(wanted)}`);
  talk.told.add(said.id);
  const fault = differs(said, read);
  if (fault) throw new Mismatch(`${fault}; it says:\n${shown(said)}`);
}

function differs({ message }: Arrived, wanted: Exclude<BotSays, string>): string | undefined {
  const { has = [], not = [], buttons, from, files } = wanted;
  const lacking = has.find((part) => !holds(message.text, part));
  if (lacking !== undefined) return `"${lacking}" is not said`;
  const unwanted = not.find((part) => holds(message.text, part));
  if (unwanted !== undefined) return `"${unwanted}" is said`;
  if (from !== undefined && !message.text.startsWith(`${from}:`)) return `it is not from ${from}`;
  if (files !== undefined && message.attachments?.length !== files) return `it has not ${files} files`;
  const labels = (message.choices ?? []).map((choice) => choice.label);
  if (buttons === undefined) return undefined;
  return labels.join('\n') === (buttons || []).join('\n')
    ? undefined
    : `its buttons are not ${JSON.stringify(buttons)}`;
}

const shown = ({ message }: Arrived): string =>
  [message.text, JSON.stringify((message.choices ?? []).map((choice) => choice.label))].join('\n');

export function checkDesk(talk: Reader, wanted: DeskSees): void {
  const { seen } = talk.world.desk;
  const one = seen.find(({ id, show }) => show.what !== 'card' && !talk.told.has(id));
  if (!one) throw new Mismatch(`the desk sees nothing; expected ${JSON.stringify(wanted)}`);
  talk.told.add(one.id);
  const fault = deskDiffers(one, wanted);
  if (fault)
    throw new Mismatch(
      `${fault}; the desk sees ${JSON.stringify({ ...one.show, words: one.message?.text })}`,
    );
}

function deskDiffers({ show, ticket, message }: Seen, wanted: DeskSees): string | undefined {
  const { opened, subject, fields, evidence, line, notice, reworded, files } = wanted;
  if (opened !== undefined) {
    if (show.what !== 'open' || ticket.kind !== opened) return `no ${opened} is opened`;
    if (subject !== undefined && ticket.subject !== subject) return `its subject is "${ticket.subject}"`;
    if (evidence !== undefined && ticket.evidence.length !== evidence)
      return `it has ${ticket.evidence.length} files`;
    const told = Object.fromEntries(ticket.fields.map(({ label, value }) => [label, value]));
    if (fields && JSON.stringify(told) !== JSON.stringify(fields))
      return `its fields are ${JSON.stringify(told)}`;
    return undefined;
  }
  if (line !== undefined) {
    if (show.what !== 'line' || !holds(message?.text ?? '', line)) return `there is no line "${line}"`;
    return files === undefined || message?.attachments?.length === files
      ? undefined
      : `it has not ${files} files`;
  }
  if (notice !== undefined)
    return show.what === 'notice' && holds(show.text, notice) ? undefined : `there is no notice "${notice}"`;
  if (reworded !== undefined)
    return show.what === 'reworded' && holds(show.after, reworded)
      ? undefined
      : `nothing is now "${reworded}"`;
  return 'nothing is expected by this step';
}

type Wanted = Readonly<Record<string, unknown>>;

function compare(what: string, found: object | undefined, wanted: Wanted): void {
  if (!found) throw new Mismatch(`there is no ${what}`);
  for (const [key, value] of Object.entries(wanted)) {
    const is = (found as Record<string, unknown>)[key];
    if (JSON.stringify(loose(is)) !== JSON.stringify(loose(value)))
      throw new Mismatch(`the ${what}'s ${key} is ${JSON.stringify(is)}, not ${JSON.stringify(value)}`);
  }
}

/** A number in a transcript is read as words. */
const loose = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);

export async function checkResponse(world: World, contact: string, wanted: Wanted): Promise<void> {
  const all = await world.store.records.responses({ limit: 100 });
  compare(
    'response',
    all.find((one) => one.contact === contact),
    wanted,
  );
}

export async function checkTicket(world: World, contact: string, wanted: Wanted): Promise<void> {
  const [latest] = await world.store.records.ticketsOf(contact);
  const ticket = latest && (await world.store.records.ticket(latest.id));
  compare(
    'ticket',
    ticket && {
      ...ticket,
      assignee: ticket.assignee?.name ?? '',
      evidence: ticket.evidence.length,
      fields: Object.fromEntries(ticket.fields.map(({ id, value }) => [id, value])),
    },
    wanted,
  );
}
