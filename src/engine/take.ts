// Reading an answer to the open question: presses, words and files. A wrong answer is no error: the question is asked again.

import type { Expect, Value } from '../core/expect.ts';
import type { Attachment } from '../core/message.ts';
import type { Question } from '../flow/flow.ts';
import { type Understood, understand } from './answer/index.ts';
import { EXTRA_FILES, type Here, here, isFiles } from './at.ts';
import { DONE, optionOf, type QuestionButton, SKIP } from './button.ts';
import { act, type Draft, say, text } from './draft.ts';
import { answered, questionMessage, questionOf, repeat, setFrame } from './play.ts';

/** A press on the question that is open. */
export function takePress(
  draft: Draft,
  place: Here,
  button: QuestionButton,
  message: string | undefined,
  question = questionOf(draft, place),
): void {
  if (button.option === SKIP)
    return question.optional ? settle(draft, place, question, undefined, message) : undefined;
  if (button.option === DONE) return finish(draft, place, question, message);
  const option = optionOf(question.options ?? [], button.option);
  if (!option) return;
  if (question.expect.kind === 'many') return tick(draft, place, question, option.id, message);
  settle(
    draft,
    place,
    question,
    question.expect.kind === 'scale' ? Number(option.id) : option.id,
    message,
    option.label,
  );
}

/** What a press on the open question reads as, for a history that is ours. */
export function pressLabel(draft: Draft, question: Question, button: QuestionButton): string | undefined {
  if (button.option === SKIP) return text(draft, 'button.skip');
  if (button.option === DONE) {
    const ticks = draft.session.run?.ticks ?? [];
    const chosen = (question.options ?? []).filter(({ id }) => ticks.includes(id)).map(({ label }) => label);
    return chosen.length > 0 ? chosen.join(', ') : text(draft, 'button.done');
  }
  return optionOf(question.options ?? [], button.option)?.label;
}

/** Words and files as an answer to the open question. */
export function takeMessage(draft: Draft, place: Here, words: string, files: readonly Attachment[]): void {
  const question = questionOf(draft, place);
  const { expect } = question;
  if (expect.kind === 'files') return takeFiles(draft, place, question, words, files);
  const shared = expect.kind === 'phone' ? files.find((file) => file.contact)?.contact?.phone : undefined;
  const kept = files.filter((file) => file.kind !== 'sticker' && (shared === undefined || !file.contact));
  if (kept.length > 0) keepExtra(draft, kept);
  const trimmed = words.trim() || (shared ?? '');
  if (!trimmed) return again(draft, kept.length > 0 ? 'again.file_kept' : 'again.words_needed');
  const now = here(draft) ?? place;
  const numbered =
    mayBeNumbered(expect) && draft.moment.channel.numbered(questionMessage(draft, now, question));
  const byPlace = numbered ? pictureAt(question, trimmed) : undefined;
  if (byPlace !== undefined) return settle(draft, now, question, byPlace);
  const read = understand(trimmed, numbered ? inNumbers(expect) : expect, draft.rules.words, {
    date: draft.moment.today,
  });
  if (read.ok) return takeUnderstood(draft, now, question, read);
  // A number beyond the list shown is a slip, not words of their own.
  const free = numbered && read.why === 'out_of_range' ? undefined : question.free;
  if (free && trimmed.length <= free.max && !expectsNumber(expect)) {
    const ticks = now.run.ticks ?? [];
    return settle(draft, now, question, expect.kind === 'many' ? [...ticks, trimmed] : trimmed);
  }
  again(draft, `again.${read.why}`, question, read.near);
}

/** A scale of numbers is read alike whether it stands in a list or not; then it is not worth finding out. */
const mayBeNumbered = (expect: Expect): boolean =>
  expect.kind === 'options' ||
  expect.kind === 'many' ||
  (expect.kind === 'scale' && expect.faces !== undefined);

/** In a numbered list a bare number means the option. */
const inNumbers = (expect: Expect): Expect =>
  expect.kind === 'options' || expect.kind === 'many' ? { ...expect, numbered: true } : expect;

/** A scale of pictures is numbered from 1 as a list is; a scale of numbers keeps its own. */
function pictureAt(question: Question, words: string): number | undefined {
  if (question.expect.kind !== 'scale' || !question.expect.faces || !/^\d$/.test(words)) return undefined;
  const option = question.options?.[Number(words) - 1];
  return option && Number(option.id);
}

const expectsNumber = (expect: Expect): boolean => expect.kind === 'scale' || expect.kind === 'number';

function takeUnderstood(
  draft: Draft,
  place: Here,
  question: Question,
  read: Understood & { ok: true },
): void {
  const { expect } = question;
  let value = read.value as Value;
  if (expect.kind === 'many')
    value = [...new Set([...(place.run.ticks ?? []), ...(read.value as readonly string[])])];
  // A guess through a typo is told, so that it can be taken back.
  if (!read.sure) {
    const labels = (Array.isArray(value) ? value : [value]).map(
      (one) => question.options?.find((option) => option.id === String(one))?.label ?? String(one),
    );
    say(draft, { text: text(draft, 'understood_as', { answer: labels.join(', ') }) });
  }
  settle(draft, place, question, value);
}

