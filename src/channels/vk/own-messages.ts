// What this process knows of the community's own messages: which it sent, so that VK's news of them is no event, what is
// attached to them, and how far VK's numbers have grown. Held in memory only; all of it can be found out again.
import type { VkMessage } from './api.ts';

/** Stands in each message we send, for us alone to read: it tells ours from a person's after a restart too. */
export const OUR_MARK = JSON.stringify({ otklik: 1 });

export interface OwnMessages {
  /** A send with this id is about to be made. */
  sending(randomId: number): void;
  sent(peer: number, number: number, attachment: string): void;
  /** `''`: none; undefined: not known. */
  attachmentOf(peer: number, number: number): string | undefined;
  isOurs(message: VkMessage): boolean;
  /** A message with this id over all dialogues exists. */
  saw(id: number | undefined): void;
  /** The greatest id over all dialogues known to exist; undefined before any. */
  newest(): number | undefined;
}

const KEPT = 5_000;

export function createOwnMessages(): OwnMessages {
  const ids = new Set<number>();
  const attached = new Map<string, string>();
  let newest: number | undefined;
  const drop = (kept: Set<number> | Map<string, string>) => {
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) (kept as Set<unknown>).delete(oldest);
  };
  return {
    sending(randomId) {
      ids.add(randomId);
      drop(ids);
    },
    sent(peer, number, attachment) {
      attached.set(`${peer}.${number}`, attachment);
      drop(attached);
    },
    attachmentOf: (peer, number) => attached.get(`${peer}.${number}`),
    isOurs: ({ random_id: id, payload }) => payload === OUR_MARK || (id !== undefined && ids.has(id)),
    saw(id) {
      if (Number.isSafeInteger(id) && (id ?? 0) > (newest ?? 0)) newest = id;
    },
    newest: () => newest,
  };
}
