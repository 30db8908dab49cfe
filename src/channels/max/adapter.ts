// MAX's dialogues as a channel: the port's calls made by the client. It keeps nothing durable and never decides what
// is said.
import type { Address } from '../../core/contact.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { Attachment, Message } from '../../core/message.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import type { Channel, FileBytes, Media, Outgoing } from '../channel.ts';
import { shorten } from '../split.ts';
import type { AttachmentRequest, Attachment as MaxAttachment } from './api.ts';
import type { MaxClient, UploadType } from './client.ts';
import { type FileRef, fromRef } from './file-ref.ts';
import type { Account, Receive } from './receive.ts';
import { createRecent } from './recent.ts';
import { dialogueOf, filesOf, keptFiles, MAX, type Post, toKeyboard, toPosts } from './wire.ts';

export interface MaxChannelDeps {
  readonly client: MaxClient;
  readonly receive: Receive;
  readonly account: Account;
  readonly media: Pick<Media, 'open'>;
}

/** Pictures that MAX shows as such; any other goes as a file. */
const PICTURE = /^image\/(jpeg|png|gif|tiff|bmp|heic)$/;
/** Tries of a file that MAX goes on preparing. */
const NOT_READY_TRIES = 40;
const NOT_READY_LONGEST = 15_000;

