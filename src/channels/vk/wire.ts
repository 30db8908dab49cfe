// VK's events of a community's dialogues as our events. Pure. A message has one id however it comes: by long poll, by
// callback or read back from the history. The network's message id used everywhere is the number within the dialogue
// (`conversation_message_id`): every event carries it, a send to `peer_ids` answers with it, edits, replies and history
// take it, while the number over all dialogues is missing from presses of buttons.
import { createHash } from 'node:crypto';
import type { CustomerAct, CustomerEvent } from '../../core/event.ts';
import { written } from '../../networks/written.ts';
import type { Abilities } from '../channel.ts';
import type { VkClientInfo, VkMessage, VkMessageEvent, VkUpdate } from './api.ts';
import { contentOf, unescaped } from './content.ts';

const MB = 1024 * 1024;

export const VK_ABILITIES: Abilities = {
  textLimit: 4_000,
  captionLimit: 4_000,
  buttons: { perRow: 5, rows: 10, most: 40, label: 40, scalePerRow: 5, links: true },
  media: ['photo', 'voice', 'document'],
  together: 10,
  uploadLimit: 50 * MB,
  downloadLimit: 20 * MB,
  edits: true,
  marksChoice: true,
  history: 'network',
  sendsOnce: true,
  rates: {
    account: { count: 20, per: 1_000, burst: 20 },
    peer: { count: 3, per: 1_000, burst: 3 },
  },
};

/** An act of a person, or a word of an operator written in the community's own inbox. */
export interface Heard {
  readonly event: CustomerEvent;
  /** The id of whoever wrote it: the person's, or the operator's. */
  readonly by: number;
}

/** What VK's own Start button says, in an app that does not tell of the button. */
const START_WORDS = /^\s*(?:начать|start|почати|пачаць)\s*$/i;
/** Beyond it are chats of many. */
const CHATS = 2_000_000_000;
export const isPerson = (peer: unknown): peer is number =>
  typeof peer === 'number' && Number.isSafeInteger(peer) && peer > 0 && peer < CHATS;

export interface Reader {
  readonly group: number;
  /** Stands in where VK tells no time; milliseconds. */
  readonly now: number;
  /** Whether a message of the community was sent by us, as against by a person in its inbox. */
  readonly isOurs: (message: VkMessage) => boolean;
}

export function fromUpdate(update: VkUpdate, reader: Reader): readonly Heard[] {
  const object = (update.object ?? {}) as Record<string, unknown>;
  const event = (peer: number, at: number, act: CustomerAct, id = eventId(update)): readonly Heard[] => [
    { by: peer, event: { ...envelope(reader.group, id, at, peer), ...act } },
  ];
  switch (update.type) {
    case 'message_new':
    case 'message_reply':
      return fromMessage(messageOf(update), reader);
    case 'message_edit': {
      const edit = editOf(messageOf(update), reader);
      return edit ? [edit] : [];
    }
    case 'message_event': {
      const press = object as unknown as VkMessageEvent;
      const button = buttonIn(press.payload);
      if (button === undefined || !isPerson(press.peer_id) || press.peer_id !== press.user_id) return [];
      const message = press.conversation_message_id;
      return event(press.peer_id, reader.now, {
        kind: 'press',
        button,
        ...(message === undefined ? {} : { message: numberIn(message) }),
      });
    }
    case 'message_allow':
    case 'message_deny': {
      const { user_id: user } = object;
      if (!isPerson(user)) return [];
      const reachable = update.type === 'message_allow';
      return event(user, reader.now, {
        kind: 'reach',
        reachable,
        ...(reachable ? {} : { reason: 'blocked' }),
      });
    }
    default:
      return [];
  }
}

/** Older settings of the event version give the message itself. */
export function messageOf(update: VkUpdate): VkMessage {
  const object = update.object as { readonly message?: VkMessage } | undefined;
  return object?.message ?? (object as unknown as VkMessage);
}

/** What the writer's app can show; only a new message tells. */
export function clientInfoOf(
  update: VkUpdate,
): { readonly peer: number; readonly info: VkClientInfo } | undefined {
  if (update.type !== 'message_new') return undefined;
  const { client_info: info } = (update.object ?? {}) as { readonly client_info?: VkClientInfo };
  const { peer_id: peer } = messageOf(update);
  return info && isPerson(peer) ? { peer, info } : undefined;
}

