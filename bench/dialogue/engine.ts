// Otklik's engine on the same dialogue: flows from YAML with texts of both languages, answers understood, conditions in
// CEL, the chosen button marked as on Telegram. The session is kept as the object, or as the committed document's JSON.
import { join } from 'node:path';
import { isNumbered } from '../../src/channels/fit.ts';
import { TELEGRAM } from '../../src/channels/telegram/wire.ts';
import { contactIdOf } from '../../src/core/contact.ts';
import type { Effect, OutboxEntry } from '../../src/core/effect.ts';
import { STORE_EFFECTS } from '../../src/core/effect.ts';
import type { CustomerEvent } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import type { Response } from '../../src/core/response.ts';
import { newSession, type Session } from '../../src/core/session.ts';
import { advance, type Turn } from '../../src/engine/advance.ts';
import { compileWords, type RawWords } from '../../src/engine/answer/index.ts';
import type { Moment, Rules } from '../../src/engine/draft.ts';
import { compileRelease } from '../../src/flow/parse.ts';
import { formatFaults } from '../../src/flow/report.ts';
import { fromDocument, type SessionDocument, toDocument } from '../../src/store/session-document.ts';
import { loadTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';
import type { Contact, Contender, Dialogue, Heard, Outcome, Said, Save } from './dialogue.ts';

const AT = Date.UTC(2026, 0, 5, 9);

/** A contender whose committed session can be looked at as the store would write it. */
export interface EngineContender extends Contender {
  /** What the last commit for the contact wrote: the document as it stood before, and as it stands. */
  written(contact: Contact): Written | undefined;
}

export interface Written {
  readonly before: SessionDocument;
  readonly after: SessionDocument;
}

interface Form<K> {
  keep(turn: Turn, event: string): K;
  restore(kept: K): Session;
}
/** The engine alone: what it decided is performed at once. */
const asObject: Form<Session> = {
  keep: ({ session }) => ({ ...session, v: session.v + 1 }),
  restore: (session) => session,
};
/** What the shell writes, outbox and all; the next turn finds it performed. */
const asText: Form<string> = {
  keep: (turn, event) => {
    const session = committed(turn, event);
    return JSON.stringify(toDocument(session, session.v));
  },
  restore: (text) => fromDocument(JSON.parse(text) as SessionDocument),
};

export const createEngineKeptAsObject = (dialogue: Dialogue, save: Save): EngineContender =>
  create(dialogue, save, asObject);
/** Also remembers what each commit wrote. */
export const createEngineWatched = (dialogue: Dialogue, save: Save): EngineContender =>
  create(dialogue, save, asText, true);
export const createEngineKeptAsText = (dialogue: Dialogue, save: Save): EngineContender =>
  create(dialogue, save, asText);

function create<K>(dialogue: Dialogue, save: Save, form: Form<K>, watched = false): EngineContender {
  const writes = new Map<number, Written>();
  const rules = rulesFor(dialogue);
  const moment: Moment = {
    now: AT,
    today: '2026-01-05',
    channel: {
      ours: false,
      marksChoice: TELEGRAM.marksChoice,
      edits: TELEGRAM.edits,
      numbered: (message) => isNumbered(message, TELEGRAM),
    },
    numbers: [],
    tickets: [],
  };
  const addresses = new Map<number, { readonly id: string; readonly peer: string }>();
  const sessions = new Map<string, K>();
  let counter = 0;

  const addressOf = (contact: Contact) => {
    let known = addresses.get(contact.id);
    if (!known) {
      const peer = String(contact.id);
      known = { id: contactIdOf({ channel: 'telegram', account: '1', peer }), peer };
      addresses.set(contact.id, known);
    }
    return known;
  };

  const sessionOf = (contact: Contact): Session | undefined => {
    const kept = sessions.get(addressOf(contact).id);
    return kept === undefined ? undefined : form.restore(kept);
  };

  return {
    /** What stays once the effects are performed; only a talk under way counts. */
    kept(contact) {
      const session = sessionOf(contact);
      return session?.run ? toDocument(session, session.v).r : undefined;
    },
    written: (contact) => writes.get(contact.id),
    hear(contact: Contact, heard: Heard): Said {
      const { id, peer } = addressOf(contact);
      const stored = sessionOf(contact);
      const before = stored
        ? settled(stored)
        : newSession(id, { channel: 'telegram', account: '1', peer }, contact.locale);
      counter += 1;
      const event = eventOf(String(counter), peer, heard, dialogue);
      const turn = advance(before, event, rules, moment);
      const kept = form.keep(turn, event.id);
      sessions.set(id, kept);
      if (watched) {
        const session = form.restore(kept);
        writes.set(contact.id, {
          before: toDocument(before, before.v),
          after: toDocument(session, session.v),
        });
      }
      return told(turn, contact, save);
    },
  };
}

/** The session once its effects are performed and the journal is marked. */
const settled = (session: Session): Session =>
  session.outbox.length === 0 ? session : { ...session, outbox: [], applied: [] };

/** The turn as one document: what the shell writes. */
function committed({ session, acts }: Turn, event: string): Session {
  const outbox: readonly OutboxEntry[] = acts.map(({ id, effect }) => ({
    id,
    lane: laneOf(effect),
    effect,
    state: 'pending',
    tries: 0,
    at: AT,
  }));
  return { ...session, v: session.v + 1, outbox, applied: [event] };
}

const laneOf = (effect: Effect): 'store' | 'contact' =>
  (STORE_EFFECTS as readonly string[]).includes(effect.kind) ? 'store' : 'contact';

function told(turn: Turn, contact: Contact, save: Save): Said {
  let message: Message | undefined;
  for (const { effect } of turn.acts) {
    if (effect.kind === 'say') message = effect.message;
    else if (effect.kind === 'record') save(contact, outcomeOf(effect.response));
  }
  return { text: message?.text ?? '', buttons: message?.choices ?? [] };
}

/** In the words of the scripts. */
function outcomeOf(response: Response): Outcome {
  const { score, reasons, comment, contactAllowed, flow, answers } = response;
  if (flow === 'survey') return answers as Outcome;
  return {
    ...(score === undefined ? {} : { score }),
    ...(reasons[0] === undefined ? {} : { reason: reasons[0] }),
    ...(comment === undefined ? {} : { comment }),
    ...(contactAllowed === undefined ? {} : { contact: contactAllowed }),
  };
}

function eventOf(id: string, peer: string, heard: Heard, { kind }: Dialogue): CustomerEvent {
  const event = { id, channel: 'telegram', account: '1', at: AT, peer };
  if (heard.kind === 'start') return { ...event, kind: 'start', payload: kind };
  if (heard.kind === 'text') return { ...event, kind: 'message', text: heard.text, message: id };
  return { ...event, kind: 'press', button: heard.button, message: id };
}

function rulesFor(dialogue: Dialogue): Rules {
  const { resources, sources } = loadTexts(join(import.meta.dirname, '../../locales'));
  const own = Object.entries(sources).filter(([file]) => /\/flow\.ya?ml$/.test(file));
  const files = { ...Object.fromEntries(own), ...dialogue.sources };
  const { release, faults } = compileRelease(files, { defaultLocale: 'ru' });
  if (!release) throw new Error(formatFaults(faults, files));
  const words = Object.entries(resources).map(([locale, all]) => [locale, (all.words ?? {}) as RawWords]);
  return {
    current: release,
    release: (hash) => (hash === release.hash ? release : undefined),
    texts: createTexts(resources, { defaultLocale: 'ru' }),
    words: compileWords(Object.fromEntries(words)),
    locales: release.locales,
    deskLocale: 'ru',
    country: 'RU',
  };
}