export function createMaxChannel(deps: MaxChannelDeps): Channel {
  const { client, receive } = deps;
  /** What was done under a send's key, so that trying again after a refusal repeats nothing of it. */
  const done = createRecent<string>(5_000);
  const tries = createRecent<number>(1_000);
  /** Dialogues by person: signs such as "typing" are sent there. */
  const chats = createRecent<string>(10_000);
  /** Messages of ours that carry no files, so that an edit need not ask what they carry. */
  const bare = createRecent<true>(5_000);
  /** Files as they came in, so that one fetched at once need not be asked for. */
  const files = createRecent<MaxAttachment>(1_000);
  const underWay = createUnderWay();

  async function once(key: string, act: () => Promise<string>): Promise<string> {
    const before = done.get(key);
    if (before !== undefined) return before;
    const value = await act();
    done.set(key, value);
    return value;
  }

  async function send(to: Address, out: Outgoing): Promise<string> {
    let last = '';
    for (const [index, post] of toPosts(out.message).entries()) {
      const key = `${out.key} ${index}`;
      const replyTo = index === 0 ? out.replyTo : undefined;
      last = await once(key, () => sendPost(to, post, key, replyTo));
    }
    return last;
  }

  async function sendPost(
    to: Address,
    post: Post,
    key: string,
    replyTo: string | undefined,
  ): Promise<string> {
    const attachments: AttachmentRequest[] = [];
    for (const [index, file] of post.files.entries()) {
      attachments.push(await requestOf(file, `${key} file ${index}`));
    }
    if (post.keyboard) attachments.push(post.keyboard);
    const message = { text: post.text === '' ? null : post.text, attachments };
    // An id of another kind, such as a page's, is nothing that MAX could point at.
    const link = replyTo?.startsWith('mid') ? { link: { type: 'reply', mid: replyTo } as const } : {};
    try {
      const { mid, chat } = await client.send(to.peer, { ...message, ...link }).catch((error: unknown) => {
        const gone = error instanceof DeliveryError && error.reason === 'not_editable' && 'link' in link;
        // What it answers was deleted; it was refused, so it can be said without.
        if (gone) return client.send(to.peer, message);
        throw error;
      });
      if (chat !== undefined) chats.set(to.peer, chat);
      if (post.files.length === 0) bare.set(mid, true);
      return mid;
    } catch (error) {
      throw error instanceof DeliveryError && error.reason === 'not_ready' ? notReady(key, error) : error;
    }
  }

  /** MAX prepares a file for a while after it was uploaded. */
  function notReady(key: string, cause: DeliveryError): DeliveryError {
    const times = (tries.get(key) ?? 0) + 1;
    tries.set(key, times);
    if (times > NOT_READY_TRIES) return new DeliveryError('never', 'bad_file', { cause });
    const retryAfter = Math.min(NOT_READY_LONGEST, (cause.retryAfter ?? 1_000) * 2 ** Math.min(times - 1, 5));
    return new DeliveryError('later', 'not_ready', { retryAfter, cause });
  }

  async function requestOf(file: Attachment, key: string): Promise<AttachmentRequest> {
    if (file.location) return { type: 'location', ...file.location };
    if (file.contact) {
      const { name, phone } = file.contact;
      return { type: 'contact', payload: { name: name || phone, vcf_phone: phone } };
    }
    const kept = await once(key, async () => {
      const { bytes, name, mime } = await deps.media.open(file);
      if (bytes.byteLength > MAX.uploadLimit) throw new DeliveryError('never', 'too_big');
      const type = typeFor(file, mime);
      return `${type} ${await client.upload({ type, bytes, name: nameFor(file.name ?? name, type) })}`;
    });
    const [type, token = ''] = kept.split(' ', 2);
    return { type: type as UploadType, payload: { token } };
  }

  async function redraw(mid: string, next: Message): Promise<void> {
    const keyboard = toKeyboard(next);
    const files = bare.get(mid) ? [] : keptFiles(await client.message(mid));
    await client.edit(mid, {
      text: shorten(next.text, MAX.textLimit),
      attachments: keyboard ? [...files, keyboard] : files,
    });
  }

  /** Asks for its message anew: addresses of files expire. */
  async function fileAt({ mid, within, index }: FileRef): Promise<MaxAttachment> {
    const message = await asked(() => client.message(mid));
    const body = within === 'own' ? message.body : message.link?.message;
    const file = body?.attachments?.[index];
    if (file === undefined) throw new DeliveryError('never', 'gone');
    return file;
  }

  async function bytesOf(file: MaxAttachment): Promise<Uint8Array> {
    const url = await asked(() => client.addressOf(file));
    if (url === undefined) throw new DeliveryError('never', 'gone');
    return await client.download(url, MAX.downloadLimit);
  }

  return {
    name: 'max',
    abilities: MAX,

    async start(intake) {
      receive.start(intake, (update) => {
        const dialogue = dialogueOf(update);
        if (dialogue) chats.set(dialogue.user, dialogue.chat);
        for (const [ref, file] of filesOf(update, deps.account.known ?? '')) files.set(ref, file);
      });
    },

    async stop() {
      await receive.stop();
      await underWay.ended();
    },

    health: (now) => receive.health(now),

    send: (to, out) => underWay.track(send(to, out).then((message) => ({ message }))),

    redraw: (_to, message, next) => underWay.track(redraw(message, next)),

    revise: (_to, message, text) =>
      underWay.track(client.edit(message, { text: shorten(text, MAX.textLimit), attachments: null })),

    async typing(to) {
      const chat = chats.get(to.peer);
      if (chat !== undefined) await client.typing(chat).catch(() => undefined);
    },

    async fetch(attachment): Promise<FileBytes> {
      const known = fromRef(attachment.ref);
      if (known === undefined || known.account !== (await deps.account.learn()))
        throw new DeliveryError('never', 'gone');
      if ((attachment.size ?? 0) > MAX.downloadLimit) throw new DeliveryError('never', 'too_big');
      const fresh = files.get(attachment.ref ?? '');
      const bytes =
        (fresh && (await bytesOf(fresh).catch(unlessGone))) ?? (await bytesOf(await fileAt(known)));
      return {
        bytes,
        ...(attachment.name !== undefined && { name: attachment.name }),
        ...(attachment.mime !== undefined && { mime: attachment.mime }),
      };
    },
  };
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof DeliveryError && error.reason === 'gone')) throw error;
}

/** A question whose answer was lost is only late: asking twice does no harm. What MAX no longer shows is gone. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    if (error.verdict === 'unknown') throw new DeliveryError('later', 'network', { cause: error });
    if (error.verdict === 'later') throw error;
    throw new DeliveryError('never', 'gone', { cause: error });
  }
}

function typeFor({ kind, mime: told }: Attachment, mime: string | undefined): UploadType {
  if (kind === 'photo') return PICTURE.test(mime ?? told ?? 'image/jpeg') ? 'image' : 'file';
  if (kind === 'video') return 'video';
  return kind === 'voice' || kind === 'audio' ? 'audio' : 'file';
}

const ENDINGS: Readonly<Record<UploadType, string>> = {
  image: 'jpg',
  video: 'mp4',
  audio: 'ogg',
  file: 'dat',
};

function nameFor(given: string | undefined, type: UploadType): string {
  const safe = (given ?? '').replace(/[\p{Cc}"\\/;]+/gu, '_').trim();
  return safe === '' ? `file.${ENDINGS[type]}` : safe;
}
