// What came in, on its way to the journal: each person's in order, kept before the chat is marked as read, and what
// nobody told of caught up with. It remembers how far it is; it never drops anything because it is much.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CustomerEvent } from '../../../core/event.ts';
import { sound } from '../../../networks/sound.ts';
import { written } from '../../../networks/written.ts';
import type { Settings } from '../../../store/store.ts';
import type { Intake } from '../../channel.ts';
import { createCursor } from './cursor.ts';
import type { Identities } from './identities.ts';
import type { Ask, Asked, PollPlace, RawMessage, Said, Vote } from './protocol.ts';
import { fromEdit, fromLost, fromMessage, fromOwn, fromVote } from './wire.ts';

export interface Receive {
  start(intake: Intake): void;
  hear(said: Said): void;
  /** The page is there, anew or again: what came meanwhile is fetched. */
  onReady(account: string, name: string): void;
  /** Fetches what lies unread although the page is there: the library did not tell of it. */
  sweep(): Promise<void>;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}

export interface ReceiveDeps {
  readonly settings: Pick<Settings, 'get' | 'set'>;
  readonly identities: Identities;
  readonly ask: <A extends Ask>(ask: A, give: Asked[A]['give'], within: number) => Promise<Asked[A]['take']>;
  /** Resolves once no send to the person is under way: only then is a poll of ours known. */
  readonly sent: (peer: string) => Promise<unknown>;
  readonly clock: () => number;
  readonly log: { warn(fields: object, words: string): void; error(fields: object, words: string): void };
}

/** Whom a message is from or to, as far as it decides its line. */
type Who = Pick<RawMessage, 'chat' | 'phone'>;

const lineOf = (who: Who): string => who.phone ?? who.chat;

/** Whether it says whose it is: the page behind it changes without notice. */
function isWhole(said: Said): boolean {
  const part: unknown =
    said?.on === 'vote' ? said.vote : said && 'message' in said ? said.message : undefined;
  if (typeof part !== 'object' || part === null) return false;
  const { id, poll, chat, phone } = part as Record<string, unknown>;
  const texts = [said.on === 'vote' ? poll : id, chat, phone ?? ''];
  return texts.every((one) => typeof one === 'string');
}

/** WhatsApp opens what it could not read at first within this time, or says that it cannot. */
const SEALED = 20_000;
/** What is older will not be opened any more. */
const SEALED_LONG = 10 * 60_000;
const RETRY = 10_000;
const SOONEST = 250;
const LATEST = 5_000;
const LISTING = 60_000;
const MARKING = 10_000;

