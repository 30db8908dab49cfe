// A message as the page holds it. Media is loaded only when asked for, and may be gone by then.
import type { WireMessage } from '../wire-format.ts';
import { type Download, downloadMedia } from './media.ts';
import { type Attributes, Collection, Model } from './model.ts';
import { MsgKey, toWireKey } from './msg-key.ts';
import { createWid, type Wid } from './wid.ts';
import type { Wire } from './wire.ts';

const NOTIFICATIONS = new Set([
  'e2e_notification',
  'notification',
  'notification_template',
  'gp2',
  'call_log',
]);

export class Msg extends Model {
  declare id: MsgKey;
  declare type: string;
  declare t: number;
  declare ack: number;
  declare body: unknown;
  declare caption: unknown;
  declare mediaData: Model | undefined;

  constructor(attributes: Attributes) {
    // The blob and what belongs to the making of it are no attributes of a message.
    const { mediaBlob: _blob, local: _local, self: _self, ...kept } = attributes;
    super(kept);
    this.isStatusV3 = this.id.remote.isStatus();
    this.isNotification = NOTIFICATIONS.has(this.type);
    if (typeof this.directPath === 'string') {
      this.mediaObject = { filehash: this.filehash, type: this.type };
      this.mediaData = new Model({ mediaStage: this.id.fromMe ? 'RESOLVED' : 'NEED_POKE' });
    }
  }

  unsafe(): this {
    return this;
  }

  canReply(): boolean {
    return this.type !== 'revoked' && this.type !== 'ciphertext';
  }

  /** What a message that quotes this one carries. */
  msgContextInfo(_chat: unknown): Attributes {
    return {
      quotedMsg: { type: this.type, body: this.body },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.author ?? this.from,
      quotedRemoteJid: this.id.remote,
    };
  }

  async downloadMedia(_options: unknown): Promise<void> {
    this.mediaData?.set({ mediaStage: 'FETCHING' });
    try {
      await downloadMedia(this as unknown as Download);
      this.mediaData?.set({ mediaStage: 'RESOLVED' });
    } catch (error) {
      const isGone = [404, 410].includes(Number((error as { status?: unknown }).status));
      this.mediaData?.set({ mediaStage: isGone ? 'ERROR_MISSING' : 'ERROR_UNKNOWN' });
    }
  }
}

export function fromWireMessage(wire: WireMessage, isNewMsg: boolean): Msg {
  const { key, from, to, author, ...rest } = wire;
  return new Msg({
    ...rest,
    id: new MsgKey(key),
    from: createWid(from),
    to: createWid(to),
    ...(author !== undefined && { author: createWid(author) }),
    isNewMsg,
  });
}

/** The message as data for the wire; ids become text, bytes lists of numbers. */
export function toWireMessage(msg: Msg): WireMessage {
  const { id, from, to, author, isNewMsg: _new, ...rest } = msg.serialize();
  const plain = JSON.parse(
    JSON.stringify(rest, (_name, value: unknown) => (value instanceof Uint8Array ? [...value] : value)),
  ) as WireMessage;
  return {
    ...plain,
    key: toWireKey(id as MsgKey),
    from: String(from),
    to: String(to),
    ...(author !== undefined && { author: String(author as Wid) }),
  };
}

export class MsgCollection extends Collection<Msg> {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super(Msg);
    this.#wire = wire;
  }

  /** As the page's database answers: a key that is no key is refused, not skipped. */
  async getMessagesById(ids: readonly unknown[]): Promise<{ messages: Msg[] }> {
    const messages: Msg[] = [];
    for (const id of ids) {
      if (id === undefined || id === null) {
        throw new DOMException(
          "Failed to execute 'get' on 'IDBObjectStore': No key or key range specified.",
          'DataError',
        );
      }
      const known = this.get(id);
      const found = known ?? (await this.#load(MsgKey.fromString(String(id))));
      if (found !== undefined) messages.push(found);
    }
    return { messages };
  }

  async #load(key: MsgKey): Promise<Msg | undefined> {
    const wire = (await this.#wire.ask('message', { key: toWireKey(key) })) as WireMessage | null;
    return wire === null ? undefined : fromWireMessage(wire, false);
  }

  async search(text: string, _page: unknown, count: unknown, chat: unknown): Promise<{ messages: Msg[] }> {
    const most = typeof count === 'number' ? count : 50;
    const found = this.getModelsArray().filter(
      (msg) =>
        String(msg.body ?? '').includes(text) &&
        (chat === undefined || String(msg.id.remote) === String(chat)),
    );
    return { messages: found.slice(-most) };
  }
}
