// The linked phone's way in: the library's data read into plain facts, or what the process with the browser says, as it
// comes to the program, and from there through each person's line to the journal.
import { setImmediate as turn } from 'node:timers/promises';
import { createIdentities } from '../../../src/channels/whatsapp/web/identities.ts';
import type { Said } from '../../../src/channels/whatsapp/web/protocol.ts';
import { rawOf, voteOf } from '../../../src/channels/whatsapp/web/raw.ts';
import { createReceive } from '../../../src/channels/whatsapp/web/receive.ts';
import type { Ends, Rig } from './rig.ts';

const OWN = ['15551230000@c.us'];
/** Turns of the loop after which what was said is kept, as nothing in this rig waits. */
const TURNS = 4;

const ON: Readonly<Record<string, Said['on']>> = {
  message: 'message',
  message_create: 'own',
  message_ciphertext: 'sealed',
  message_edit: 'edit',
};

export async function createWhatsAppWebRig(ends: Ends): Promise<Rig> {
  const receive = createReceive({
    settings: ends.settings,
    identities: createIdentities(ends.settings),
    ask: (async () => []) as never,
    sent: async () => undefined,
    clock: Date.now,
    log: ends.log,
  });
  receive.start(ends.intake);
  return {
    async post(body) {
      let given: unknown;
      try {
        given = JSON.parse(body.toString('utf8'));
      } catch {
        // The channel between the two processes carries values, never a part of one.
        return 400;
      }
      const said = isOfLibrary(given) ? saidOf(given) : given;
      if (said !== undefined) receive.hear(said as Said);
      // What is sealed would hold its line for as long as a phone may take to open it.
      if (isSealed(said)) receive.hear({ ...said, on: 'lost' });
      for (let turns = 0; turns < TURNS; turns++) await turn();
      return 200;
    },
    good: (nth) =>
      Buffer.from(
        JSON.stringify({
          on: 'message',
          message: {
            id: `GOOD${nth}`,
            chat: '79000000042@c.us',
            fromMe: false,
            byWeb: false,
            type: 'chat',
            text: `good ${nth}`,
            at: 1_773_298_800_000,
          },
        }),
      ),
    end: () => receive.stop(),
  };
}

interface OfLibrary {
  readonly on: string;
  readonly data: unknown;
}

const isOfLibrary = (given: unknown): given is OfLibrary =>
  typeof given === 'object' &&
  given !== null &&
  'data' in given &&
  'on' in given &&
  typeof given.on === 'string';

const isSealed = (said: unknown): said is Said & { readonly on: 'sealed' } =>
  typeof said === 'object' && said !== null && 'on' in said && said.on === 'sealed';

function saidOf({ on, data }: OfLibrary): Said | undefined {
  if (on === 'vote') {
    const vote = voteOf(data, 'POLL1');
    return vote && { on: 'vote', vote };
  }
  const message = rawOf(data, OWN);
  const known = Object.hasOwn(ON, on) ? ON[on] : undefined;
  return message && known && ({ on: known, message } as Said);
}
