// Whether an event made of what a network told is one: a network's words are believed in their form no more than a
// stranger's. What it would be a pity to lose words over is left out; anything else is not understood.
import type { InboundEvent } from '../core/event.ts';
import { ATTACHMENT_KINDS, type Attachment } from '../core/message.ts';

/** Goes into keys and indexes. */
const LONGEST_ID = 1_024;
/** The end of JavaScript's own calendar. */
const LAST_MOMENT = 8.64e15;

const IDS = ['id', 'channel', 'peer', 'message', 'replyTo', 'group', 'key', 'ticket', 'place'] as const;
const WORDS = ['account', 'text', 'button', 'payload', 'reason', 'source'] as const;
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  message: ['peer', 'text'],
  press: ['peer', 'button'],
  start: ['peer'],
  edit: ['peer', 'message', 'text'],
  reach: ['peer'],
  outside: ['peer', 'message', 'text'],
  receipt: ['peer', 'key'],
  desk: ['place'],
};

/** The event with its doubtful particulars left out. Throws TypeError for what is none. */
export function sound<E extends InboundEvent>(event: E): E {
  const fields: Readonly<Record<string, unknown>> = { ...event };
  for (const name of ['id', 'channel', 'account', ...(REQUIRED[event.kind] ?? [])])
    if (fields[name] === undefined) throw new TypeError(`an event without ${name}`);
  for (const name of IDS) {
    const id = fields[name];
    if (id !== undefined && !isId(id)) throw new TypeError(`an event whose ${name} is no id`);
  }
  for (const name of WORDS) {
    const words = fields[name];
    if (words !== undefined && typeof words !== 'string')
      throw new TypeError(`an event whose ${name} is no text`);
  }
  const { at, by, operator, person, attachments } = fields;
  if (!isNumber(at, 0, LAST_MOMENT)) throw new TypeError('an event at no time');
  for (const who of [by, operator]) {
    if (who === undefined) continue;
    const { id, name } = fieldsOf(who);
    if (!isId(id) || typeof name !== 'string') throw new TypeError('an event by nobody');
  }
  return {
    ...event,
    ...(person === undefined ? {} : { person: textsOf(person) }),
    ...(attachments === undefined ? {} : { attachments: listOf(attachments).map(attachmentOf) }),
  };
}

const isId = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_ID;

const isNumber = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** Nobody's words are lost over a name that is none. */
function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(fieldsOf(value)).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('attachments that are no list');
  return value;
}

function attachmentOf(given: unknown): Attachment {
  const { kind, ref, name, mime, caption, size, location, contact } = fieldsOf(given);
  const known = ATTACHMENT_KINDS.find((one) => one === kind);
  if (known === undefined || (ref !== undefined && typeof ref !== 'string'))
    throw new TypeError('an attachment that is none');
  return {
    kind: known,
    ...(ref === undefined ? {} : { ref }),
    ...textsOf({ name, mime, caption }),
    ...(isNumber(size, 0, Number.MAX_SAFE_INTEGER) ? { size: size as number } : {}),
    ...(location === undefined ? {} : { location: placeOf(location) }),
    ...(contact === undefined ? {} : { contact: cardOf(contact) }),
  };
}

function placeOf(given: unknown): NonNullable<Attachment['location']> {
  const { latitude, longitude } = fieldsOf(given);
  if (!isNumber(latitude, -90, 90) || !isNumber(longitude, -180, 180))
    throw new TypeError('a place that is none');
  return { latitude: latitude as number, longitude: longitude as number };
}

function cardOf(given: unknown): NonNullable<Attachment['contact']> {
  const { name, phone } = textsOf(given);
  return { name: name ?? '', phone: phone ?? '' };
}
