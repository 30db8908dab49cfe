// WhatsApp by a linked phone as a channel: the port's calls, brought to the parts that do them.

import { DeliveryError } from '../../../core/errors.ts';
import type { Attachment } from '../../../core/message.ts';
import type { Channel, FileBytes, Intake } from '../../channel.ts';
import type { Deliver } from './deliver.ts';
import { chatOf, type Identities } from './identities.ts';
import type { Receive } from './receive.ts';
import type { Supervisor } from './supervisor.ts';
import { fromRef, WHATSAPP } from './wire.ts';

export interface WhatsAppWebParts {
  readonly supervisor: Supervisor;
  readonly receive: Receive;
  readonly deliver: Deliver;
  readonly identities: Identities;
  /** Given the way to the journal when it begins. */
  readonly onIntake: (intake: Intake) => void;
}

const FETCHING = 120_000;
const TYPING = 5_000;
const CODE = 30_000;
/** Sends under way have so long to end when the program stops. */
const PATIENCE = 1_200;

export function createWhatsAppWebChannel(parts: WhatsAppWebParts): Channel {
  const { supervisor, receive, deliver, identities } = parts;
  const sends = new Set<Promise<unknown>>();

  async function fetch({ ref, size, name, mime }: Attachment): Promise<FileBytes> {
    const place = fromRef(ref);
    if (!place) throw new DeliveryError('never', 'gone');
    if ((size ?? 0) > WHATSAPP.downloadLimit) throw new DeliveryError('never', 'too_big');
    const limit = WHATSAPP.downloadLimit;
    const file = await supervisor.ask('fetch', { ...place, limit }, FETCHING).catch((cause: unknown) => {
      const refusal = cause instanceof DeliveryError ? cause : undefined;
      if (refusal?.verdict === 'never') throw cause;
      // Asking again for a file does no harm, ever more seldom.
      throw new DeliveryError('later', refusal?.reason ?? 'network', { cause });
    });
    const called = name ?? file.name;
    const type = mime ?? file.mime;
    return {
      bytes: file.bytes,
      ...(called === undefined ? {} : { name: called }),
      ...(type === undefined ? {} : { mime: type }),
    };
  }

  return {
    name: 'whatsapp',
    abilities: WHATSAPP,
    async start(intake) {
      parts.onIntake(intake);
      receive.start(intake);
      await supervisor.start();
    },
    async stop() {
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
      await Promise.race([Promise.allSettled(sends), late]);
      const closing = receive.stop();
      await supervisor.stop();
      await closing;
    },
    health: (now) => supervisor.health(now),
    send(to, out) {
      const work = deliver.send(to, out);
      sends.add(work);
      const over = () => sends.delete(work);
      work.then(over, over);
      return work;
    },
    async typing(to) {
      const chat = (await identities.get(to.peer))?.chat ?? chatOf(to.peer);
      await supervisor.ask('typing', { chat }, TYPING).catch(() => undefined);
    },
    fetch,
    linking: {
      state: () => supervisor.state(),
      async requestCode(phone) {
        if (supervisor.state().is !== 'linking')
          throw new Error('A code can be asked for only while the picture to scan is shown.');
        const digits = phone.replace(/\D/g, '');
        return await supervisor.ask('code', { phone: digits }, CODE).catch(() => {
          throw new Error('WhatsApp gave no code for this number; check it and wait a few minutes.');
        });
      },
      unlink: () => supervisor.unlink(),
      restart: () => supervisor.restart('asked'),
      turn: (on) => supervisor.turn(on),
    },
  };
}
