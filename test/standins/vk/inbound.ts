// The way of an event from the world to those who listen: it gets its id, and by the fault plan it comes twice, late,
// or after the one that followed it.
import { createHash } from 'node:crypto';
import type { FaultSource } from './faults.ts';
import type { Json } from './world.ts';

export interface Inbound {
  push(type: string, object: Json): void;
  /** Every event that got an id, in the order it happened. */
  readonly made: readonly Json[];
  stop(): void;
}

export interface InboundOptions {
  readonly group: number;
  readonly version: () => string;
  readonly faults: FaultSource;
  readonly secondMs: number;
  /** A message with more attachments than these is told cut short; absent: none is. */
  readonly cropAbove: number | undefined;
  readonly deliver: (event: Json) => void;
}

/** What is cut off can be had by messages.getById. */
function crop(object: Json, above: number | undefined): Json {
  const message = (object.message ?? object) as { attachments?: unknown[]; is_cropped?: boolean };
  if (above === undefined || message.attachments === undefined || message.attachments.length <= above)
    return object;
  message.attachments = message.attachments.slice(0, above);
  message.is_cropped = true;
  return object;
}

export function createInbound(options: InboundOptions): Inbound {
  const made: Json[] = [];
  const timers = new Set<NodeJS.Timeout>();
  /** An event that waits to be overtaken. */
  let held: (() => void) | undefined;

  const later = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };

  return {
    push(type, object) {
      const event = {
        group_id: options.group,
        type,
        event_id: createHash('sha1').update(`${options.group}:${made.length}`).digest('hex'),
        v: options.version(),
        // What happens later must not change what was told now.
        object: crop(structuredClone(object), options.cropAbove),
      };
      made.push(event);
      const { duplicate, reorder, delayMs } = options.faults.drawInbound();
      const go = (): void => {
        options.deliver(event);
        if (duplicate) options.deliver(event);
      };
      const overtaken = held;
      held = undefined;
      if (delayMs > 0) later(delayMs, go);
      else if (reorder) {
        const once = (): void => {
          if (held === once) held = undefined;
          if (!gone) go();
          gone = true;
        };
        let gone = false;
        held = once;
        later(options.secondMs / 2, once);
      } else go();
      overtaken?.();
    },
    made,
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
