// By what each collection is parted over the shards of a large MongoDB, and why; read by whoever sets one up. A unique
// index holds over all shards only where it begins with the key, so a key is never chosen against one.
import type { CollectionName } from './models.ts';

export interface Sharding {
  /** Absent: the collection stays whole, on one shard. */
  readonly key?: Readonly<Record<string, 1 | 'hashed'>>;
  readonly why: string;
}

export const SHARDING: Readonly<Record<CollectionName, Sharding>> = {
  sessions: {
    key: { _id: 'hashed' },
    why: 'Every message reads and writes one session by its contact: each goes to one shard, evenly.',
  },
  messages: {
    key: { contact: 1, seq: 1 },
    why: "A contact's history lies together and is read in order; new contacts' ids are random, so writes spread.",
  },
  journal: {
    key: { channel: 1, account: 1, eventId: 1 },
    why: 'It is the unique index that drops a repeated event. Rows live for a week; looks by line ask every shard, many lines at a time. Part it last.',
  },
  responses: {
    key: { _id: 'hashed' },
    why: 'Written once by its id; reports read all shards side by side.',
  },
  contacts: {
    key: { 'address.channel': 1, 'address.account': 1, 'address.peer': 1 },
    why: 'It is the unique index that keeps one contact for each address.',
  },
  links: {
    key: { place: 1, network: 1 },
    why: "It is the unique index of a network's message; replies and edits look it up whole.",
  },
  audit: { key: { _id: 'hashed' }, why: 'Only added to, and read in order of time by few.' },
  tickets: {
    why: 'Its number and its places are unique each by itself, which no key could hold. A ticket is one in many messages.',
  },
  customers: { why: 'Members are unique over all; only people who joined two chats have one.' },
  codes: { why: 'Each lives for minutes.' },
  releases: { why: 'As many as edits of the flows.' },
  settings: { why: 'A few hundred rows.' },
};
