// What the bot does in a dialogue: messages sent once for each random_id, edits, answers to presses, signs of life.
import { type Call, checkGroup, enterToWrite, findDialogue, type Handler, number, text } from './call.ts';
import { readAttachments } from './files.ts';
import { type Keyboard, readKeyboard, unshown } from './keyboard.ts';
import { showText } from './mentions.ts';
import { missing, Refusal, wrong } from './refusal.ts';
import type { Dialogue, Json, Kept } from './world.ts';
import { addMessage, isOut, reviseMessage } from './world.ts';

const LONGEST_TEXT = 4096;
const MOST_SNACKBAR = 90;
const EDIT_MS = 24 * 3600 * 1000;
const PRESS_SECONDS = 60;
const NOT_HERE = ['template', 'sticker_id', 'forward_messages', 'lat', 'long', 'domain', 'chat_id'];

function readText(call: Call): string {
  const message = text(call, 'message') ?? '';
  if (message.length > LONGEST_TEXT) throw new Refusal(914, undefined, true);
  return message;
}

function readContent(call: Call) {
  for (const name of NOT_HERE) {
    if (call.params[name] !== undefined) throw wrong(`the stand-in does not know ${name}`);
  }
  const message = readText(call);
  const attachments = readAttachments(call.world, text(call, 'attachment'));
  if (message.trim() === '' && attachments.length === 0) throw wrong('message is empty or invalid');
  const raw = call.params.keyboard;
  return { message, attachments, keyboard: raw === undefined ? undefined : readKeyboard(raw) };
}

function noteUnshown(call: Call, dialogue: Dialogue, keyboard: Keyboard | undefined): void {
  const what = keyboard === undefined ? undefined : unshown(keyboard, dialogue.client);
  if (what !== undefined) call.note(`the client of ${dialogue.peer} cannot show ${what}`);
}

/** By reply_to, or by `forward` with is_reply. */
function findAnswered(call: Call, dialogue: Dialogue): Kept | undefined {
  const id = number(call, 'reply_to');
  const forward = call.params.forward as Json | undefined;
  if (id === undefined && forward === undefined) return undefined;
  if (id !== undefined) {
    const kept = call.world.messages.get(id);
    if (kept?.peer !== dialogue.peer) throw missing('reply_to is not in this dialogue');
    return kept;
  }
  const { peer_id, is_reply } = forward ?? {};
  const cmids = (forward?.conversation_message_ids ?? forward?.cmids ?? []) as unknown[];
  const ids = (forward?.message_ids ?? []) as unknown[];
  if ((is_reply !== true && is_reply !== 1) || cmids.length + ids.length !== 1)
    throw wrong('the stand-in knows forward only as a reply to one message');
  if (peer_id !== undefined && peer_id !== dialogue.peer) throw wrong('forward.peer_id is another dialogue');
  const kept =
    cmids.length === 1 ? dialogue.messages[Number(cmids[0]) - 1] : call.world.messages.get(Number(ids[0]));
  if (kept?.peer !== dialogue.peer) throw missing('forward names no message of this dialogue');
  return kept;
}

function sendTo(call: Call, peer: number): Kept {
  const { world, settings } = call;
  const content = readContent(call);
  const dialogue = enterToWrite(call, peer);
  const randomId = number(call, 'random_id') ?? 0;
  const before = settings.randomIdScope === 'peer' ? dialogue.messages : [...world.messages.values()];
  const first = randomId === 0 ? undefined : before.find((one) => isOut(one) && one.randomId === randomId);
  if (first !== undefined) return first;
  const replyTo = findAnswered(call, dialogue);
  noteUnshown(call, dialogue, content.keyboard);
  const { mentions } = showText(content.message);
  return addMessage(world, dialogue, {
    from: -world.group.id,
    text: content.message,
    attachments: content.attachments,
    keyboard: content.keyboard,
    replyTo,
    randomId,
    request: call.request,
    mentions: call.params.disable_mentions === true ? [] : mentions,
    extra: call.params.payload === undefined ? {} : { payload: call.params.payload },
  });
}

const send: Handler = (call) => {
  checkGroup(call);
  if (call.params.random_id === undefined) throw wrong('random_id is a required parameter');
  const peers = call.params.peer_ids as number[] | undefined;
  const alone = [number(call, 'peer_id'), number(call, 'user_id')].filter((one) => one !== undefined);
  const [peer] = alone;
  if (peers === undefined) {
    if (peer === undefined || alone.length > 1) throw wrong('exactly one of peer_id, user_id, peer_ids');
    return sendTo(call, peer).id;
  }
  if (peer !== undefined) throw wrong('exactly one of peer_id, user_id, peer_ids');
  return peers.map((one) => {
    try {
      const kept = sendTo(call, one);
      return { peer_id: one, message_id: kept.id, conversation_message_id: kept.cmid };
    } catch (error) {
      // What is wrong with the call itself is an error as a whole; what is wrong with one person is told beside it.
      if (!(error instanceof Refusal) || error.violation) throw error;
      const { code, message: description } = error;
      return { peer_id: one, message_id: 0, conversation_message_id: 0, error: { code, description } };
    }
  });
};