function tick(draft: Draft, place: Here, question: Question, id: string, message: string | undefined): void {
  const before = place.run.ticks ?? [];
  const ticks = before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
  draft.session.run = { ...place.run, ticks };
  const now = here(draft) ?? place;
  const next = questionMessage(draft, now, question);
  if (draft.moment.channel.edits && message !== undefined) {
    act(draft, { kind: 'redraw', message, next });
    return;
  }
  const chosen = (question.options ?? [])
    .filter((option) => ticks.includes(option.id))
    .map((option) => option.label);
  say(draft, { ...next, text: text(draft, 'ticked', { chosen: chosen.join(', ') || '—' }) });
}

/** "Done": the ticks or the files so far are the answer. */
export function finish(draft: Draft, place: Here, question: Question, message?: string): void {
  const { ticks, files } = place.run;
  if (question.expect.kind === 'many' && ticks?.length) return settle(draft, place, question, ticks, message);
  if (question.expect.kind === 'files' && files?.length)
    return settle(draft, place, question, files, message);
  if (question.optional) return settle(draft, place, question, undefined, message);
  again(draft, question.expect.kind === 'files' ? 'again.file_needed' : 'again.choose_one', question);
}

function takeFiles(
  draft: Draft,
  place: Here,
  question: Question & { expect: { kind: string } },
  words: string,
  files: readonly Attachment[],
): void {
  const { expect } = question;
  if (expect.kind !== 'files' || !('accept' in expect)) return;
  const fit = files.filter(
    (file) => expect.accept.includes(file.kind) || (file.kind === 'audio' && expect.accept.includes('voice')),
  );
  if (fit.length === 0) {
    return again(draft, files.length > 0 ? 'again.wrong_file' : 'again.file_needed', question);
  }
  const caption = words.trim();
  const taken = fit.map((file, index) => (index === 0 && caption ? { ...file, caption } : file));
  const all = [...(place.run.files ?? []), ...taken];
  const kept = all.slice(0, expect.max);
  draft.session.run = { ...place.run, files: kept };
  const now = here(draft) ?? place;
  if (kept.length >= expect.max) {
    if (all.length > kept.length) say(draft, { text: text(draft, 'files_full', { count: expect.max }) });
    return settle(draft, now, question, kept);
  }
  const next = questionMessage(draft, now, question);
  say(draft, { ...next, text: text(draft, 'files_taken', { count: kept.length }) });
}

/** Files sent where words were due are no answer, but they are not lost: they stand beside the answers. */
function keepExtra(draft: Draft, files: readonly Attachment[]): void {
  const frame = draft.session.run?.frames.at(-1);
  if (!frame) return;
  const before = frame.answers[EXTRA_FILES];
  const all = isFiles(before) ? [...before, ...files] : [...files];
  setFrame(draft, { ...frame, answers: { ...frame.answers, [EXTRA_FILES]: all } });
}

/** The answer stands: shown on the pressed message where a press leaves no words, and the talk goes on. */
function settle(
  draft: Draft,
  place: Here,
  question: Question,
  value: Value | undefined,
  message?: string,
  label?: string,
): void {
  if (message !== undefined && draft.moment.channel.marksChoice) {
    const chosen = label ?? labelOf(draft, question, value);
    act(draft, { kind: 'redraw', message, next: { text: `${question.text}\n\n✓ ${chosen}` } });
  } else if (message !== undefined && question.expect.kind === 'many' && draft.moment.channel.edits) {
    act(draft, { kind: 'redraw', message, next: { text: question.text } });
  }
  const { ticks: _, files: __, ...run } = place.run;
  draft.session.run = run;
  answered(draft, { ...place, run, frame: run.frames.at(-1) ?? place.frame }, value);
}

function labelOf(draft: Draft, question: Question, value: Value | undefined): string {
  if (value === undefined) return text(draft, 'button.skip');
  if (isFiles(value)) return text(draft, 'files_count', { count: value.length });
  const ids = Array.isArray(value) ? value : [value];
  return ids
    .map((id) => question.options?.find((option) => option.id === String(id))?.label ?? String(id))
    .join(', ');
}

/** Asks once more, kindly, saying why; after the second time with the ways out. */
export function again(draft: Draft, key: string, question?: Question, near?: string): void {
  const place = here(draft);
  if (!place) return;
  const count = (place.frame.again ?? 0) + 1;
  setFrame(draft, { ...place.frame, again: count });
  const { min, max } = limits(question);
  const oneSided = min === '' ? 'again.too_big' : max === '' ? 'again.too_small' : key;
  const vars = { near: near ?? '', min, max };
  const why = question?.again ?? text(draft, key === 'again.out_of_range' ? oneSided : key, vars);
  repeat(draft, count >= 3 ? `${why}\n${text(draft, 'ways_out')}` : why);
}

/** What the question allows; options have the places of a list. */
function limits(question: Question | undefined): Record<'min' | 'max', string | number> {
  const expect = question?.expect;
  if (expect?.kind === 'options' || expect?.kind === 'many') return { min: 1, max: expect.options.length };
  const { min = '', max = '' } = (expect ?? {}) as Partial<Record<'min' | 'max', string | number>>;
  return { min, max };
}
