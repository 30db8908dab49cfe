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
  /** Ids of the choices pressed, while nothing has come of it. */
  readonly pressed: readonly string[];
  /** Only the last question can be answered by its buttons. */
  readonly live: boolean;
}

const TICK = '✓ ';

/** A choice of a question where several may be ticked: its own words, and whether it is. */
export function tickOf(label: string): { readonly ticked: boolean; readonly words: string } {
  return label.startsWith(TICK)
    ? { ticked: true, words: label.slice(TICK.length) }
    : { ticked: false, words: label };
}

/** Does a press on it change a tick? Its ticks tell, or that it came back with other choices. */
export function hasTicks(message: MessageView | undefined, before?: MessageView): boolean {
  if (!message?.choices) return false;
  return (
    message.choices.some((choice) => tickOf(choice.label).ticked) ||
    (before?.choices !== undefined && JSON.stringify(before.choices) !== JSON.stringify(message.choices))
  );
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
    // A press shows on its button: what it means, and so whether it leaves words, only the answer tells.
    if (waiting.event.kind === 'message' || (waiting.event.kind === 'press' && waiting.state === 'failed'))
      lines.push({ kind: 'waiting', waiting });
  }
  return lines;
}

/** `severalIn`: may several be chosen in this question, so that it stays live while a press is on its way? */
export function questionsOf(
  lines: readonly Line[],
  outbox: readonly Waiting[],
  severalIn: (message: string) => boolean,
): ReadonlyMap<string, Question> {
  const questions = new Map<string, Question>();
  const pressed = (message: string): readonly string[] =>
    outbox.flatMap(({ event, state }) =>
      event.kind === 'press' && event.message === message && state !== 'failed' ? [event.button] : [],
    );
  let last: MessageView | undefined;
  let said: string | undefined;
  for (const line of lines) {
    if (line.kind === 'kept' && line.message.from !== 'me') {
      // The talk went on after the choice; while it has not, more may be chosen.
      if (last && said !== undefined)
        questions.set(last.id, { message: last.id, chosen: said, pressed: [], live: false });
      said = undefined;
      if (!line.message.choices?.some((choice) => choice.url === undefined)) continue;
      if (last)
        questions.set(last.id, { ...questions.get(last.id), message: last.id, pressed: [], live: false });
      last = line.message;
      const going = pressed(last.id);
      const live = going.length === 0 || severalIn(last.id);
      questions.set(last.id, { message: last.id, pressed: going, live });
      continue;
    }
    const words = wordsOf(line);
    if (!last || words === undefined || !last.choices?.some((choice) => choice.label === words)) continue;
    if (questions.get(last.id)?.chosen !== undefined) continue;
    said = words;
    if (line.kind === 'waiting')
      questions.set(last.id, { message: last.id, chosen: words, pressed: [], live: false });
  }
  return questions;
}

function wordsOf(line: Line): string | undefined {
  if (line.kind === 'kept') return line.message.text;
  if (line.waiting.state === 'failed') return undefined;
  return line.waiting.event.kind === 'message' ? line.waiting.event.text : line.waiting.label;
}
