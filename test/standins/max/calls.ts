// What each call of the API does to the world, and what it answers. Who may call and what goes wrong on the way is
// decided in server.ts.
import type { Upload } from '../telegram/body.ts';
import { checkMessage, object, onlyKeys, UPDATE_TYPES } from './check.ts';
import { Refusal, suspended, unknownDialogue, unknownMessage, wrong } from './refusal.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Updates } from './updates.ts';
import type { Json, Kept, StoredFile, World } from './world.ts';

export interface Call {
  readonly world: World;
  readonly updates: Updates;
  readonly subscriptions: Subscriptions;
  readonly query: Readonly<Record<string, string>>;
  /** The parts of the path that vary. */
  readonly path: readonly string[];
  readonly body: Json;
  readonly uploads: ReadonlyMap<string, Upload>;
  readonly request: number;
  readonly secondMs: number;
  readonly gone: AbortSignal;
}

export interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  readonly body?: true;
  readonly run: (call: Call) => unknown | Promise<unknown>;
}

const done = { success: true };

function int(value: string | undefined, name: string): number {
  if (value === undefined || !/^-?\d+$/.test(value)) throw wrong(`${name} must be a whole number`);
  return Number(value);
}

function within(value: string | undefined, name: string, usual: number, least: number, most: number): number {
  const given = value === undefined ? usual : int(value, name);
  if (given < least || given > most) throw wrong(`${name} must be from ${least} to ${most}`);
  return given;
}

/** The attachments as MAX keeps them: files by their tokens, buttons as they are. */
function attach(world: World, list: readonly Json[]): Json[] {
  return list.map((one) => {
    const payload = (one.payload ?? {}) as Json;
    if (!['image', 'video', 'audio', 'file'].includes(String(one.type))) return one;
    const file = world.files.get(String(payload.token));
    if (file === undefined || file.type !== one.type) throw wrong(`unknown ${String(one.type)} token`);
    if (file.pending > 0) {
      file.pending -= 1;
      throw new Refusal(400, 'attachment.not.ready', 'Key: errors.process.attachment.file.not.processed');
    }
    return fileAttachment(world, file);
  });
}

export function fileAttachment(world: World, file: StoredFile): Json {
  const url = `${world.root}/files/${encodeURIComponent(file.token)}`;
  const payload = { token: file.token, url, ...(file.type === 'image' && { photo_id: world.next('photo') }) };
  return {
    type: file.type,
    payload,
    ...(file.type === 'file' && { filename: file.name, size: file.bytes.length }),
  };
}

function ownMessage({ world, query }: Call): Kept {
  const kept = world.message(query.message_id ?? '');
  if (!kept?.byBot) throw unknownMessage();
  return kept;
}

function sendMessage(call: Call): unknown {
  const { world, query, body } = call;
  if (query.chat_id !== undefined) throw wrong('this bot speaks in dialogues, by user_id');
  const user = int(query.user_id, 'user_id');
  checkMessage(body, false);
  const dialogue = world.dialogueOf(user);
  if (!dialogue || dialogue.state === 'new') throw unknownDialogue(user);
  if (dialogue.state === 'stopped') throw suspended();
  const link = (body.link ?? undefined) as Json | undefined;
  const replyTo = link === undefined ? undefined : String(link.mid);
  if (replyTo !== undefined && !dialogue.messages.has(replyTo)) throw unknownMessage();
  const attachments = attach(world, (body.attachments ?? []) as Json[]);
  const kept = world.keep(dialogue, {
    byBot: true,
    text: (body.text ?? null) as string | null,
    attachments,
    replyTo,
    forwarded: undefined,
    request: call.request,
  });
  return { message: world.wire(kept) };
}

const WEEK = 7 * 24 * 3_600_000;

function editMessage(call: Call): unknown {
  const { world, body } = call;
  checkMessage(body, true);
  const kept = ownMessage(call);
  if (world.dialogues.get(kept.chat)?.state !== 'open') throw suspended();
  const hasButtons = kept.attachments.some((one) => one.type === 'inline_keyboard');
  if (!hasButtons && world.now() - kept.at > WEEK)
    throw new Refusal(400, 'proto.payload', "Message can't be edited: too old");
  const { text, attachments } = body;
  if (attachments !== undefined && attachments !== null)
    kept.attachments = attach(world, attachments as Json[]);
  if (typeof text === 'string') kept.text = text;
  kept.edited = true;
  return done;
}

function answerOnCallback({ world, query, body }: Call): unknown {
  onlyKeys(body, ['message', 'notification'], 'CallbackAnswer');
  const { message = null, notification = null } = body;
  if (message === null && (typeof notification !== 'string' || notification === ''))
    throw wrong('an answer without message or notification');
  if (message !== null) checkMessage(object(message, 'message'), true);
  const press = world.presses.get(query.callback_id ?? '');
  if (!press) throw new Refusal(404, 'not.found', 'Callback not found');
  press.answers.push(body);
  return done;
}

const ACTIONS = ['typing_on', 'sending_photo', 'sending_video', 'sending_audio', 'sending_file', 'mark_seen'];

function sendAction({ world, path, body }: Call): unknown {
  if (!ACTIONS.includes(String(body.action))) throw wrong('unknown action');
  if (!world.dialogues.has(int(path[0], 'chatId')))
    throw new Refusal(404, 'chat.not.found', 'Chat not found');
  return done;
}

