// The modules the library asks the page for, by the real page's names. What is not here is refused by name, so that a
// new call of the library fails loudly. Each does what the library needs of it and no more.
import { config } from './config.ts';
import { createMediaModules } from './media-modules.ts';
import type { Model } from './model.ts';
import type { Msg } from './msg.ts';
import { MsgKey, toWireKey } from './msg-key.ts';
import type { Store } from './store.ts';
import { createTalkModules } from './talk-modules.ts';
import { createWid, type Wid } from './wid.ts';
import type { Wire } from './wire.ts';

export interface Parts {
  readonly store: Store;
  readonly wire: Wire;
  readonly socket: Model;
  readonly conn: Model;
  readonly cmd: Model;
  /** Forgets the device's key. */
  letGo(): Promise<void>;
}

const key = (seed: number): { pubKey: ArrayBuffer } => ({ pubKey: new Uint8Array(32).fill(seed).buffer });
const encodeB64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** Linking a device, and what state the connection is in. */
function connectionModules({ wire, socket, conn, cmd, store, letGo }: Parts): Record<string, unknown> {
  Object.assign(socket, {
    async logout() {
      await wire.ask('logout', {});
      await letGo();
    },
    takeover: () => wire.ask('takeover', {}),
    reconnect: () => wire.reconnect(),
  });
  Object.assign(cmd, {
    refreshQR: () => wire.ask('refresh', {}),
    async sendRevokeMsgs(_chat: unknown, what: { list: readonly Msg[] }) {
      for (const msg of what.list) {
        await wire.ask('revoke', { key: toWireKey(msg.id) });
        msg.set({ type: 'revoked', body: undefined });
      }
    },
    async sendDeleteMsgs(_chat: unknown, what: { list: readonly Msg[] }) {
      for (const msg of what.list) store.msgs.remove(msg);
    },
    async markChatUnread(chat: Model, unread: boolean) {
      await wire.ask('mark', { chat: String(chat.id), unread });
      chat.set({ unreadCount: unread ? -1 : 0 });
    },
    async archiveChat(chat: Model, archive: boolean) {
      chat.set({ archive });
    },
  });
  return {
    WAWebSocketModel: { Socket: socket },
    WAWebCmd: { Cmd: cmd },
    WAWebConnModel: { Conn: conn },
    WAWebStreamModel: { Stream: { markAvailable() {}, markUnavailable() {} } },
    WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 100 } },
    WAWebLaunchSocketUtils: { refreshQR: () => wire.ask('refresh', {}) },
    WAWebAltDeviceLinkingApi: {
      setPairingType() {},
      async initializeAltDeviceLinking() {},
      async initializeQRLinking() {},
      startAltLinkingFlow: (phone: string, notify: boolean) => wire.ask('pairing-code', { phone, notify }),
    },
    WABase64: { encodeB64 },
    WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: '1' },
    WAWebAdvSignatureApi: {},
    WAWebUserPrefsInfoStore: { waNoiseInfo: { get: async () => ({ staticKeyPair: key(1) }) } },
    WAWebSignalStoreApi: {
      waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: key(2) }) },
    },
    WAWebUserPrefsMultiDevice: { getADVSecretKey: () => encodeB64(key(3).pubKey) },
    WAWebMiscBrowserUtils: { info: () => ({ os: 'Linux', name: 'Chrome', version: config.version }) },
    WAWebSyncGatingUtils: { isPlaceholderMessageResendEnabled: () => false },
    WAWebCallCollection: { on() {}, calls: new Map() },
    WAWebPresenceChatAction: {
      sendPresenceAvailable: () => wire.ask('presence', { available: true }),
      sendPresenceUnavailable: () => wire.ask('presence', { available: false }),
    },
  };
}

function idModules({ store }: Parts): Record<string, unknown> {
  const asWid = (text: string | undefined): Wid | undefined =>
    text === undefined ? undefined : createWid(text);
  return {
    WAWebMsgKey: MsgKey,
    WAWebWidFactory: {
      createWid,
      createWidFromWidLike: createWid,
      asUserWidOrThrow(like: unknown) {
        const wid = createWid(like);
        if (!wid.isUser()) throw new Error(`${wid} is no user`);
        return wid;
      },
    },
    WAWebWidToJid: {
      widToUserJid: (wid: Wid) => wid.toJid(),
      widToGroupJid: (wid: Wid) => wid.toJid(),
    },
    WAWebUserPrefsMeUser: {
      getMaybeMePnUser: () => asWid(store.me()?.pn),
      getMaybeMeLidUser: () => asWid(store.me()?.lid),
    },
    WAWebPhoneUtils: { formattedPhoneNumber: (jid: string) => `+${jid.split('@')[0]}` },
  };
}

export function createModules(parts: Parts): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries({
      ...connectionModules(parts),
      ...idModules(parts),
      ...createTalkModules(parts),
      ...createMediaModules(),
    }),
  );
}
