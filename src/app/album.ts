// An album comes as several events that share a group: which belong together, and what they are as one. Pure.
import { type InboundEvent, lineOf } from '../core/event.ts';
import type { Attachment } from '../core/message.ts';

export const groupOf = (event: InboundEvent): string | undefined => {
  const group = 'group' in event ? event.group : undefined;
  return group === undefined ? undefined : `${lineOf(event)} ${group}`;
};

/** The parts of an album as one event: all files, and the one caption. */
export function joined(events: readonly InboundEvent[]): InboundEvent {
  const [first] = events;
  if (!first || events.length === 1 || !('text' in first)) return first!;
  const attachments = events.flatMap((event): readonly Attachment[] =>
    'attachments' in event ? (event.attachments ?? []) : [],
  );
  const words = events.map((event) => ('text' in event ? (event.text ?? '') : '')).filter(Boolean);
  // One part marked as a note makes the album a note: it must not reach the customer by its other parts.
  const base = events.find((event) => event.kind === 'desk' && event.act === 'note') ?? first;
  return { ...base, text: words.join('\n'), attachments } as InboundEvent;
}
