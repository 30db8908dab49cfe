// The talk as data: what the server keeps and what waits to be sent, merged into one order; which question is live
// and what was chosen on it. Pure: it neither draws nor sends.
import type { MessageView } from '../../channels/web/wire.ts';
import type { Waiting } from './outbox.ts';

export type Line =
  | { readonly kind: 'kept'; readonly message: MessageView }
  | { readonly kind: 'waiting'; readonly waiting: Waiting };

export interface Question {
  readonly message: string;
  /** The label chosen, once something was. */
  readonly chosen?: string;
  /** Only the last question can be answered by its buttons. */
  readonly live: boolean;
}

/** Does the kept message, new to the page, echo what this page sent? */
export function echoes(message: MessageView, waiting: Waiting): boolean {
  if (message.from !== 'me' || message.origin === undefined) return false;
  const { id } = waiting.event;
  // A message is kept under the page's own id, a press under its event's, which names the visitor before that id.
  return message.origin === id || message.origin.endsWith(`.${id}`);
}

export function linesOf(kept: Iterable<MessageView>, outbox: readonly Waiting[]): readonly Line[] {
  const lines: Line[] = [...kept]
    .sort((a, b) => a.seq - b.seq)
    .map((message) => ({ kind: 'kept', message }) as const);
  for (const waiting of outbox) {
    if (waiting.event.kind === 'message' || waiting.event.kind === 'press')
      lines.push({ kind: 'waiting', waiting });
  }
  return lines;
}

export function questionsOf(lines: readonly Line[]): ReadonlyMap<string, Question> {
  const questions = new Map<string, Question>();
  let last: MessageView | undefined;
  let said: string | undefined;
  for (const line of lines) {
    if (line.kind === 'kept' && line.message.from !== 'me') {
      // The talk went on after the choice; while it has not, more may be chosen.
      if (last && said !== undefined) questions.set(last.id, { message: last.id, chosen: said, live: false });
      said = undefined;
      if (!line.message.choices?.some((choice) => choice.url === undefined)) continue;
      if (last) questions.set(last.id, { ...questions.get(last.id), message: last.id, live: false });
      last = line.message;
      questions.set(last.id, { message: last.id, live: true });
      continue;
    }
    const words = wordsOf(line);
    if (!last || words === undefined || !last.choices?.some((choice) => choice.label === words)) continue;
    if (questions.get(last.id)?.chosen !== undefined) continue;
    said = words;
    if (line.kind === 'waiting') questions.set(last.id, { message: last.id, chosen: words, live: false });
  }
  return questions;
}

function wordsOf(line: Line): string | undefined {
  if (line.kind === 'kept') return line.message.text;
  if (line.waiting.state === 'failed') return undefined;
  return line.waiting.event.kind === 'message' ? line.waiting.event.text : line.waiting.label;
}
