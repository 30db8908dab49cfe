// What MAX demands of a message before it looks at anything else: fields, lengths, what may stand beside what. Each fault
// here is a mistake of the caller.
import { wrong } from './refusal.ts';
import type { Json } from './world.ts';

export const UPDATE_TYPES = [
  'message_created',
  'message_callback',
  'message_edited',
  'message_removed',
  'bot_added',
  'bot_removed',
  'user_added',
  'user_removed',
  'bot_started',
  'bot_stopped',
  'dialog_cleared',
  'dialog_removed',
  'dialog_muted',
  'dialog_unmuted',
  'chat_title_changed',
  'message_chat_created',
];

const isText = (value: unknown): value is string => typeof value === 'string';

export function onlyKeys(value: Json, allowed: readonly string[], what: string): void {
  for (const key of Object.keys(value))
    if (!allowed.includes(key)) throw wrong(`${what}: unknown field "${key}"`);
}

export function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`${what} must be an object`);
  return value as Json;
}

/** The whole message, as it is sent or put in place of another. */
export function checkMessage(body: Json, edit: boolean): void {
  onlyKeys(body, ['text', 'attachments', 'link', 'notify', 'format'], 'NewMessageBody');
  const { text = null, attachments = null, link = null, format = null } = body;
  if (text !== null && !isText(text)) throw wrong('text must be a string');
  if (isText(text) && text.length > 4_000) throw wrong('Text is too long: max length is 4000');
  if (format !== null && format !== 'markdown' && format !== 'html') throw wrong('unknown format');
  if (attachments !== null && !Array.isArray(attachments)) throw wrong('attachments must be a list');
  const list = (attachments ?? []) as unknown[];
  if (!edit && !text && list.length === 0) throw wrong('Empty message: provide text or attachments');
  if (link !== null) {
    const given = object(link, 'link');
    if (!['reply', 'forward'].includes(String(given.type)) || !isText(given.mid)) throw wrong('bad link');
  }
  checkAttachments(list.map((one) => object(one, 'attachment')));
}

const ALONE = ['audio', 'file', 'sticker', 'contact', 'location'];

function checkAttachments(list: readonly Json[]): void {
  if (list.length > 12) throw wrong('too many attachments');
  const shown = list.filter((one) => one.type !== 'inline_keyboard');
  if (list.length - shown.length > 1) throw wrong('more than one keyboard');
  const alone = shown.find((one) => ALONE.includes(String(one.type)));
  if (alone && shown.length > 1) throw wrong(`${String(alone.type)} must be the only attachment`);
  for (const one of list) checkAttachment(one);
}

function checkAttachment(one: Json): void {
  switch (one.type) {
    case 'inline_keyboard':
      onlyKeys(one, ['type', 'payload'], 'inline_keyboard');
      return checkKeyboard(object(one.payload, 'payload'));
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      onlyKeys(one, ['type', 'payload'], String(one.type));
      if (!isText(object(one.payload, 'payload').token))
        throw wrong(`Missing \`token\` in ${one.type} attachment`);
      return;
    case 'sticker':
      if (!isText(object(one.payload, 'payload').code)) throw wrong('a sticker without a code');
      return;
    case 'location':
      onlyKeys(one, ['type', 'latitude', 'longitude'], 'location');
      if (typeof one.latitude !== 'number' || typeof one.longitude !== 'number')
        throw wrong('a place without a point');
      return;
    case 'contact': {
      const payload = object(one.payload, 'payload');
      onlyKeys(payload, ['name', 'contact_id', 'vcf_info', 'vcf_phone'], 'contact');
      if (!isText(payload.name)) throw wrong('a contact without a name');
      return;
    }
    default:
      throw wrong(`unknown attachment "${String(one.type)}"`);
  }
}

/** Types of which a row holds three. */
const WIDE = ['link', 'open_app', 'request_contact', 'request_geo_location'];

function checkKeyboard(payload: Json): void {
  const rows = payload.buttons;
  if (!Array.isArray(rows) || rows.length === 0) throw wrong('a keyboard without buttons');
  if (rows.length > 30) throw wrong('too many rows of buttons');
  for (const row of rows as unknown[]) {
    if (!Array.isArray(row) || row.length === 0) throw wrong('an empty row of buttons');
    const buttons = (row as unknown[]).map((button) => object(button, 'button'));
    if (buttons.length > 7) throw wrong('too many buttons in a row');
    if (buttons.length > 3 && buttons.some((button) => WIDE.includes(String(button.type))))
      throw wrong('too many buttons in a row with links');
    for (const button of buttons) checkButton(button);
  }
}

function checkButton(button: Json): void {
  const { type, text, payload, url } = button;
  if (!isText(text) || text.length < 1 || text.length > 128)
    throw wrong('button text must have 1 to 128 characters');
  if (type === 'callback') {
    onlyKeys(button, ['type', 'text', 'payload', 'intent'], 'callback button');
    if (!isText(payload) || payload.length > 1_024) throw wrong('bad button payload');
  } else if (type === 'link') {
    onlyKeys(button, ['type', 'text', 'url'], 'link button');
    if (!isText(url) || url.length > 2_048 || !URL.canParse(url)) throw wrong('bad button url');
  } else throw wrong(`unknown button "${String(type)}"`);
}
