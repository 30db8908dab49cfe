// Whether a person may be written to freely: WhatsApp allows it for a day after they last wrote. What is known durably
// may lag behind, so a doubt is left to the network to decide.
import { type Address, contactIdOf } from '../../../core/contact.ts';
import type { Records } from '../../../store/store.ts';

export interface Window {
  /** They wrote at this time. Durable, but for the last minutes. */
  heard(address: Address, at: number): Promise<void>;
  /** The network said that it is closed. */
  refused(address: Address, at: number): void;
  isOpen(address: Address, now: number): Promise<boolean>;
}

const DAY = 24 * 3_600_000;
/** What is kept is renewed no more often than this. */
const LAG = 30 * 60_000;
/** People remembered; the one heard longest ago is forgotten beyond that. */
const KEPT = 10_000;

export function createWindow(records: Pick<Records, 'contact' | 'putContact'>, clock: () => number): Window {
  const heard = new Map<string, { readonly at: number; readonly kept: number }>();
  const refusals = new Map<string, number>();

  return {
    async heard(address, at) {
      const { peer } = address;
      const before = heard.get(peer);
      const last = Math.max(at, before?.at ?? 0);
      let kept = before?.kept ?? 0;
      if (last - kept >= LAG) {
        await records.putContact({ id: contactIdOf(address), address, lastSeenAt: last }, clock());
        kept = last;
      }
      remember(heard, peer, { at: last, kept });
    },
    // People's times are whole seconds: who writes again in the same one is believed.
    refused: ({ peer }, at) => remember(refusals, peer, Math.floor(at / 1_000) * 1_000),
    async isOpen(address, now) {
      const { peer } = address;
      const refused = refusals.get(peer) ?? 0;
      const known = heard.get(peer)?.at ?? 0;
      if (known >= refused && now - known < DAY) return true;
      const contact = await records.contact(contactIdOf(address));
      if (!contact) return false;
      const last = Math.max(known, contact.lastSeenAt);
      return last >= refused && now - last < DAY + LAG;
    },
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= KEPT) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
