// The page's modules for chats, messages and contacts.
import type { Chat, Contact } from './chat.ts';
import type { Parts } from './modules.ts';
import type { Msg } from './msg.ts';
import { toWireKey } from './msg-key.ts';
import { createWid, type Wid } from './wid.ts';

const LINK = /\bhttps?:\/\/\S+/g;

const findLinks = (text: unknown): { href: string }[] =>
  typeof text === 'string' ? [...text.matchAll(LINK)].map(([href]) => ({ href })) : [];

/** What the page answers about a contact of whom it knows a name and an id. */
const contactGetters = (parts: Parts): Record<string, (contact: Contact) => unknown> => ({
  getIsMe: ({ id }) => [parts.store.me()?.pn, parts.store.me()?.lid].includes(String(id)),
  getIsUser: ({ id }) => id.isUser(),
  getIsGroup: ({ id }) => id.isGroup(),
  getIsWAContact: ({ id }) => id.isUser(),
  getUserid: ({ id }) => id.user,
  getVerifiedName: () => undefined,
  getVerifiedLevel: () => 0,
  getStatusMute: () => false,
  getName: (contact) => contact.name,
  getShortName: () => undefined,
  getPushname: (contact) => contact.pushname,
  getIsEnterprise: () => false,
});

function contactModules(parts: Parts): Record<string, unknown> {
  const { directory } = parts.store;
  return {
    WAWebContactGetters: contactGetters(parts),
    WAWebFrontendContactGetters: { getIsMyContact: () => false },
    WAWebQueryExistsJob: { queryWidExists: (wid: Wid) => directory.exists(wid) },
    WAWebApiContact: {
      getCurrentLid: directory.lidOf,
      getPhoneNumber: directory.phoneOf,
      getAlternateUserWid: directory.otherOf,
    },
    WAWebLidMigrationUtils: { toPn: directory.phoneOf },
  };
}

function sendingModules({ store, wire }: Parts): Record<string, unknown> {
  return {
    WAWebSendMsgChatAction: { addAndSendMsgToChat: store.send },
    WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
    WAWebUpdateUnreadChatAction: {
      sendSeen: async ({ chat }: { chat: Chat }) => store.seen(chat),
    },
    WAWebChatStateBridge: {
      sendChatStateComposing: (chat: Wid) => wire.ask('chatstate', { chat: String(chat), state: 'typing' }),
      sendChatStateRecording: (chat: Wid) =>
        wire.ask('chatstate', { chat: String(chat), state: 'recording' }),
      sendChatStatePaused: (chat: Wid) => wire.ask('chatstate', { chat: String(chat), state: 'stop' }),
    },
    WAWebLinkPreviewChatAction: { getLinkPreview: async () => ({}) },
    WALinkify: { findLinks, findLink: (text: unknown) => findLinks(text)[0] },
    WAWebVcardParsingUtils: { parseVcard: (text: string) => ({ name: /^FN:(.*)$/m.exec(text)?.[1] ?? '' }) },
    WAWebVcardGetNameFromParsed: { vcardGetNameFromParsed: ({ name }: { name: string }) => name.trim() },
    WAWebMsgReply: { canReplyMsg: (msg: Msg) => msg.canReply() },
    WAWebQuotedMsgModelUtils: {
      getQuotedMsgObj: (msg: Msg) =>
        store.msgs.getModelsArray().find((one) => one.id.id === msg.quotedStanzaID) ?? msg,
    },
    WAWebMsgActionCapability: {
      canEditText: (msg: Msg) => msg.id.fromMe && msg.type === 'chat',
      canEditCaption: (msg: Msg) => msg.id.fromMe && typeof msg.caption === 'string',
      canSenderRevokeMsg: (msg: Msg) => msg.id.fromMe,
      canAdminRevokeMsg: () => false,
      canStarMsg: () => false,
    },
    WAWebSendMessageEditAction: {
      async sendMessageEdit(msg: Msg, text: string) {
        await wire.ask('edit', { key: toWireKey(msg.id), text });
        msg.set(msg.mediaData === undefined ? { body: text } : { caption: text });
      },
    },
    WAWebSendReactionMsgAction: {
      sendReactionToMsg: (msg: Msg, text: string) => wire.ask('react', { key: toWireKey(msg.id), text }),
    },
    WAWebNonMessageDataRequestPlaceholderMessageResendUtils: {
      handlePlaceholderMsgsSeen: (msgs: readonly Msg[]) =>
        wire.ask('resend', { keys: msgs.map((msg) => toWireKey(msg.id)) }),
    },
  };
}

export function createTalkModules(parts: Parts): Record<string, unknown> {
  const { store } = parts;
  return {
    ...contactModules(parts),
    ...sendingModules(parts),
    WAWebCollections: {
      Msg: store.msgs,
      Chat: Object.assign(store.chats, { find: (wid: unknown) => store.chatOf(createWid(wid)) }),
      Contact: Object.assign(store.directory.contacts, { find: store.directory.find }),
      GroupMetadata: { update: async () => undefined },
      Blocklist: { get: () => undefined },
    },
    WAWebChatGetters: {
      getIsNewsletter: (chat: Chat) => chat.id.isNewsletter(),
      getIsBroadcast: (chat: Chat) => chat.id.isBroadcast(),
    },
    WAWebFindChatAction: {
      findOrCreateLatestChat: async (wid: Wid) => ({ chat: await store.chatOf(createWid(wid)) }),
    },
    WAWebChatLoadMessages: {
      loadEarlierMsgs: ({ chat }: { chat: Chat }) => store.earlier(chat),
    },
    WAWebAddonPollVoteTableMode: store.tables,
    WAWebAddonReactionTableMode: store.tables,
    WAWebPollsVotesSchema: {
      getTable: () => ({
        equals: async ([field]: [string], value: string) =>
          store.votes.filter((vote) => vote[field] === value),
      }),
    },
  };
}
