// The sessions in use: loaded once, kept while warm, written by compare-and-set. A write that lost the race drops the
// copy, so that the next look is at what stands in the store. Callers hold the contact's lock.
import type { Session } from '../core/session.ts';
import type { Sessions } from '../store/store.ts';

/** Warm copies at the most; the store holds all. */
const WARM = 2_000;

export interface Talks {
  get(contact: string): Promise<Session | undefined>;
  /** Gives the session as it stands after the write; undefined when somebody else wrote first. */
  commit(session: Session): Promise<Session | undefined>;
  drop(contact: string): void;
}

export function createTalks(store: Sessions): Talks {
  const warm = new Map<string, Session>();
  const keep = (session: Session): void => {
    warm.delete(session.id);
    warm.set(session.id, session);
    if (warm.size > WARM) warm.delete(warm.keys().next().value!);
  };
  return {
    async get(contact) {
      const known = warm.get(contact);
      if (known) return known;
      const loaded = await store.load(contact);
      if (loaded) keep(loaded);
      return loaded;
    },
    async commit(session) {
      // Until the answer is here nobody knows what stands in the store.
      const before = warm.get(session.id);
      warm.delete(session.id);
      if (!(await store.commit(session, before))) return undefined;
      const stands = { ...session, v: session.v + 1 };
      keep(stands);
      return stands;
    },
    drop: (contact) => void warm.delete(contact),
  };
}
