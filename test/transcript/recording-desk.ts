// A desk that writes down what it is shown: a place a ticket, a number a line. It implements the real port.
import type { DeskShow } from '../../src/core/effect.ts';
import type { StoredMessage } from '../../src/core/message.ts';
import type { Desk, ShownTicket } from '../../src/desk/desk.ts';

export const DESK = 'board';
/** Nobody of that name may act at the desk. */
export const OUTSIDER = 'Чужой';

export interface Seen {
  readonly ticket: ShownTicket;
  readonly show: DeskShow;
  /** The kept message that a line shows. */
  readonly message?: StoredMessage;
  /** The desk's id of what it wrote. */
  readonly id: string;
  readonly place: string;
}

export interface RecordingDesk extends Desk {
  readonly seen: Seen[];
  /** Places in the order of opening. */
  readonly places: string[];
}

export function createRecordingDesk(
  message: (id: string) => Promise<StoredMessage | undefined>,
): RecordingDesk {
  const desk: RecordingDesk = {
    id: DESK,
    seen: [],
    places: [],
    rateKey: () => DESK,
    start: async () => {},
    stop: async () => {},
    health: () => ({ ok: true }),
    authorise: async (event) => event.operator.name !== OUTSIDER,
    async show(ticket, show) {
      const id = `d${desk.seen.length + 1}`;
      const known = ticket.places.find((one) => one.desk === DESK && one.live)?.key;
      const place = known ?? `${DESK}:1:${desk.places.length + 1}`;
      if (known === undefined) desk.places.push(place);
      const shown = show.what === 'line' ? await message(show.message) : undefined;
      desk.seen.push({ ticket, show, id, place, ...(shown ? { message: shown } : {}) });
      const places = [{ desk: DESK, key: place, live: true, card: id }];
      return { ...(known === undefined ? { places } : {}), ...(show.what === 'line' ? { links: [id] } : {}) };
    },
  };
  return desk;
}
