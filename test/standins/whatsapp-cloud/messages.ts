// POST /<phone id>/messages as Meta documents it: what a message may hold, who may be written to, and what the person
// then sees. What breaks a rule is refused and listed.
import { type Json, Refusal, type Seen, type Someone, someoneBy, type World, wamid, wrong } from './world.ts';

const TYPES = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'interactive',
  'template',
];
const KEYS = new Set([
  'messaging_product',
  'recipient_type',
  'to',
  'recipient',
  'type',
  'context',
  'biz_opaque_callback_data',
  ...TYPES,
]);
const DAY = 24 * 3_600_000;
const KINDS: Readonly<Record<string, RegExp>> = {
  image: /^image\/(jpeg|png)$/,
  video: /^video\/(mp4|3gpp)$/,
  audio: /^audio\/(aac|mp4|mpeg|amr|ogg|opus)$/,
  sticker: /^image\/webp$/,
  document: /./,
};
const CAPTIONED = ['image', 'video', 'document'];

type Shown = Pick<Seen, 'text' | 'buttons' | 'files'>;

export interface Accepted {
  readonly id: string;
  readonly someone: Someone;
  /** Tells what becomes of it; called unless a fault forbids. */
  tell(): void;
}

/** Shows the message to the person. Throws Refusal. */
export function accept(
  world: World,
  body: Json,
  request: number,
  spend: (phone: string) => boolean,
): Accepted {
  const { type, someone } = addressed(world, body);
  const shown = contentOf(world, type, object(body[type], type));
  const open = someone.wroteAt !== undefined && world.now() - someone.wroteAt < DAY;
  const closed = !open && type !== 'template';
  if (closed && !world.lateWindow) throw new Refusal(131047);
  if (!spend(someone.phone)) throw new Refusal(131056);
  const id = wamid(world, someone.phone);
  const callback = body.biz_opaque_callback_data as string | undefined;
  const failure = closed ? 131047 : someone.blocked ? 131026 : undefined;
  if (failure === undefined) {
    const context = body.context as Json | undefined;
    someone.messages.push({
      ...shown,
      id,
      type,
      at: world.now(),
      byBot: true,
      request,
      body,
      ...(typeof context?.message_id === 'string' && { replyTo: context.message_id }),
      ...(callback !== undefined && { callback }),
    });
  }
  const status = (state: string, errors?: readonly Json[]): void =>
    world.notify(
      'messages',
      {
        statuses: [
          {
            id,
            status: state,
            timestamp: String(Math.floor(world.now() / 1_000)),
            ...(someone.hidden ? {} : { recipient_id: someone.phone }),
            recipient_user_id: someone.user,
            ...(callback !== undefined && { biz_opaque_callback_data: callback }),
            ...(errors && { errors }),
          },
        ],
      },
      `status ${someone.phone}`,
    );
  return {
    id,
    someone,
    tell() {
      if (failure !== undefined) return status('failed', [{ code: failure, title: 'failed' }]);
      status('sent');
      status('delivered');
    },
  };
}

function addressed(world: World, body: Json): { readonly type: string; readonly someone: Someone } {
  for (const key of Object.keys(body)) if (!KEYS.has(key)) throw wrong(`unexpected key ${key}`);
  if (body.messaging_product !== 'whatsapp') throw wrong('messaging_product must be whatsapp');
  if (body.recipient_type !== undefined && body.recipient_type !== 'individual')
    throw wrong('recipient_type');
  const { to, recipient, type = 'text', biz_opaque_callback_data: callback } = body;
  if (typeof type !== 'string' || !TYPES.includes(type)) throw wrong(`type ${String(type)}`);
  if (typeof callback === 'string' && callback.length > 512)
    throw wrong('biz_opaque_callback_data is too long');
  const id = to ?? recipient;
  if (typeof id !== 'string' || id === '') throw wrong('nobody to send to');
  if (to !== undefined && !/^\d{6,15}$/.test(id)) throw wrong('to is no number');
  const context = body.context as Json | undefined;
  if (context !== undefined && !/^wamid\./.test(String(context.message_id)))
    throw wrong('context.message_id');
  const someone = someoneBy(world, id);
  // A number that is not on WhatsApp is taken and fails later; here nobody is to be written to by mistake.
  if (!someone) throw wrong(`nobody is called ${id}`);
  return { type, someone };
}

