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

/** Does the kept message echo what this page sent? */
export function echoes(message: MessageView, waiting: Waiting): boolean {
  if (message.from !== 'me') return false;
  const { id } = waiting.event;
  if (message.origin !== undefined && (message.origin === id || message.origin.endsWith(`.${id}`)))
    return true;
  // A press may be kept as its words only.
  return (
    message.origin === undefined &&
    waiting.event.kind === 'press' &&
    waiting.label === message.text &&
    waiting.state === 'taken'
  );
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
  for (const line of lines) {
    if (line.kind === 'kept' && line.message.from !== 'me') {
      if (!line.message.choices?.some((choice) => choice.url === undefined)) continue;
      if (last) questions.set(last.id, { ...questions.get(last.id), message: last.id, live: false });
      last = line.message;
      questions.set(last.id, { message: last.id, live: true });
      continue;
    }
    const said = wordsOf(line);
    const known = last && questions.get(last.id);
    if (!last || !known || known.chosen !== undefined || said === undefined) continue;
    if (last.choices?.some((choice) => choice.label === said)) {
      questions.set(last.id, { ...known, chosen: said, live: false });
    }
  }
  return questions;
}

function wordsOf(line: Line): string | undefined {
  if (line.kind === 'kept') return line.message.text;
  if (line.waiting.state === 'failed') return undefined;
  return line.waiting.event.kind === 'message' ? line.waiting.event.text : line.waiting.label;
}
