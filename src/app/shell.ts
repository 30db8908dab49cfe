// What the parts of the shell share: the ports, and what they must not each hold for themselves.
import type { Channel, Media } from '../channels/channel.ts';
import type { FitWords } from '../channels/fit.ts';
import type { Desk } from '../desk/desk.ts';
import type { Rules } from '../engine/draft.ts';
import type { Log } from '../log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../store/store.ts';
import type { Locks } from './locks.ts';
import type { Talks } from './sessions.ts';

export interface Shell {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly media: Media;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly desks: readonly Desk[];
  /** The rules as they are now; a flow edited changes them for talks that begin later. */
  readonly rules: () => Rules;
  /** Loads the release a talk began in, if the store still has it. */
  readonly ensureRelease: (hash: string) => Promise<void>;
  readonly fitWords: (locale: string) => FitWords;
  readonly timeZone: string;
  readonly clock: () => number;
  readonly log: Log;
  readonly talks: Talks;
  /** Entries whose message is kept already. */
  readonly said: Set<string>;
  /** Of messages sent and not written down as such yet: the network's ids of the parts that are there, by the entry's id. */
  readonly partsSent: Map<string, readonly string[]>;
  /** One turn, one write or one result at a time for each contact. */
  readonly locks: Locks;
}
