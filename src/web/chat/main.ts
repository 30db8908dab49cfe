// The chat page: greets, shows the talk, sends what the visitor does. It decides nothing about the talk itself.
import all from 'virtual:texts/chat';
import type { MessageView, PostedEvent } from '../../channels/web/wire.ts';
import { pickLanguage, regional, translator } from '../words.ts';
import { createComposer } from './composer.ts';
import { find, make } from './dom.ts';
import { createKeep } from './keep.ts';
import { createLive } from './live.ts';
import { createLog } from './log.ts';
import { createOutbox } from './outbox.ts';
import { echoes, hasTicks, linesOf, questionsOf } from './talk.ts';

const TYPING_LASTS = 6000;
const CONNECTING_IS_FINE = 2500;
const ECHO_COMES_WITHIN = 1200;
/** A press that the server took and that nothing is seen of: the question may be answered again. */
const PRESS_HOLDS = 5000;

const keep = createKeep();
const kept = new Map<string, MessageView>();
/** Questions in which several may be ticked, as far as it has shown. */
const several = new Set<string>();
const languages = Object.keys(all);
let locale = pickLanguage(all, [keep.get('locale') ?? '', ...navigator.languages]);
let t = translator(all, locale);
const words = () => ({ t, locale });

const waiting = find('waiting', HTMLElement);
const typing = find('typing', HTMLElement);
const connection = find('connection', HTMLElement);
let typingEnds: number | undefined;
let lostSince: number | undefined;

const log = createLog(
  find('log', HTMLElement),
  find('scroll', HTMLElement),
  find('newer', HTMLButtonElement),
  {
    press(message, choice) {
      send(
        { kind: 'press', button: choice.id, message: message.id },
        { label: choice.label, after: newest() },
      );
    },
    retry: (id) => outbox.retry(id),
    discard: (id) => outbox.remove(id),
    // On a touch screen the field would bring up its keyboard unasked.
    answered: () => {
      if (!matchMedia('(pointer: coarse)').matches) composer.focus();
    },
  },
);
const outbox = createOutbox(
  keep,
  () => draw(),
  (taken) => {
    if (taken.event.kind !== 'press') return;
    if (severalIn(taken.event.message)) outbox.remove(taken.event.id);
    else window.setTimeout(() => outbox.remove(taken.event.id), PRESS_HOLDS);
  },
);
const composer = createComposer(keep, words, ({ text, files, shown }) =>
  send({ kind: 'message', text, ...(files.length === 0 ? {} : { files: [...files] }) }, { files: shown }),
);

type Doing = PostedEvent extends infer E
  ? E extends PostedEvent
    ? Omit<E, 'id' | 'name' | (E extends { kind: 'locale' } ? never : 'locale')>
    : never
  : never;

function send(
  doing: Doing,
  shown: { label?: string; after?: number; files?: { kind: string; name: string }[] } = {},
  id: string = newId(),
): void {
  outbox.add({ event: { locale, ...doing, id } as PostedEvent, ...shown });
}

function newId(): string {
  // randomUUID is there on https and localhost only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function take(message: MessageView): void {
  const before = kept.get(message.id);
  const isNew = before === undefined;
  kept.set(message.id, message);
  if (hasTicks(message, before)) {
    several.add(message.id);
    for (const { event, state } of outbox.all())
      if (state === 'taken' && event.kind === 'press' && event.message === message.id)
        outbox.remove(event.id);
  }
  const echoed = isNew ? outbox.all().find((item) => echoes(message, item)) : undefined;
  if (echoed) {
    log.adopt(message.id, echoed.event.id);
    outbox.remove(echoed.event.id);
  }
  if (message.from === 'me') return;
  stopTyping();
  window.setTimeout(forgetPresses, ECHO_COMES_WITHIN);
}

function severalIn(message: string | undefined): boolean {
  return message !== undefined && several.has(message);
}

/** Some presses leave no words in the talk: what the bot said after one is all there is to see of it. */
function forgetPresses(): void {
  const seen = newest();
  for (const { event, state, after } of outbox.all()) {
    if (event.kind === 'press' && state === 'taken' && seen > (after ?? 0)) outbox.remove(event.id);
  }
}

function newest(): number {
  return Math.max(0, ...[...kept.values()].map((message) => message.seq));
}

