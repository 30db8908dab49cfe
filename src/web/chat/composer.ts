// Where the visitor writes: Enter sends, Shift+Enter breaks the line, files by button, paste or drop. What is written
// stays until the message is on its way, a reload included.
import type { Translate } from '../words.ts';
import { type Attachments, createAttachments } from './attachments.ts';
import { find, make } from './dom.ts';
import type { Keep } from './keep.ts';

const LIMIT = 20_000;
const TELL_LEFT = 500;
/** Pixels of the field, and characters that fill it on any screen. */
const TALLEST = 168;
const FILLS = 3000;
const DRAFT = 'draft';
const CUT = 'draft.cut';

export interface Said {
  readonly text: string;
  readonly files: readonly string[];
  readonly shown: { kind: string; name: string }[];
}

export interface Composer {
  /** The language changed. */
  redraw(): void;
  focus(): void;
}

export function createComposer(
  keep: Keep,
  words: () => { readonly t: Translate; readonly locale: string },
  say: (said: Said) => void,
): Composer {
  const form = find('composer', HTMLFormElement);
  const text = find('text', HTMLTextAreaElement);
  const send = find('send', HTMLButtonElement);
  const attach = find('attach', HTMLButtonElement);
  const picker = find('picker', HTMLInputElement);
  const problem = find('problem', HTMLElement);
  const left = find('left', HTMLElement);
  const attachments: Attachments = createAttachments(find('attached', HTMLElement), words, complain, update);

  function complain(sentence: string) {
    const close = make('button', { type: 'button', 'aria-label': words().t('dismiss') }, '×');
    close.addEventListener('click', () => {
      problem.hidden = true;
      text.focus();
    });
    problem.replaceChildren(make('span', { dir: 'auto' }, sentence), close);
    problem.hidden = false;
  }

  function update() {
    const length = text.value.length;
    send.disabled = (text.value.trim() === '' && attachments.count() === 0) || !attachments.ready();
    left.hidden = length < LIMIT - TELL_LEFT;
    left.classList.toggle('over', length > LIMIT);
    const { t, locale } = words();
    const count = Math.abs(LIMIT - length);
    left.textContent = left.hidden
      ? ''
      : t(length > LIMIT ? 'composer.over' : 'composer.left', { count, amount: grouped(count, locale) });
    if (length <= LIMIT && left.dataset.over === 'yes') problem.hidden = true;
    left.dataset.over = length > LIMIT ? 'yes' : 'no';
    // A long text is not worth measuring: it fills what may be shown of it.
    if (length > FILLS) text.style.height = `${TALLEST}px`;
    else {
      text.style.height = 'auto';
      text.style.height = `${Math.min(text.scrollHeight, TALLEST)}px`;
    }
  }

  /** What could not be sent anyway does not fill the browser's store: the rest stays in the field alone. */
  function keepDraft() {
    const { value } = text;
    if (value === '') keep.remove(DRAFT);
    else keep.set(DRAFT, value.slice(0, LIMIT));
    if (value.length > LIMIT) keep.set(CUT, 'yes');
    else keep.remove(CUT);
  }

  function submit() {
    update();
    if (text.value.length > LIMIT) {
      complain(words().t('problem.too_long', { limit: grouped(LIMIT, words().locale) }));
      return;
    }
    if (send.disabled) return;
    const { sealed, shown } = attachments.take();
    say({ text: text.value.trim(), files: sealed, shown });
    text.value = '';
    keepDraft();
    problem.hidden = true;
    update();
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
    text.focus();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener('input', () => {
    keepDraft();
    update();
  });
  text.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files;
    if (!files || files.length === 0) return;
    event.preventDefault();
    attachments.add(files);
  });
  attach.addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    attachments.add(picker.files ?? []);
    picker.value = '';
    text.focus();
  });

  let over = 0;
  const dropping = (is: boolean) => document.body.classList.toggle('dropping', is);
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragenter', (event) => {
    if (!holdsFiles(event)) return;
    over += 1;
    dropping(true);
  });
  document.addEventListener('dragleave', () => {
    over = Math.max(0, over - 1);
    if (over === 0) dropping(false);
  });
  document.addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    over = 0;
    dropping(false);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    attachments.add(event.dataTransfer?.files ?? []);
  });

  text.value = (keep.get(DRAFT) ?? '').slice(0, LIMIT);
  if (keep.get(CUT) !== undefined)
    complain(words().t('composer.cut', { limit: grouped(LIMIT, words().locale) }));
  update();
  return {
    redraw() {
      const { t } = words();
      text.setAttribute('aria-label', t('composer.label'));
      text.placeholder = t('composer.placeholder');
      send.setAttribute('aria-label', t('composer.send'));
      send.title = t('composer.send');
      attach.setAttribute('aria-label', t('composer.attach'));
      attach.title = t('composer.attach');
      document.body.dataset.drop = t('composer.drop');
      attachments.redraw();
      update();
    },
    focus: () => text.focus({ preventScroll: true }),
  };
}

function grouped(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count);
}
