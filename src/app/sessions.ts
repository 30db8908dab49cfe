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
  /** A moment to compare with `isSince`; each is later than all before. */
  moment(): number;
  /** The contact's copy was read from the store before that moment, and nobody else has written since if a commit of it wins. */
  isSince(contact: string, moment: number): boolean;
}

export function createTalks(store: Sessions): Talks {
  const warm = new Map<string, { readonly session: Session; readonly read: number }>();
  let moments = 0;
  const keep = (session: Session, read: number): void => {
    warm.delete(session.id);
    warm.set(session.id, { session, read });
    if (warm.size > WARM) warm.delete(warm.keys().next().value!);
  };
  return {
    async get(contact) {
      const known = warm.get(contact);
      if (known) return known.session;
      const loaded = await store.load(contact);
      moments += 1;
      if (loaded) keep(loaded, moments);
      return loaded;
    },
    async commit(session) {
      // Until the answer is here nobody knows what stands in the store.
      const before = warm.get(session.id);
      warm.delete(session.id);
      if (!(await store.commit(session, before?.session))) return undefined;
      const stands = { ...session, v: session.v + 1 };
      moments += 1;
      keep(stands, before?.read ?? moments);
      return stands;
    },
    drop: (contact) => void warm.delete(contact),
    moment() {
      moments += 1;
      return moments;
    },
    isSince(contact, moment) {
      const read = warm.get(contact)?.read;
      return read !== undefined && read < moment;
    },
  };
}