function draw(): void {
  const sent = outbox.all();
  const lines = linesOf(kept.values(), sent);
  waiting.hidden = lines.some((line) => line.kind === 'kept');
  log.draw(lines, questionsOf(lines, sent, severalIn), t, regional(locale, navigator.languages));
}

function stopTyping(): void {
  window.clearTimeout(typingEnds);
  typing.hidden = true;
}

function showTyping(): void {
  typing.hidden = false;
  window.clearTimeout(typingEnds);
  typingEnds = window.setTimeout(stopTyping, TYPING_LASTS);
  log.grew();
}

function showConnection(): void {
  const lost = lostSince !== undefined && Date.now() - lostSince >= CONNECTING_IS_FINE;
  connection.hidden = !lost && navigator.onLine;
  connection.textContent = connection.hidden
    ? ''
    : t(navigator.onLine ? 'connection.lost' : 'connection.offline');
}

function speak(language: string): void {
  locale = language;
  t = translator(all, locale);
  document.documentElement.lang = locale;
  document.title = t('name');
  find('name', HTMLElement).textContent = t('name');
  find('tagline', HTMLElement).textContent = t('tagline');
  find('log', HTMLElement).setAttribute('aria-label', t('log'));
  find('newer', HTMLElement).textContent = `${t('newMessages')} ↓`;
  waiting.querySelector('p')?.replaceChildren(t('waiting'));
  typing.querySelector('.unseen')?.replaceChildren(t('typing'));
  const group = find('languages', HTMLElement);
  group.setAttribute('aria-label', t('languageLabel'));
  group.hidden = languages.length < 2;
  group.replaceChildren(
    ...languages.map((code) => {
      const name = translator(all, code)('language');
      const button = make('button', { type: 'button', lang: code, title: name }, code.toUpperCase());
      button.setAttribute('aria-label', name);
      button.setAttribute('aria-pressed', String(code === locale));
      button.addEventListener('click', () => {
        if (code === locale) return;
        keep.set('locale', code);
        speak(code);
        find('languages', HTMLElement).querySelector<HTMLElement>(`[lang="${code}"]`)?.focus();
        send({ kind: 'locale', locale: code });
      });
      return button;
    }),
  );
  composer.redraw();
  showConnection();
  draw();
}

/**
 * The address carries a link's payload once. The event's id carries the day: the same code scanned again today is the
 * same event and leaves the talk alone, months later it begins anew; a plain visit to a talk begins nothing.
 */
function greet(): void {
  const day = new Date().toLocaleDateString('sv-SE').replaceAll('-', '');
  const payload = /^\/c\/([A-Za-z0-9_.~-]{1,256})$/.exec(decodeSafely(location.pathname))?.[1];
  if (payload !== undefined) {
    history.replaceState(null, '', '/');
    send({ kind: 'start', payload }, {}, `start.${payload}.${day}`);
  } else if (kept.size === 0) send({ kind: 'start' }, {}, `start.${day}`);
}

function decodeSafely(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function loadHistory(): Promise<void> {
  for (let pause = 500; ; pause = Math.min(pause * 2, 15_000)) {
    try {
      const response = await fetch('/chat/messages', { signal: AbortSignal.timeout(20_000) });
      if (response.status === 401) {
        waiting.querySelector('p')?.replaceChildren(t('problem.no_cookies'));
        waiting.querySelector('.dots')?.remove();
        return await new Promise(() => {});
      }
      if (!response.ok) throw new Error(String(response.status));
      const { messages } = (await response.json()) as { messages: MessageView[] };
      for (const message of messages) take(message);
      return;
    } catch {
      lostSince ??= Date.now() - CONNECTING_IS_FINE;
      showConnection();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function begin(): Promise<void> {
  speak(locale);
  await loadHistory();
  draw();
  log.settle();
  greet();
  const live = createLive({
    since: newest,
    message(message) {
      take(message);
      draw();
    },
    typing: showTyping,
    locale(asked) {
      if (asked === locale || !languages.includes(asked)) return;
      keep.set('locale', asked);
      speak(asked);
    },
    connected(is) {
      if (is) {
        lostSince = undefined;
        outbox.hurry();
      } else lostSince ??= Date.now();
      showConnection();
      window.setTimeout(showConnection, CONNECTING_IS_FINE + 50);
    },
  });
  const back = () => {
    live.hurry();
    outbox.hurry();
    showConnection();
  };
  window.addEventListener('online', back);
  window.addEventListener('offline', showConnection);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') back();
  });
}

void begin();