function getUploadUrl({ world, query }: Call): unknown {
  const { type = '' } = query;
  if (!['image', 'video', 'audio', 'file'].includes(type)) throw wrong('unknown type of upload');
  const token = `tok_${type}_up${world.next('upload')}`;
  const own = type === 'video' || type === 'audio';
  return { url: `${world.root}/upload/${token}`, ...(own && { token }) };
}

/** The host that takes files: it asks for no token, and must be given none. */
function upload({ world, path, uploads }: Call): unknown {
  const [token = ''] = path;
  const type = /^tok_(image|video|audio|file)_/.exec(token)?.[1] as StoredFile['type'] | undefined;
  const file = uploads.get('data');
  if (type === undefined || world.files.has(token))
    throw wrong('an address that takes no file, or has taken one');
  if (file === undefined || file.fileName === '') throw wrong('no part "data" with a file');
  world.store(type, file.fileName, file.bytes, token);
  if (type === 'image') return { photos: { 'size==': { token } } };
  return type === 'file' ? { fileId: world.next('fileId'), token } : '<retval>1</retval>';
}

function getMessageById({ world, path }: Call): unknown {
  const kept = world.message(path[0] ?? '');
  if (!kept) throw unknownMessage();
  return world.wire(kept);
}

function getVideo({ world, path }: Call): unknown {
  const file = world.files.get(path[0] ?? '');
  if (file?.type !== 'video') throw new Refusal(404, 'not.found', 'Video not found');
  const url = `${world.root}/files/${encodeURIComponent(file.token)}`;
  return { token: file.token, width: 1, height: 1, duration: 1, urls: { mp4_720: url, mp4_480: null } };
}

/** As its makers bounded it in May 2026: 100 updates, 30 seconds. */
async function getUpdates({ updates, subscriptions, query, secondMs, gone }: Call): Promise<unknown> {
  const limit = within(query.limit, 'limit', 100, 1, 100);
  const hold = within(query.timeout, 'timeout', 30, 0, 30);
  const marker = query.marker === undefined ? undefined : int(query.marker, 'marker');
  const types = query.types?.split(',');
  if (types?.some((type) => !UPDATE_TYPES.includes(type))) throw wrong('unknown type of update');
  // What a subscribed bot is answered is not written anywhere; the description names 405 for this call.
  if (subscriptions.active) throw new Refusal(405, 'method.not.allowed', 'Webhook is active');
  const first = updates.take(marker, limit, types);
  if (first.updates.length > 0 || hold === 0) return first;
  await updates.wait(marker, hold * secondMs, gone);
  if (gone.aborted) return first;
  if (subscriptions.active) throw new Refusal(405, 'method.not.allowed', 'Webhook is active');
  return updates.take(marker, limit, types);
}

function getSubscriptions({ subscriptions }: Call): unknown {
  return { subscriptions: subscriptions.list() };
}

function subscribe({ subscriptions, body }: Call): unknown {
  onlyKeys(body, ['url', 'secret', 'update_types', 'version'], 'SubscriptionRequestBody');
  subscriptions.add(body, UPDATE_TYPES);
  return done;
}

function unsubscribe({ subscriptions, query }: Call): unknown {
  subscriptions.remove(query.url ?? '');
  return done;
}

export const ROUTES: readonly Route[] = [
  { name: 'getMyInfo', method: 'GET', path: /^\/me$/, run: ({ world }) => world.bot },
  {
    name: 'getUpdates',
    method: 'GET',
    path: /^\/updates$/,
    optional: ['limit', 'timeout', 'marker', 'types'],
    run: getUpdates,
  },
  { name: 'getSubscriptions', method: 'GET', path: /^\/subscriptions$/, run: getSubscriptions },
  { name: 'subscribe', method: 'POST', path: /^\/subscriptions$/, body: true, run: subscribe },
  { name: 'unsubscribe', method: 'DELETE', path: /^\/subscriptions$/, required: ['url'], run: unsubscribe },
  {
    name: 'sendMessage',
    method: 'POST',
    path: /^\/messages$/,
    optional: ['user_id', 'chat_id', 'disable_link_preview'],
    body: true,
    run: sendMessage,
  },
  {
    name: 'editMessage',
    method: 'PUT',
    path: /^\/messages$/,
    required: ['message_id'],
    body: true,
    run: editMessage,
  },
  { name: 'getMessageById', method: 'GET', path: /^\/messages\/([\w.-]+)$/, run: getMessageById },
  {
    name: 'answerOnCallback',
    method: 'POST',
    path: /^\/answers$/,
    required: ['callback_id'],
    body: true,
    run: answerOnCallback,
  },
  { name: 'sendAction', method: 'POST', path: /^\/chats\/(-?\d+)\/actions$/, body: true, run: sendAction },
  { name: 'getUploadUrl', method: 'POST', path: /^\/uploads$/, required: ['type'], run: getUploadUrl },
  { name: 'getVideoAttachmentDetails', method: 'GET', path: /^\/videos\/([\w-]+)$/, run: getVideo },
];

/** Served by other hosts at MAX: no token belongs there. */
export const FILE_ROUTES: readonly Route[] = [
  { name: 'upload', method: 'POST', path: /^\/upload\/([\w-]+)$/, run: upload },
];
