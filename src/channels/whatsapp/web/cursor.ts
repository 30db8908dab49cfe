// How far what came in is kept, so that after a gap no more and no less is asked for. It lags on purpose: asking for
// too much costs a little, too little would lose words.
import type { Settings } from '../../../store/store.ts';

interface Place {
  /** Whose it is; another account begins anew. */
  readonly account: string;
  /** Milliseconds since 1970: everything before is kept. */
  readonly at: number;
  /** When the account was linked here: what is older is not ours. */
  readonly from: number;
}

export interface Cursor {
  /** `since`: what to ask for; `from`: when the account was linked here. */
  open(account: string): Promise<{ readonly since: number; readonly from: number }>;
  /** A message of that time is kept. */
  kept(at: number): void;
  /** Nothing is under way: what is kept so far is the place now. `now`: it is written at once. */
  settle(now?: boolean): Promise<void>;
}

const KEPT = 'whatsapp.cursor';
/** Networks' clocks and the order of delivery differ by less. */
const MARGIN = 10 * 60_000;
/** The clock of the phone network may be behind ours. */
const SKEW = 5_000;
const WRITE_EVERY = 60_000;

export function createCursor(settings: Pick<Settings, 'get' | 'set'>, clock: () => number): Cursor {
  let place: Place | undefined;
  let newest = 0;

  const write = async (next: Place): Promise<void> => {
    place = next;
    await settings.set(KEPT, JSON.stringify(next));
  };

  return {
    async open(account) {
      const text = await settings.get(KEPT);
      place ??= text === undefined ? undefined : (JSON.parse(text) as Place);
      if (place === undefined || (account !== '' && place.account !== account)) {
        const now = clock() - SKEW;
        await write({ account, at: now, from: now });
        return { since: now, from: now };
      }
      return { since: Math.max(place.at - MARGIN, place.from), from: place.from };
    },
    kept(at) {
      newest = Math.max(newest, Math.min(at, clock()));
    },
    async settle(now = false) {
      if (place === undefined || newest <= place.at) return;
      if (!now && newest - place.at < WRITE_EVERY) return;
      await write({ ...place, at: newest });
    },
  };
}
