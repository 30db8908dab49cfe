// The list of messages on the page: draws what changed, leaves the rest alone, and scrolls only a reader who is
// already at the end.
import type { MessageView } from '../../channels/web/wire.ts';
import type { Translate } from '../words.ts';
import { bubble, dayName, textOf, timeOf } from './bubble.ts';
import { choiceButtons, showQuestion } from './choices.ts';
import { make } from './dom.ts';
import type { Waiting } from './outbox.ts';
import type { Line, Question } from './talk.ts';

export interface LogActions {
  press(message: MessageView, choice: { readonly id: string; readonly label: string }): void;
  retry(id: string): void;
  discard(id: string): void;
  /** The buttons the keyboard was on are gone, and no others came. */
  answered(): void;
}

interface Drawn {
  readonly item: HTMLLIElement;
  as: string;
  choices?: HTMLElement;
}

const NEAR_END = 90;
const TOGETHER = 5 * 60_000;
const NEXT_COMES_WITHIN = 1200;
const MARGIN = 8;

export function createLog(list: HTMLElement, scroll: HTMLElement, newer: HTMLElement, actions: LogActions) {
  const drawn = new Map<string, Drawn>();
  let atEnd = true;
  let settled = false;
  /** The buttons the keyboard was on are gone: it goes on at what comes next. */
  let astray: number | undefined;

  /** To the end, or to the beginning of a last message of theirs that is taller than the view. */
  const toEnd = () => {
    const last = list.lastElementChild;
    const tall = last instanceof HTMLElement && last.offsetHeight > scroll.clientHeight - MARGIN;
    if (tall && !last.classList.contains('mine')) {
      const top = last.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
      scroll.scrollTop += top - MARGIN;
    } else scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
  };
  const grew = () => {
    if (atEnd) toEnd();
  };
  scroll.addEventListener(
    'scroll',
    () => {
      atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;
      if (atEnd) newer.hidden = true;
    },
    { passive: true },
  );
  newer.addEventListener('click', () => {
    toEnd();
    scroll.focus({ preventScroll: true });
  });
  new ResizeObserver(grew).observe(scroll);

  function draw(
    lines: readonly Line[],
    questions: ReadonlyMap<string, Question>,
    t: Translate,
    locale: string,
  ) {
    const now = Date.now();
    const order: HTMLElement[] = [];
    const wanted = new Set<string>();
    let before: { who: string; at: number } | undefined;
    let newMine = false;
    let newTheirs = false;
    const texts = new Map(
      lines.flatMap((line) => (line.kind === 'kept' ? [[line.message.id, line.message.text] as const] : [])),
    );

    for (const line of lines) {
      const at = line.kind === 'kept' ? line.message.at : line.waiting.at;
      const day = `d:${new Date(at).toDateString()}`;
      if (!wanted.has(day)) {
        wanted.add(day);
        const name = dayName(at, now, t, locale);
        const entry = drawn.get(day) ?? fresh(day, make('li', { class: 'day', role: 'separator' }));
        if (entry.as !== name) entry.item.replaceChildren(make('span', {}, name));
        entry.as = name;
        order.push(entry.item);
        before = undefined;
      }
      const who = line.kind === 'kept' ? `${line.message.from} ${line.message.name ?? ''}` : 'me ';
      const key = line.kind === 'kept' ? `k:${line.message.id}` : `w:${line.waiting.event.id}`;
      const isNew = !drawn.has(key);
      const entry = drawn.get(key) ?? fresh(key, make('li'));
      const as = line.kind === 'kept' ? keptAs(line.message, locale) : `${line.waiting.state} ${locale}`;
      if (entry.as !== as) {
        entry.as = as;
        if (line.kind === 'kept') fill(entry, line.message);
        else fillWaiting(entry, line.waiting);
      }
      if (line.kind === 'kept' && entry.choices) showQuestion(entry.choices, questions.get(line.message.id));
      entry.item.classList.toggle('same', before?.who === who && at - before.at < TOGETHER);
      before = { who, at };
      if (isNew && settled) {
        entry.item.classList.add('new');
        if (who === 'me ') newMine = true;
        else newTheirs = true;
      }
      wanted.add(key);
      order.push(entry.item);
    }

    for (const [key, entry] of drawn) {
      if (wanted.has(key)) continue;
      entry.item.remove();
      drawn.delete(key);
    }
    let cursor = list.firstElementChild;
    for (const item of order) {
      if (item === cursor) cursor = cursor.nextElementSibling;
      else list.insertBefore(item, cursor);
    }
    moveOn(questions);
    if (newMine || atEnd) {
      atEnd = true;
      toEnd();
    } else if (newTheirs) newer.hidden = false;

    /** Whoever answered by a button from the keyboard goes on at the next question's buttons. */
    function moveOn(now: ReadonlyMap<string, Question>) {
      const group = document.activeElement?.closest('.choices');
      const onGroup = group && list.contains(group);
      if (astray !== undefined && document.activeElement !== document.body) found();
      if (!onGroup && astray === undefined) return;
      const live = [...now.values()].find((question) => question.live);
      const next = live && drawn.get(`k:${live.message}`)?.choices;
      if (!next || next === group) return;
      found();
      next.querySelector('button')?.focus({ preventScroll: true });
    }

    function fill(entry: Drawn, message: MessageView) {
      entry.item.className = message.from === 'me' ? 'mine' : message.from;
      // Choices drawn anew keep the reader where they were.
      const focused = [...(entry.choices?.children ?? [])].indexOf(document.activeElement as Element);
      const drawing = { t, locale, grew, quoted: (id: string) => texts.get(id) };
      entry.item.replaceChildren(bubble(message, drawing));
      delete entry.choices;
      if (message.choices && message.choices.length > 0) {
        entry.choices = choiceButtons(message.choices, message.layout === 'scale', t('choices'), (choice) =>
          actions.press(message, choice),
        );
        entry.item.append(entry.choices);
        const same = entry.choices.children[Math.min(focused, entry.choices.children.length - 1)];
        if (focused >= 0) (same as HTMLElement | undefined)?.focus({ preventScroll: true });
      } else if (focused >= 0) {
        found();
        astray = window.setTimeout(() => {
          astray = undefined;
          if (document.activeElement === document.body) actions.answered();
        }, NEXT_COMES_WITHIN);
      }
    }

    function fillWaiting(entry: Drawn, waiting: Waiting) {
      const { event, state } = waiting;
      entry.item.className = `mine ${state}`;
      const box = make('div', { class: 'bubble' }, make('span', { class: 'unseen' }, `${t('you')}: `));
      for (const file of waiting.files ?? [])
        box.append(make('div', { class: 'file plain', dir: 'auto' }, file.name));
      const text = event.kind === 'message' ? event.text : (waiting.label ?? '');
      if (text !== '') box.append(textOf(text));
      const foot = make('div', { class: 'foot' });
      const words = {
        waiting: t('state.sending'),
        sending: t('state.sending'),
        taken: t('state.sent'),
        failed: t('state.failed'),
      }[state];
      foot.append(make('span', { class: 'state' }, words), ' ', timeOf(waiting.at, locale));
      box.append(foot);
      entry.item.replaceChildren(box);
      if (state !== 'failed') return;
      const known = ['too_long', 'foreign_file', 'no_cookies'].includes(waiting.code ?? '');
      const why = t(known ? `problem.${waiting.code}` : 'problem.rejected', { limit: 20_000 });
      const retry = make('button', { type: 'button', class: 'mendButton' }, t('state.retry'));
      retry.addEventListener('click', () => actions.retry(event.id));
      const discard = make('button', { type: 'button', class: 'mendButton' }, t('state.discard'));
      discard.addEventListener('click', () => actions.discard(event.id));
      entry.item.append(make('div', { class: 'mend', role: 'alert' }, `${why} `, retry, ' ', discard));
    }
  }

  function found() {
    window.clearTimeout(astray);
    astray = undefined;
  }

  /** The echo of what was sent takes its place, so that nothing jumps. */
  function adopt(message: string, sent: string) {
    const waiting = drawn.get(`w:${sent}`);
    if (!waiting || drawn.has(`k:${message}`)) return;
    drawn.delete(`w:${sent}`);
    drawn.set(`k:${message}`, waiting);
  }

  function fresh(key: string, item: HTMLLIElement): Drawn {
    const entry: Drawn = { item, as: '' };
    drawn.set(key, entry);
    return entry;
  }

  return {
    draw,
    adopt,
    grew,
    /** The history is there: from now on what comes is new. */
    settle() {
      settled = true;
      list.setAttribute('aria-busy', 'false');
      toEnd();
    },
  };
}

function keptAs(message: MessageView, locale: string): string {
  return `${JSON.stringify([message.text, message.choices, message.edited, message.files?.length])} ${locale}`;
}
