// Turns the raw parameters of a call into checked ones, or refuses them with Telegram's words. Telegram itself
// forgives unknown parameters; here they are refused, because only a mistake of the caller makes them.
import type { CallBody } from './body.ts';
import { METHODS, type Method, OBJECT_FIELDS, type ObjectKind, type ParameterType } from './methods.ts';
import { bad, Refusal } from './refusal.ts';

export type Params = Readonly<Record<string, unknown>>;

/** What the server says when the one thing a call is about was left out. */
const MISSING: Readonly<Record<string, string>> = {
  chat_id: 'chat_id is empty',
  text: 'message text is empty',
  message_id: 'message identifier is not specified',
  message_ids: 'message identifiers are not specified',
  photo: 'there is no photo in the request',
  voice: 'there is no voice in the request',
  audio: 'there is no audio in the request',
  video: 'there is no video in the request',
  video_note: 'there is no video note in the request',
  animation: 'there is no animation in the request',
  document: 'there is no document in the request',
  sticker: 'there is no sticker in the request',
  action: 'wrong parameter action in request',
  file_id: 'file_id is not specified',
};

const wrongType = (name: string, wanted: string): Refusal =>
  bad(`parameter "${name}" must be of type ${wanted}`, 'wrong-type');

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkFields(value: unknown, kind: ObjectKind, where: string): Record<string, unknown> {
  if (!isObject(value)) throw wrongType(where, 'Object');
  const known = OBJECT_FIELDS[kind].split(' ');
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw bad(`unknown field "${field}" in ${where}`, 'unknown-parameter');
  }
  return value;
}

function checkList(name: string, value: unknown, kind: ObjectKind | undefined): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(name, 'Array');
  if (kind !== undefined) for (const item of value) checkFields(item, kind, name);
  return value;
}

const ACTIONS = [
  ...['url', 'callback_data', 'web_app', 'login_url', 'switch_inline_query', 'copy_text', 'callback_game'],
  ...['switch_inline_query_current_chat', 'switch_inline_query_chosen_chat', 'pay'],
];

function checkInlineButton(raw: unknown): void {
  const button = checkFields(raw, 'inlineButton', 'inline keyboard button');
  const cannot = (text: string) => bad(`can't parse inline keyboard button: ${text}`, 'bad-markup');
  if (typeof button.text !== 'string' || button.text.trim() === '') throw cannot('Can\'t find field "text"');
  const actions = ACTIONS.filter((field) => button[field] !== undefined);
  if (actions.length !== 1) throw cannot('Text buttons are unallowed in the inline keyboard');
  const { callback_data: data, url, style } = button;
  if (data !== undefined) {
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0;
    if (bytes < 1 || bytes > 64) throw bad('BUTTON_DATA_INVALID', 'too-long');
  }
  if (url !== undefined && (typeof url !== 'string' || !URL.canParse(url))) {
    throw bad(`inline keyboard button URL '${String(url)}' is invalid: Wrong HTTP URL`, 'bad-markup');
  }
  if (style !== undefined && !['danger', 'success', 'primary'].includes(String(style))) {
    throw cannot('Invalid button style specified');
  }
}

function checkRows(value: unknown, field: string, checkButton: (button: unknown) => void): void {
  if (!Array.isArray(value) || !value.every(Array.isArray)) throw wrongType(field, 'Array of Array');
  let count = 0;
  for (const row of value as unknown[][]) {
    for (const button of row) checkButton(button);
    count += row.length;
    if (row.length > 8 || count > 100) throw bad('reply markup is too long', 'too-long');
  }
}

function checkMarkup(name: string, value: unknown, inlineOnly: boolean): void {
  if (!isObject(value)) throw bad('object expected as reply markup', 'wrong-type');
  if ('inline_keyboard' in value) {
    checkFields(value, 'inlineMarkup', name);
    checkRows(value.inline_keyboard, 'inline_keyboard', checkInlineButton);
    return;
  }
  if (inlineOnly) throw bad('inline keyboard expected', 'bad-markup');
  if ('keyboard' in value) {
    checkFields(value, 'replyMarkup', name);
    checkRows(value.keyboard, 'keyboard', (raw) => {
      const button = checkFields(
        typeof raw === 'string' ? { text: raw } : raw,
        'replyButton',
        'keyboard button',
      );
      if (typeof button.text !== 'string' || button.text.trim() === '') {
        throw bad('can\'t parse keyboard button: Can\'t find field "text"', 'bad-markup');
      }
    });
    const placeholder = value.input_field_placeholder;
    if (typeof placeholder === 'string' && [...placeholder].length > 64) {
      throw bad('input field placeholder is too long', 'too-long');
    }
    return;
  }
  checkFields(value, 'remove_keyboard' in value ? 'removeMarkup' : 'forceReply', name);
  if (value.remove_keyboard !== true && value.force_reply !== true) {
    throw bad("can't parse reply keyboard markup JSON object", 'bad-markup');
  }
}

