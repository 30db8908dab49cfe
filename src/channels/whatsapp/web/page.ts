// What is asked of WhatsApp's page beyond what the library offers. Each function is given to the page as text, so it
// holds everything it needs and sees nothing of this file.

interface Jid {
  _serialized: string;
}

interface PageMessage {
  id: object;
  ack?: number;
  mediaData?: { mediaStage: string };
  downloadMedia(how: { downloadEvenIfExpensive: boolean; rmrReason: number }): Promise<unknown>;
}

interface Tools {
  require(name: 'WAWebCollections'): {
    Chat: { getModelsArray(): readonly { id: Jid; t?: number; unreadCount?: number }[] };
    Msg: {
      get(key: string): PageMessage | undefined;
      getMessagesById(keys: string[]): Promise<{ messages?: readonly PageMessage[] } | undefined>;
    };
  };
  require(name: 'WAWebApiContact'): {
    getCurrentLid(wid: unknown): Jid | undefined;
    getPhoneNumber(wid: unknown): Jid | undefined;
  };
  require(name: 'WAWebWidFactory'): { createWid(jid: string): { server: string } };
  require(name: 'WAWebUserPrefsMeUser'): {
    getMaybeMeLidUser(): Jid | undefined;
    getMaybeMePnUser(): Jid | undefined;
  };
  require(name: 'WAWebCmd'): { Cmd: { refreshQR(): void } };
  require(name: 'WAWebSocketModel'): { Socket: { hasSynced?: boolean; state?: string } };
}

/** The chats that changed since, in seconds, or have something unread. */
export function changedChats(since: number): { chat: string; unread: number; at: number }[] {
  const { Chat } = (window as unknown as Tools).require('WAWebCollections');
  return Chat.getModelsArray()
    .filter((chat) => (chat.t ?? 0) >= since || (chat.unreadCount ?? 0) > 0)
    .sort((one, other) => (one.t ?? 0) - (other.t ?? 0))
    .map(({ id, unreadCount, t }) => ({
      chat: id._serialized,
      // A chat marked as unread by hand counts below zero.
      unread: Math.max(0, unreadCount ?? 0),
      at: (t ?? 0) * 1_000,
    }));
}

/** The whole key of a message by its bare id, whichever of its two ids the chat went by, and how far it got. */
export async function findMessage(
  chat: string,
  id: string,
  fromMe: readonly boolean[],
): Promise<{ key: string; ack: number } | null> {
  const tools = window as unknown as Tools;
  const chats = [chat];
  try {
    const wid = tools.require('WAWebWidFactory').createWid(chat);
    const contacts = tools.require('WAWebApiContact');
    const other = wid.server === 'lid' ? contacts.getPhoneNumber(wid) : contacts.getCurrentLid(wid);
    if (other) chats.push(other._serialized);
  } catch {
    // No other id is known.
  }
  const { Msg } = tools.require('WAWebCollections');
  const keys = chats.flatMap((one) => fromMe.map((own) => `${own}_${one}_${id}`));
  for (const key of keys) {
    const found = Msg.get(key);
    if (found) return { key, ack: found.ack ?? 0 };
  }
  for (const key of keys) {
    try {
      const found = (await Msg.getMessagesById([key]))?.messages?.[0];
      if (found) return { key, ack: found.ack ?? 0 };
    } catch {
      // Not under this key.
    }
  }
  return null;
}

/** Has the page load the file of a message; gives how far it came. */
export async function loadMedia(key: string): Promise<string> {
  const { Msg } = (window as unknown as Tools).require('WAWebCollections');
  const message = Msg.get(key) ?? (await Msg.getMessagesById([key]))?.messages?.[0];
  const media = message?.mediaData;
  if (!message || !media) return 'MISSING';
  if (media.mediaStage !== 'RESOLVED' && media.mediaStage !== 'REUPLOADING')
    await message.downloadMedia({ downloadEvenIfExpensive: true, rmrReason: 1 });
  return media.mediaStage;
}

/** Our own ids there. */
export function ownIds(): string[] {
  const me = (window as unknown as Tools).require('WAWebUserPrefsMeUser');
  return [me.getMaybeMePnUser(), me.getMaybeMeLidUser()].flatMap((one) => (one ? [one._serialized] : []));
}

/** Says once more that it has synced, when that happened before anybody listened. */
export function tellSynced(): boolean {
  const { Socket } = (window as unknown as Tools).require('WAWebSocketModel');
  const page = window as unknown as { onAppStateHasSyncedEvent?: () => void };
  if (!Socket.hasSynced || Socket.state !== 'CONNECTED' || !page.onAppStateHasSyncedEvent) return false;
  page.onAppStateHasSyncedEvent();
  return true;
}

/** Asks for a new picture to scan; the page gives up after a while, and the library's own asking never reaches it. */
export function newPicture(): void {
  (window as unknown as Tools).require('WAWebCmd').Cmd.refreshQR();
}