function contentOf(world: World, type: string, value: Json): Shown {
  const bare = { text: '', buttons: [], files: [] };
  if (type === 'text') return { ...bare, text: text(value.body, 4_096, 'text.body') };
  if (type in KINDS) return fileOf(world, type, value);
  if (type === 'location') {
    if (typeof value.latitude !== 'number' || typeof value.longitude !== 'number') throw wrong('location');
    return { ...bare, text: `${value.latitude}, ${value.longitude}` };
  }
  if (type === 'contacts') {
    const list = value as unknown as readonly Json[];
    if (!Array.isArray(list) || list.length === 0) throw wrong('contacts');
    const words = list.map((one) => {
      const name = object(one.name, 'contacts.name');
      text(name.first_name, 500, 'contacts.name.first_name');
      return text(name.formatted_name, 500, 'contacts.name.formatted_name');
    });
    return { ...bare, text: words.join('\n') };
  }
  return type === 'template' ? templateOf(world, value) : interactiveOf(value);
}

function fileOf(world: World, type: string, value: Json): Shown {
  const file = world.files.get(String(value.id));
  if (!file?.ours) throw wrong(`${type}.id is no uploaded file`);
  if (!KINDS[type]?.test(file.mime)) throw new Refusal(131053, `${file.mime} cannot be shown as ${type}`);
  if (value.caption !== undefined && !CAPTIONED.includes(type)) throw wrong(`${type} has no caption`);
  if (value.voice !== undefined && !(type === 'audio' && file.mime === 'audio/ogg')) throw wrong('no voice');
  if (value.filename !== undefined && type !== 'document') throw wrong(`${type} has no filename`);
  const caption = value.caption === undefined ? '' : text(value.caption, 1_024, `${type}.caption`);
  return { text: caption, buttons: [], files: [file.bytes] };
}

function templateOf(world: World, value: Json): Shown {
  const { code } = object(value.language, 'template.language');
  if (!world.templates.has(`${String(value.name)}:${String(code)}`)) throw new Refusal(132001);
  const components = (value.components ?? []) as readonly Json[];
  const body = components.find((one) => one.type === 'body');
  const parameters = (body?.parameters ?? []) as readonly Json[];
  if (parameters.length !== 1) throw new Refusal(132000, 'the template has one parameter');
  const said = text(parameters[0]?.text, 1_024, 'template parameter');
  if (/[\n\t]| {5}/.test(said)) throw new Refusal(132018, 'a parameter may hold neither lines nor tabs');
  return { text: said, buttons: [], files: [] };
}

function interactiveOf(value: Json): Shown {
  const above = text(object(value.body, 'interactive.body').text, 1_024, 'interactive.body.text');
  const action = object(value.action, 'interactive.action');
  const found =
    value.type === 'button' ? replies(action) : value.type === 'list' ? listRows(action) : undefined;
  if (!found) throw wrong(`interactive.type ${String(value.type)}`);
  if (new Set(found.map(({ id }) => id)).size < found.length) throw wrong('two choices with one id');
  if (new Set(found.map(({ title }) => title)).size < found.length) throw wrong('two choices with one title');
  return { text: above, files: [], buttons: found.map(({ id, label }) => ({ id, label })) };
}

interface Found {
  readonly id: string;
  readonly title: string;
  /** All that a person reads of it. */
  readonly label: string;
}

function replies(action: Json): Found[] {
  const buttons = (action.buttons ?? []) as readonly Json[];
  if (buttons.length < 1 || buttons.length > 3) throw wrong(`${buttons.length} buttons`);
  return buttons.map((button) => {
    if (button.type !== 'reply') throw wrong('a button that is no reply');
    const reply = object(button.reply, 'reply');
    const title = text(reply.title, 20, 'button title');
    return { id: text(reply.id, 256, 'button id'), title, label: title };
  });
}

function listRows(action: Json): Found[] {
  text(action.button, 20, 'list button');
  const sections = (action.sections ?? []) as readonly Json[];
  if (sections.length < 1 || sections.length > 10) throw wrong(`${sections.length} sections`);
  if (sections.length > 1) for (const section of sections) text(section.title, 24, 'section title');
  const rows = sections.flatMap((section) => (section.rows ?? []) as readonly Json[]);
  if (rows.length < 1 || rows.length > 10) throw wrong(`${rows.length} rows`);
  return rows.map((row) => {
    const title = text(row.title, 24, 'row title');
    const more = row.description === undefined ? undefined : text(row.description, 72, 'row description');
    return { id: text(row.id, 200, 'row id'), title, label: more ?? title };
  });
}

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null) throw wrong(`${name} is missing`);
  return value as Json;
}

function text(value: unknown, most: number, name: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(`${name} is empty`);
  if (value.length > most) throw wrong(`${name} has ${value.length} characters, ${most} at most`);
  return value;
}
