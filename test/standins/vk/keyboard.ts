// Reads a keyboard as VK does: whatever is one button too many or one character too long is refused with 911.
import { badKeyboard } from './refusal.ts';
import type { ClientInfo, Json } from './world.ts';

export interface Button {
  readonly type: string;
  readonly label: string;
  /** JSON, as it was sent. */
  readonly payload: string | undefined;
  readonly link: string | undefined;
  readonly color: string | undefined;
}

export interface Keyboard {
  readonly inline: boolean;
  readonly oneTime: boolean;
  readonly rows: readonly (readonly Button[])[];
  readonly wire: Json;
}

const LIMITS = {
  regular: { perRow: 5, rows: 10, all: 40 },
  inline: { perRow: 5, rows: 6, all: 10 },
} as const;
const LABEL = 40;
const PAYLOAD = 255;
const COLORS = ['primary', 'secondary', 'negative', 'positive', 'default'];
/** Fields of each kind of action besides `type` and `payload`; `!` where it must be there. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  text: ['label!'],
  callback: ['label!'],
  open_link: ['label!', 'link!'],
  open_app: ['label!', 'app_id!', 'owner_id', 'hash'],
  location: [],
  vkpay: ['hash!'],
};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkKeys(value: Json, known: readonly string[], where: string): void {
  const extra = Object.keys(value).find((key) => !known.includes(key));
  if (extra !== undefined) throw badKeyboard(`${where} has an unknown field "${extra}"`);
}

function checkPayload(payload: unknown, where: string): void {
  if (payload === undefined) return;
  if (typeof payload !== 'string') throw badKeyboard(`${where}.payload must be a string`);
  if (payload.length > PAYLOAD) throw badKeyboard(`${where}.payload is longer than ${PAYLOAD}`);
  try {
    JSON.parse(payload);
  } catch {
    throw badKeyboard(`${where}.payload is not JSON`);
  }
}

function readButton(raw: unknown, where: string): Button {
  if (!isObject(raw) || !isObject(raw.action)) throw badKeyboard(`${where} has no action`);
  checkKeys(raw, ['action', 'color'], where);
  const { action, color } = raw;
  const fields = FIELDS[String(action.type)];
  if (fields === undefined) throw badKeyboard(`${where}.action.type "${String(action.type)}" is not known`);
  const names = fields.map((field) => field.replace('!', ''));
  checkKeys(action, ['type', 'payload', ...names], `${where}.action`);
  for (const field of fields) {
    if (field.endsWith('!') && !(action[field.slice(0, -1)] as unknown))
      throw badKeyboard(`${where}.action.${field.slice(0, -1)} is missing`);
  }
  checkPayload(action.payload, where);
  const { label = '', link } = action;
  if (typeof label !== 'string') throw badKeyboard(`${where}.label must be a string`);
  if (label.length > LABEL) throw badKeyboard(`${where}.label is longer than ${LABEL}`);
  if (link !== undefined && (typeof link !== 'string' || !/^https?:\/\/\S+$/.test(link)))
    throw badKeyboard(`${where}.link is no link`);
  if (color !== undefined) {
    if (action.type !== 'text' && action.type !== 'callback')
      throw badKeyboard(`${where} cannot have a color`);
    if (!COLORS.includes(String(color))) throw badKeyboard(`${where}.color is not known`);
  }
  return {
    type: String(action.type),
    label,
    payload: action.payload as string | undefined,
    link: link as string | undefined,
    color: color as string | undefined,
  };
}

export function readKeyboard(value: unknown): Keyboard {
  if (!isObject(value)) throw badKeyboard('it must be an object');
  checkKeys(value, ['one_time', 'inline', 'buttons'], 'keyboard');
  for (const flag of ['one_time', 'inline']) {
    if (value[flag] !== undefined && typeof value[flag] !== 'boolean')
      throw badKeyboard(`${flag} must be boolean`);
  }
  const inline = value.inline === true;
  const oneTime = value.one_time === true;
  if (inline && oneTime) throw badKeyboard('an inline keyboard cannot be one_time');
  const limit = inline ? LIMITS.inline : LIMITS.regular;
  if (!Array.isArray(value.buttons)) throw badKeyboard('buttons must be an array');
  const rows = (value.buttons as unknown[]).map((row, y) => {
    if (!Array.isArray(row) || row.length === 0) throw badKeyboard(`row ${y} has no buttons`);
    if (row.length > limit.perRow) throw badKeyboard(`row ${y} has more than ${limit.perRow} buttons`);
    return (row as unknown[]).map((button, x) => readButton(button, `buttons[${y}][${x}]`));
  });
  if (inline && rows.length === 0) throw badKeyboard('an inline keyboard has no buttons');
  if (rows.length > limit.rows) throw badKeyboard(`more than ${limit.rows} rows`);
  if (rows.flat().length > limit.all) throw badKeyboard(`more than ${limit.all} buttons`);
  return { inline, oneTime, rows, wire: value };
}

/** What a client that tells so little of itself cannot show; it is VK that would hide it from the person. */
export function unshown(keyboard: Keyboard, client: ClientInfo): string | undefined {
  if (keyboard.rows.length === 0) return undefined;
  if (keyboard.inline && !client.inline_keyboard) return 'an inline keyboard';
  if (!client.keyboard) return 'a keyboard';
  const type = keyboard.rows.flat().find((button) => !client.button_actions.includes(button.type))?.type;
  return type === undefined ? undefined : `a button of type "${type}"`;
}
