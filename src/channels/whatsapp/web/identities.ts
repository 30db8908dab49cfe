// Who a chat is to us. WhatsApp shows one person by their number or by a hidden id, today this and tomorrow that; both
// lead to one contact here, for good. It keeps what it learnt; it never reads a number out of a hidden id.
import type { Settings } from '../../../store/store.ts';
import type { PollPlace, Vote } from './protocol.ts';

/** What the options of a poll of ours mean. */
export interface Poll {
  /** The ids of the choices, in the order of the options. */
  readonly choices: readonly string[];
  /** The words of the options. */
  readonly labels: readonly string[];
}

/** What is kept of a person beside what the house keeps of a contact. */
export interface Acquaintance {
  /** The id they last wrote from: answers go there. */
  readonly chat: string;
  /** They have written to us: until then nothing is written to them. */
  readonly wrote: boolean;
  /** Their newest polls, oldest first. Without an id: handed over, and what the page called it was not heard yet. */
  readonly polls: readonly (Poll & { readonly id?: string })[];
}

export interface Identities {
  peerOf(chat: string, phone: string | undefined): Promise<string>;
  get(peer: string): Promise<Acquaintance | undefined>;
  wrote(peer: string, chat: string): Promise<void>;
  /** A poll is about to be handed over. */
  planPoll(peer: string, chat: string, poll: Poll): Promise<void>;
  addPoll(peer: string, place: PollPlace, poll: Poll): Promise<void>;
  /** The poll a vote of theirs is for; one whose id nobody lived to hear is known by the option's words. */
  pollFor(peer: string, vote: Vote): Promise<Poll | undefined>;
  /** The newest polls of all, oldest first: somebody may have voted while nobody listened. */
  recentPolls(): Promise<readonly PollPlace[]>;
}

const POLLS = 8;
/** Of all people together. */
const RECENT = 60;
const RECENT_POLLS = 'whatsapp.polls';
/** What is looked up anew beyond this many. */
const REMEMBERED = 5_000;

export function createIdentities(settings: Pick<Settings, 'get' | 'set'>): Identities {
  const known = new Map<string, string | undefined>();
  /** Changes of one entry happen one after another. */
  let last: Promise<unknown> = Promise.resolve();

  async function read(name: string): Promise<string | undefined> {
    if (known.has(name)) return known.get(name);
    const value = await settings.get(name);
    remember(name, value);
    return value;
  }

  async function write(name: string, value: string): Promise<void> {
    await settings.set(name, value);
    remember(name, value);
  }

  function remember(name: string, value: string | undefined): void {
    if (known.size >= REMEMBERED) known.clear();
    known.set(name, value);
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  }

  const nameOf = (jid: string): string => `whatsapp.id.${jid.replace(/:\d+@/, '@')}`;
  const aboutOf = (peer: string): string => `whatsapp.peer.${peer}`;

  async function get(peer: string): Promise<Acquaintance | undefined> {
    const text = await read(aboutOf(peer));
    return text === undefined ? undefined : (JSON.parse(text) as Acquaintance);
  }

  const recentPolls = async (): Promise<readonly PollPlace[]> =>
    JSON.parse((await read(RECENT_POLLS)) ?? '[]') as readonly PollPlace[];

  async function change(peer: string, next: (now: Acquaintance | undefined) => Acquaintance): Promise<void> {
    await inTurn(async () => {
      const now = await get(peer);
      const then = next(now);
      if (JSON.stringify(now) !== JSON.stringify(then)) await write(aboutOf(peer), JSON.stringify(then));
    });
  }

  const changePolls = (
    peer: string,
    chat: string,
    next: (polls: Acquaintance['polls']) => Acquaintance['polls'],
  ): Promise<void> =>
    change(peer, (now) => ({
      chat: now?.chat ?? chat,
      wrote: now?.wrote ?? false,
      polls: next(now?.polls ?? []).slice(-POLLS),
    }));

  return {
    get,

    peerOf: (chat, phone) =>
      inTurn(async () => {
        if (!chat.endsWith('@lid')) return (await read(nameOf(chat))) ?? digitsOf(chat);
        const before = await read(nameOf(chat));
        if (phone === undefined) {
          if (before === undefined) await write(nameOf(chat), `lid:${digitsOf(chat)}`);
          return before ?? `lid:${digitsOf(chat)}`;
        }
        const named = await read(nameOf(phone));
        const written = await get(named ?? digitsOf(phone));
        // They were met under the hidden id alone, and never under the number: then they stay who they are.
        if (before?.startsWith('lid:') && named === undefined && written === undefined) {
          await write(nameOf(phone), before);
          return before;
        }
        const peer = named ?? digitsOf(phone);
        if (before !== peer) await write(nameOf(chat), peer);
        return peer;
      }),

    wrote: (peer, chat) => change(peer, (now) => ({ chat, wrote: true, polls: now?.polls ?? [] })),

    planPoll: (peer, chat, poll) =>
      changePolls(peer, chat, (polls) => (polls.some(isPlanOf(poll)) ? polls : [...polls, poll])),

    async addPoll(peer, { id, chat }, poll) {
      const isPlan = isPlanOf(poll);
      await changePolls(peer, chat, (polls) => [...polls.filter((one) => !isPlan(one)), { ...poll, id }]);
      await inTurn(async () => {
        const next = [...(await recentPolls()), { chat, id }].slice(-RECENT);
        await write(RECENT_POLLS, JSON.stringify(next));
      });
    },

    async pollFor(peer, { poll, chosen, words }) {
      const polls = (await get(peer))?.polls ?? [];
      const [place = -1] = chosen;
      const [word] = words;
      return (
        polls.find(({ id }) => id === poll) ??
        polls.findLast(({ labels }) => word !== undefined && labels[place] === word)
      );
    },

    recentPolls,
  };
}

const isPlanOf =
  (poll: Poll) =>
  (one: Acquaintance['polls'][number]): boolean =>
    one.id === undefined &&
    JSON.stringify([one.choices, one.labels]) === JSON.stringify([poll.choices, poll.labels]);

const digitsOf = (jid: string): string => jid.replace(/[@:].*$/, '');

/** Where a person is written to of whom no more is known than the address. */
export const chatOf = (peer: string): string =>
  peer.startsWith('lid:') ? `${peer.slice(4)}@lid` : `${peer}@c.us`;