function checkMedia(value: unknown): void {
  for (const item of checkList('media', value, undefined)) {
    const type = isObject(item) ? String(item.type) : '';
    if (!['photo', 'video', 'audio', 'document'].includes(type)) {
      throw bad(`can't parse InputMedia: type "${type}" is not supported in an album`, 'wrong-type');
    }
    const media = checkFields(item, type as ObjectKind, 'media');
    if (typeof media.media !== 'string')
      throw bad("can't parse InputMedia: media not found", 'missing-parameter');
  }
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const CHECKS: Readonly<Record<ParameterType, (name: string, value: unknown) => void>> = {
  id(name, value) {
    if (!Number.isSafeInteger(value) && typeof value !== 'string') throw wrongType(name, 'Integer or String');
  },
  int(name, value) {
    if (!Number.isSafeInteger(value)) throw wrongType(name, 'Integer');
  },
  float(name, value) {
    if (!isNumber(value)) throw wrongType(name, 'Float');
  },
  bool(name, value) {
    if (typeof value !== 'boolean') throw wrongType(name, 'Boolean');
  },
  str(name, value) {
    if (typeof value !== 'string') throw wrongType(name, 'String');
  },
  file(name, value) {
    if (typeof value !== 'string') throw wrongType(name, 'InputFile or String');
  },
  ints(name, value) {
    if (!checkList(name, value, undefined).every(Number.isSafeInteger))
      throw wrongType(name, 'Array of Integer');
  },
  strs(name, value) {
    if (!checkList(name, value, undefined).every((item) => typeof item === 'string')) {
      throw wrongType(name, 'Array of String');
    }
  },
  entities(name, value) {
    for (const item of checkList(name, value, 'entity') as Record<string, unknown>[]) {
      if (typeof item.type !== 'string' || !isNumber(item.offset) || !isNumber(item.length)) {
        throw bad("can't parse MessageEntity: a required field is missing", 'wrong-type');
      }
    }
  },
  markup: (name, value) => checkMarkup(name, value, false),
  inline: (name, value) => checkMarkup(name, value, true),
  reply(name, value) {
    const reply = checkFields(value, 'reply', name);
    if (!Number.isSafeInteger(reply.message_id)) throw wrongType('reply_parameters.message_id', 'Integer');
  },
  media: (_name, value) => checkMedia(value),
  commands(name, value) {
    const list = checkList(name, value, 'command') as Record<string, unknown>[];
    if (list.length > 100) throw bad('BOT_COMMANDS_TOO_MUCH', 'too-long');
    for (const { command, description } of list) {
      if (typeof command !== 'string' || !/^\/?[a-z0-9_]{1,32}$/.test(command)) {
        throw bad('BOT_COMMAND_INVALID', 'bad-markup');
      }
      if (typeof description !== 'string' || description === '' || [...description].length > 256) {
        throw bad('BOT_COMMAND_DESCRIPTION_INVALID', 'too-long');
      }
    }
  },
  reactions: (name, value) => void checkList(name, value, 'reaction'),
  preview: (name, value) => void checkFields(value, 'preview', name),
  object(name, value) {
    if (!isObject(value)) throw wrongType(name, 'Object');
  },
};

/** A form field is text: it is read as the type the parameter has. */
function readText(name: string, type: ParameterType, text: string): unknown {
  if (type === 'str' || type === 'file') return text;
  if (type === 'id') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'int' || type === 'float') return text.trim() === '' ? Number.NaN : Number(text);
  if (type === 'bool')
    return /^(true|1|yes)$/i.test(text) ? true : /^(false|0|no|)$/i.test(text) ? false : text;
  try {
    return JSON.parse(text);
  } catch {
    throw bad(`can't parse ${name} JSON object`, 'wrong-type');
  }
}

export function validate(rawMethod: string, body: CallBody): { method: Method; params: Params } {
  const entry = METHODS.get(rawMethod.toLowerCase());
  if (entry === undefined) {
    throw new Refusal(404, 'Not Found: method not found', { violation: 'unknown-method' });
  }
  const params: Record<string, unknown> = {};
  const attached = [...Object.values(body.params)].join('\n');
  for (const { name, type, required } of entry.parameters) {
    const upload = type === 'file' ? body.uploads.get(name) : undefined;
    const raw = body.params[name] ?? (upload === undefined ? undefined : `attach://${name}`);
    if (raw === undefined || raw === null) {
      if (required) throw bad(MISSING[name] ?? `parameter "${name}" is required`, 'missing-parameter');
      continue;
    }
    const value = typeof raw === 'string' && !body.typed ? readText(name, type, raw) : raw;
    CHECKS[type](name, value);
    params[name] =
      type === 'id' && typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  }
  const known = new Set(entry.parameters.map((parameter) => parameter.name));
  for (const name of Object.keys(body.params)) {
    if (!known.has(name)) throw bad(`unknown parameter "${name}"`, 'unknown-parameter');
  }
  for (const name of body.uploads.keys()) {
    if (!known.has(name) && !attached.includes(`attach://${name}`)) {
      throw bad(`unknown parameter "${name}"`, 'unknown-parameter');
    }
  }
  return { method: entry.name, params };
}