export function createReceive(deps: ReceiveDeps): Receive {
  const { identities, settings, log, clock } = deps;
  const cursor = createCursor(settings, clock);
  const lines = new Map<string, Promise<void>>();
  /** Chats to be marked as read when their line has ended. */
  const unseen = new Map<string, string>();
  /** Slots in their line for what cannot be read yet. */
  const sealed = new Map<string, (opened: RawMessage | undefined) => void>();
  let intake: Intake | undefined;
  let stopped = false;
  let ownName = '';
  let catching: Promise<void> | undefined;
  let again = false;
  /** All that came meanwhile has been fetched: only then may the place move on. */
  let whole = false;
  let later: NodeJS.Timeout | undefined;
  /** What is said while older words are being fetched waits behind them. */
  let held: Said[] | undefined;

  function settle(): void {
    if (lines.size === 0 && whole && !catching) void cursor.settle().catch(() => undefined);
  }

  /** Behind everything else of the same person. */
  function inLine(who: Who, work: () => Promise<void>): void {
    const key = lineOf(who);
    const next = (lines.get(key) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      log.error({ error: error instanceof Error ? error.name : 'unknown' }, 'something from WhatsApp failed');
    });
    lines.set(key, next);
    void next.then(() => {
      if (lines.get(key) === next) ended(key);
      settle();
    });
  }

  /** All that came in the chat is kept: it may be shown as read. */
  function ended(key: string): void {
    lines.delete(key);
    const chat = unseen.get(key);
    if (unseen.delete(key) && chat !== undefined && !stopped)
      void deps.ask('seen', { chat }, MARKING).catch(() => undefined);
  }

  /** Until it is done: the store may be away, and comes back. False: stopped before. Throws for what never can be done. */
  async function insist(work: () => Promise<void>): Promise<boolean> {
    for (let wait = SOONEST; !stopped; wait = Math.min(wait * 2, LATEST)) {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof TypeError) throw error;
        await pause(wait, undefined, { ref: false });
      }
    }
    return false;
  }

  /** For a person to see, as it came. */
  async function putAside(given: unknown): Promise<void> {
    const raw = written(given);
    const name = createHash('sha256').update(raw).digest('base64url').slice(0, 22);
    log.error({ name }, 'something from WhatsApp could not be understood; it is put aside');
    const value = JSON.stringify({ reason: 'not_understood', raw, at: clock() });
    await insist(() => settings.set(`whatsapp.bad.${name}`, value));
  }

  /** Makes the event and keeps it; what cannot be understood is put aside and holds nobody up. */
  async function take(
    raw: RawMessage,
    make: (peer: string) => CustomerEvent | undefined,
    theirs = true,
  ): Promise<void> {
    let kept = false;
    try {
      await insist(async () => {
        const peer = await identities.peerOf(raw.chat, raw.phone);
        const made = make(peer);
        if (!made || intake === undefined) return;
        const event = sound(made);
        if (theirs) await identities.wrote(peer, raw.chat);
        await intake([event]);
        kept = true;
      });
    } catch {
      return await putAside(raw);
    }
    if (!kept) return;
    cursor.kept(raw.at);
    if (theirs) unseen.set(lineOf(raw), raw.chat);
  }

  const takeMessage = (raw: RawMessage): Promise<void> => take(raw, (peer) => fromMessage(raw, peer));
  const takeLost = (raw: RawMessage): Promise<void> => take(raw, (peer) => fromLost(raw, peer));
  const takeEdit = (raw: RawMessage): Promise<void> => take(raw, (peer) => fromEdit(raw, peer));
  const takeOwn = (raw: RawMessage): Promise<void> => {
    const by = { id: 'whatsapp:phone', name: ownName || 'WhatsApp' };
    return take(raw, (peer) => fromOwn(raw, peer, by), false);
  };

  /** Holds its place in the line until it can be read. */
  async function takeSealed(raw: RawMessage, opened: Promise<RawMessage | undefined>): Promise<void> {
    const message = await opened;
    if (message === undefined) return;
    await (message.type === 'ciphertext' ? takeLost(raw) : takeMessage(message));
  }

  async function takeVote(vote: Vote): Promise<void> {
    try {
      await insist(async () => {
        const peer = await identities.peerOf(vote.chat, vote.phone);
        await deps.sent(peer);
        const poll = await identities.pollFor(peer, vote);
        const event = poll && fromVote(vote, peer, poll.choices, clock());
        if (event) await intake?.([sound(event)]);
      });
    } catch {
      await putAside(vote);
    }
  }

  function hear(said: Said): void {
    if (!isWhole(said)) return void putAside(said).catch(() => undefined);
    switch (said.on) {
      case 'sealed': {
        const { message } = said;
        const opened = new Promise<RawMessage | undefined>((resolve) => {
          const late = setTimeout(resolve, SEALED, undefined);
          sealed.set(message.id, (found) => {
            clearTimeout(late);
            resolve(found);
          });
        }).finally(() => sealed.delete(message.id));
        return inLine(message, () => takeSealed(message, opened));
      }
      case 'lost':
      case 'message': {
        const { message } = said;
        const slot = sealed.get(message.id);
        if (slot) return slot(message);
        return inLine(message, () => (said.on === 'lost' ? takeLost(message) : takeMessage(message)));
      }
      case 'own':
        return inLine(said.message, () => takeOwn(said.message));
      case 'edit':
        return inLine(said.message, () => takeEdit(said.message));
      case 'vote':
        return inLine(said.vote, () => takeVote(said.vote));
      default:
    }
  }

  /** All that came since, through the same lines and under the same ids; what is known already changes nothing. */
  async function catchUp(account: string): Promise<void> {
    const { since, from } = await cursor.open(account);
    const chats = await deps.ask('chats', { since }, LISTING);
    // What lay unread before we were ever linked is not ours to answer.
    const places = new Map((await identities.recentPolls()).map((place) => [place.id, place]));
    for (const { chat, unread } of chats.filter(({ at }) => at >= from))
      for (const place of await fetchChat(chat, since, from, unread)) places.set(place.id, place);
    const polls = [...places.values()];
    const votes = polls.length === 0 ? [] : await deps.ask('votes', { polls }, LISTING);
    for (const vote of votes) inLine(vote, () => takeVote(vote));
    whole = true;
  }

  /** Gives the polls of ours in it: nobody may have lived to hear what the page called them. */
  async function fetchChat(
    chat: string,
    since: number,
    from: number,
    unread: number,
  ): Promise<readonly PollPlace[]> {
    const found = await deps.ask('history', { chat, since, unread }, LISTING);
    for (const raw of found.filter(({ at }) => at >= from)) {
      // Ids of browsers are ours, or cannot be told from ours.
      if (raw.fromMe) {
        if (!raw.byWeb) inLine(raw, () => takeOwn(raw));
      } else if (raw.type !== 'ciphertext') {
        inLine(raw, () => takeMessage(raw));
        if (raw.editedAt !== undefined) inLine(raw, () => takeEdit(raw));
      } else if (clock() - raw.at > SEALED_LONG) inLine(raw, () => takeLost(raw));
      else catchUpIn(SEALED);
    }
    return found.flatMap(({ fromMe, type, id }) => (fromMe && type === 'poll_creation' ? { chat, id } : []));
  }

  function catchUpIn(after: number): void {
    clearTimeout(later);
    later = setTimeout(() => beginCatchUp(''), after);
  }

  function beginCatchUp(account: string): void {
    if (stopped) return;
    if (catching) {
      again = true;
      return;
    }
    held ??= [];
    catching = (async () => {
      do {
        again = false;
        await catchUp(account).catch(() => {
          log.warn({}, 'what came to WhatsApp meanwhile could not be read; it is tried again');
          catchUpIn(RETRY);
        });
      } while (again && !stopped);
    })().finally(() => {
      catching = undefined;
      const waiting = held ?? [];
      held = undefined;
      for (const said of waiting) hear(said);
      settle();
    });
  }

  return {
    start(given) {
      intake = given;
      stopped = false;
    },
    hear(said) {
      if (held) held.push(said);
      else hear(said);
    },
    onReady(account, name) {
      if (name) ownName = name;
      whole = false;
      beginCatchUp(account);
    },
    async sweep() {
      if (!whole || catching || lines.size > 0) return;
      const { since, from } = await cursor.open('');
      const chats = await deps.ask('chats', { since: clock() }, LISTING);
      for (const { chat, unread } of chats.filter((one) => one.unread > 0 && one.at >= from)) {
        await fetchChat(chat, since, from, unread);
        // What is unread still is nothing that we can read.
        inLine({ chat }, async () => void (await deps.ask('seen', { chat }, MARKING)));
      }
    },
    async stop() {
      stopped = true;
      clearTimeout(later);
      for (const open of sealed.values()) open(undefined);
      await Promise.all(lines.values());
      if (whole) await cursor.settle(true).catch(() => undefined);
    },
  };
}