/** A press that waits for its answer. */
export function pressOf(update: VkUpdate): VkMessageEvent | undefined {
  return update.type === 'message_event'
    ? ((update.object ?? undefined) as VkMessageEvent | undefined)
    : undefined;
}

/** The same for a message that comes as news and one read back from the history. */
export function fromMessage(message: VkMessage, reader: Reader): readonly Heard[] {
  const { peer_id: peer, from_id: from } = message;
  if (!isPerson(peer)) return [];
  const id = messageEventId(message);
  const of = (act: CustomerAct, by: number, own = id): Heard => ({
    by,
    event: { ...envelope(reader.group, own, message.date * 1_000, peer), ...act },
  });
  if (from === -reader.group) {
    const operator = message.admin_author_id;
    if (operator === undefined || operator <= 0 || reader.isOurs(message)) return [];
    numberIn(operator);
    const { text, attachments } = contentOf(message);
    return [
      of(
        {
          kind: 'outside',
          by: { id: `vk:${operator}`, name: `vk:${operator}` },
          text,
          ...(attachments.length > 0 ? { attachments } : {}),
          message: numberIn(message.conversation_message_id),
        },
        operator,
      ),
    ];
  }
  if (from !== peer) return [];
  const payload = payloadIn(message.payload);
  const { ref } = message;
  const start: CustomerAct = { kind: 'start', ...(ref ? { payload: ref } : {}) };
  if (payload?.command === 'start') return [of(start, from)];
  const button = buttonIn(payload);
  if (button !== undefined) return [of({ kind: 'press', button }, from)];
  const { text, attachments } = contentOf(message);
  const answered = message.reply_message?.conversation_message_id;
  const said = of(
    {
      kind: 'message',
      text,
      ...(attachments.length > 0 ? { attachments } : {}),
      message: numberIn(message.conversation_message_id),
      ...(answered === undefined ? {} : { replyTo: numberIn(answered) }),
    },
    from,
  );
  if (ref && START_WORDS.test(message.text)) return [of(start, from)];
  // The words that a person came by a link with are theirs, and are not lost over the link.
  return ref ? [of(start, from, `r:${peer}.${message.conversation_message_id}`), said] : [said];
}

/** The present wording of a person's message that was changed. Two changes within a second differ by their words. */
export function editOf(message: VkMessage, reader: Reader): Heard | undefined {
  const { peer_id: peer, from_id: from, conversation_message_id: number, update_time: changed } = message;
  if (!isPerson(peer) || from !== peer) return undefined;
  const { text } = contentOf(message);
  const words = createHash('sha256').update(text).digest('base64url').slice(0, 10);
  const at = changed ?? message.date;
  const id = `e:${peer}.${numberIn(number)}.${numberIn(at)}.${words}`;
  return {
    by: from,
    event: {
      ...envelope(reader.group, id, at * 1_000, peer),
      kind: 'edit',
      message: numberIn(number),
      text,
    },
  };
}

export const messageEventId = (message: Pick<VkMessage, 'peer_id' | 'conversation_message_id'>): string =>
  `m:${message.peer_id}.${numberIn(message.conversation_message_id)}`;

/** Throws TypeError where there is none: two messages without one would pass for the same. */
export function numberIn(id: unknown): string {
  if (!Number.isSafeInteger(id)) throw new TypeError('an id that is no number');
  return String(id);
}

/** VK's own id of what happened; where it is missing, one made of the whole of it. */
export function eventId(update: VkUpdate): string {
  const own: unknown = update.event_id;
  if (typeof own === 'string' && /^[\x21-\x7e]{1,200}$/.test(own)) return own;
  const { type, object } = update;
  return `x:${createHash('sha256')
    .update(written([type, object]))
    .digest('base64url')
    .slice(0, 22)}`;
}

const envelope = (group: number, id: string, at: number, peer: number) => ({
  id,
  channel: 'vk',
  account: String(group),
  at,
  peer: String(peer),
});

/** A press of a text button brings its payload as JSON in a text, a press of the other kind as an object. */
function payloadIn(payload: unknown): { readonly command?: unknown; readonly b?: unknown } | undefined {
  if (typeof payload === 'object' && payload !== null) return payload;
  if (typeof payload !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    try {
      const value: unknown = JSON.parse(unescaped(payload));
      return typeof value === 'object' && value !== null ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Buttons of ours carry `{"b": id}`. */
function buttonIn(payload: unknown): string | undefined {
  const button = payloadIn(payload)?.b;
  return typeof button === 'string' && button !== '' && button.length <= 64 ? button : undefined;
}