function findOwn(call: Call): { dialogue: Dialogue; kept: Kept } {
  const dialogue = findDialogue(call, number(call, 'peer_id') ?? 0);
  const cmid = number(call, 'cmid') ?? number(call, 'conversation_message_id');
  const id = number(call, 'message_id');
  if ((cmid === undefined) === (id === undefined)) throw wrong('either message_id or cmid');
  const kept = cmid === undefined ? call.world.messages.get(id ?? 0) : dialogue.messages[cmid - 1];
  if (kept?.peer !== dialogue.peer) throw missing('message not found');
  return { dialogue, kept };
}

const edit: Handler = (call) => {
  checkGroup(call);
  const { dialogue, kept } = findOwn(call);
  if (!isOut(kept)) throw new Refusal(920);
  const content = readContent(call);
  enterToWrite(call, dialogue.peer);
  if (call.world.now() - kept.at > EDIT_MS) throw new Refusal(909);
  if (content.keyboard !== undefined && !content.keyboard.inline)
    throw new Refusal(911, 'Keyboard format is invalid: only an inline keyboard can be edited', true);
  noteUnshown(call, dialogue, content.keyboard);
  // What is not sent again is gone: neither keyboard nor files stay by themselves.
  const { message, attachments, keyboard } = content;
  reviseMessage(call.world, kept, { text: message, attachments, keyboard }, call.request);
  return 1;
};

function checkEventData(value: string | undefined): unknown {
  if (value === undefined) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(value);
  } catch {
    throw wrong('event_data is not JSON');
  }
  const { type, text: words, link } = (data ?? {}) as Json;
  if (type === 'show_snackbar') {
    if (typeof words !== 'string' || words === '' || words.length > MOST_SNACKBAR)
      throw wrong(`event_data.text must have 1 to ${MOST_SNACKBAR} characters`);
  } else if (type === 'open_link') {
    if (typeof link !== 'string' || !/^https?:\/\//.test(link)) throw wrong('event_data.link is no link');
  } else if (type !== 'open_app') throw wrong('event_data.type is not known');
  return data;
}

const answerPress: Handler = (call) => {
  const data = checkEventData(text(call, 'event_data'));
  const press = call.presses.get(text(call, 'event_id') ?? '');
  if (press === undefined) throw missing('event_id is invalid');
  if (press.peer !== number(call, 'peer_id') || press.peer !== number(call, 'user_id'))
    throw wrong('this event was for somebody else');
  if (press.answer !== undefined) throw missing('event_id was answered already');
  if (call.world.now() - press.at > PRESS_SECONDS * call.secondMs) throw missing('event_id has expired');
  press.answer = { data };
  call.world.changed.fire();
  return 1;
};

const setActivity: Handler = (call) => {
  checkGroup(call);
  const type = text(call, 'type') ?? 'typing';
  if (!['typing', 'audiomessage', 'photo', 'video', 'file'].includes(type)) throw wrong('type is not known');
  const dialogue = findDialogue(call, number(call, 'peer_id') ?? number(call, 'user_id') ?? 0);
  dialogue.activities.push({ type, at: call.world.now() });
  return 1;
};

const markAsRead: Handler = (call) => {
  checkGroup(call);
  const dialogue = findDialogue(call, number(call, 'peer_id') ?? 0);
  const start = number(call, 'start_message_id');
  const upTo =
    number(call, 'up_to_cmid') ?? (start === undefined ? undefined : call.world.messages.get(start)?.cmid);
  dialogue.inRead = Math.max(dialogue.inRead, Math.min(upTo ?? Infinity, dialogue.messages.length));
  return 1;
};

export const SENDS: Readonly<Record<string, Handler>> = {
  'messages.send': send,
  'messages.edit': edit,
  'messages.sendMessageEventAnswer': answerPress,
  'messages.setActivity': setActivity,
  'messages.markAsRead': markAsRead,
  'messages.isMessagesFromGroupAllowed'(call) {
    checkGroup(call);
    const dialogue = call.world.dialogues.get(number(call, 'user_id') ?? 0);
    return { is_allowed: dialogue?.state === 'open' ? 1 : 0 };
  },
};
