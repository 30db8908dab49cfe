// The page's memory: filled from the snapshot, changed by each event of the wire and by what the bot sends.
import type { Snapshot, WireAccount, WireChat, WireEvent, WireMessage, WireVote } from '../wire-format.ts';
import { Chat, createDirectory, type Directory, fromWireChat } from './chat.ts';
import { Collection } from './model.ts';
import { fromWireMessage, Msg, MsgCollection, toWireMessage } from './msg.ts';
import { MsgKey } from './msg-key.ts';
import { createWid, type Wid } from './wid.ts';
import type { Wire } from './wire.ts';

export interface SendResult {
  readonly messageSendResult: 'OK' | 'ERROR_UNKNOWN';
  readonly t?: number;
}

/** The tables whose `bulkUpsert` the library replaces to hear of votes and reactions. */
export interface Tables {
  readonly pollVoteTableMode: { bulkUpsert(votes: readonly unknown[]): unknown };
  readonly reactionTableMode: { bulkUpsert(reactions: readonly unknown[]): unknown };
}

export interface Store {
  readonly msgs: MsgCollection;
  readonly chats: Collection<Chat>;
  readonly directory: Directory;
  readonly tables: Tables;
  readonly votes: readonly Readonly<Record<string, unknown>>[];
  me(): WireAccount | undefined;
  load(snapshot: Snapshot): void;
  apply(event: WireEvent): Promise<void>;
  chatOf(wid: Wid): Promise<Chat>;
  earlier(chat: Chat): Promise<Msg[]>;
  seen(chat: Chat): void;
  send(chat: Chat, attributes: Readonly<Record<string, unknown>>): [Promise<Msg>, Promise<SendResult>];
}

export function createStore(wire: Wire): Store {
  const msgs = new MsgCollection(wire);
  const chats = new Collection(Chat);
  const directory = createDirectory(wire);
  const votes: Readonly<Record<string, unknown>>[] = [];
  const tables: Tables = {
    pollVoteTableMode: { bulkUpsert: () => undefined },
    reactionTableMode: { bulkUpsert: () => undefined },
  };
  let me: WireAccount | undefined;

  function chatFrom(wire: WireChat): Chat {
    return chats.get(wire.id) ?? chats.add(fromWireChat(wire));
  }

  function put(chat: Chat, msg: Msg): Msg {
    const kept = msgs.get(msg.id) ?? msg;
    chat.msgs.add(kept);
    chat.set({ lastReceivedKey: kept.id, t: kept.t });
    return msgs.add(kept);
  }

  function voteOf(vote: WireVote): Readonly<Record<string, unknown>> {
    return {
      id: new MsgKey(vote.key),
      pollUpdateParentKey: new MsgKey(vote.poll),
      from: createWid(vote.voter),
      t: vote.tMs,
      senderTimestampMs: vote.tMs,
      selectedOptionLocalIds: [...vote.chosen],
    };
  }

  function keepVote(vote: WireVote): void {
    const parentMsgKey = new MsgKey(vote.poll).toString();
    const same = votes.findIndex((one) => one.parentMsgKey === parentMsgKey && one.sender === vote.voter);
    if (same >= 0) votes.splice(same, 1);
    const { chosen, tMs, voter } = vote;
    votes.push({ parentMsgKey, sender: voter, selectedOptionLocalIds: chosen, senderTimestampMs: tMs });
  }

  return {
    msgs,
    chats,
    directory,
    tables,
    votes,
    me: () => me,

    load(snapshot) {
      me = snapshot.me;
      for (const contact of snapshot.contacts) directory.learn(contact);
      for (const vote of snapshot.votes) keepVote(vote);
      for (const wire of snapshot.chats) {
        const chat = chatFrom(wire);
        for (const message of wire.messages) put(chat, fromWireMessage(message, false));
      }
    },

    async apply(event) {
      switch (event.kind) {
        case 'message': {
          const chat = chatFrom(event.chat);
          put(chat, fromWireMessage(event.message, true));
          chat.set({ unreadCount: event.chat.unread });
          return;
        }
        case 'change': {
          const msg = msgs.get(new MsgKey(event.key));
          const { ack, ...set } = event.set;
          if (typeof ack === 'number' && msg !== undefined && ack > msg.ack) msg.set({ ack });
          msg?.set(set);
          return;
        }
        case 'vote':
          keepVote(event.vote);
          await tables.pollVoteTableMode.bulkUpsert([voteOf(event.vote)]);
          return;
        case 'reaction': {
          const { key, to, from, text, tMs } = event.reaction;
          await tables.reactionTableMode.bulkUpsert([
            {
              id: new MsgKey(key),
              reactionParentKey: new MsgKey(to),
              reactionTimestamp: tMs,
              from: createWid(from),
              reactionText: text,
              read: false,
              orphan: 0,
            },
          ]);
          return;
        }
        case 'unread':
          chats.get(event.chat)?.set({ unreadCount: event.unread });
          return;
        case 'contact':
          directory.learn(event.contact);
      }
    },

    async chatOf(wid) {
      const other = wid.isUser() ? directory.otherOf(wid) : undefined;
      const known = chats.get(wid) ?? (other && chats.get(other));
      if (known !== undefined) return known;
      if (!wid.isUser()) throw new Error(`no chat ${wid}`);
      if ((await directory.exists(wid)) === null) throw new Error('No LID for user');
      return chatFrom((await wire.ask('chat', { wid: String(wid) })) as WireChat);
    },

    async earlier(chat) {
      const [oldest] = chat.msgs.getModelsArray();
      const before = oldest === undefined ? undefined : oldest.id.id;
      const found = (await wire.ask('earlier', { chat: String(chat.id), before })) as WireMessage[];
      const models = found.map((message) => {
        const msg = fromWireMessage(message, false);
        return msgs.get(msg.id) ?? msg;
      });
      msgs.addEarlier(models);
      return chat.msgs.addEarlier(models);
    },

    seen(chat) {
      chat.set({ unreadCount: 0 });
      const upTo = chat.msgs.getModelsArray().at(-1)?.id.id;
      // Nobody waits for it; while there is no connection it goes out later.
      void wire.ask('seen', { chat: String(chat.id), upTo }).catch(() => undefined);
    },

    send(chat, attributes) {
      const msg = new Msg(attributes);
      const added = Promise.resolve().then(() => put(chat, msg));
      const sent = added.then(async (): Promise<SendResult> => {
        try {
          const { t } = (await wire.ask('send', { message: toWireMessage(msg) })) as { t: number };
          // When it was is for the server to say.
          msg.set(msg.ack < 1 ? { t, ack: 1 } : { t });
          return { messageSendResult: 'OK', t };
        } catch {
          msg.set({ ack: -1 });
          return { messageSendResult: 'ERROR_UNKNOWN' };
        }
      });
      return [added, sent];
    },
  };
}
