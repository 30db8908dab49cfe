// The linked phone's part of the corpus: the library's own data as the page hands it over, and what the process with the
// browser says of it to the program. Needs a Chromium.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPage } from '../../src/channels/whatsapp/web/client.ts';
import type { Said } from '../../src/channels/whatsapp/web/protocol.ts';
import { CHROMIUM_ARGS, chromiumPath } from '../standins/whatsapp-web/chromium.ts';
import { startWhatsAppWeb } from '../standins/whatsapp-web/whatsapp-web.ts';
import { MARK, MARKED_PHONE } from './marks.ts';

const BYTES = Buffer.from('GIF89a');
/** Long enough for the page to show what was last done. */
const SETTLED = 1_500;

export async function recordLinkedPhone(
  words: (what: string) => string,
): Promise<{ readonly library: readonly object[]; readonly said: readonly Said[] }> {
  const wa = await startWhatsAppWeb();
  const dir = mkdtempSync(join(tmpdir(), 'otklik-record-'));
  const said: Said[] = [];
  const library: object[] = [];
  const page = createPage(
    { dir, chromiumPath: chromiumPath(), chromiumArgs: [...CHROMIUM_ARGS, ...wa.chromiumArgs] },
    (one) => void said.push(one),
  );
  for (const on of ['message', 'message_create', 'message_ciphertext', 'message_edit'])
    page.client.on(
      on,
      (message: { readonly rawData: object }) => void library.push({ on, data: plain(message.rawData) }),
    );
  page.client.on('vote_update', (given: object) => void library.push({ on: 'vote', data: plain(given) }));
  await page.open();
  await wa.scanQr();
  for (let tries = 0; !said.some(({ on }) => on === 'ready'); tries++) {
    if (tries > 300) throw new Error('the phone was not linked');
    await pause(100);
  }
  const person = wa.person({ name: MARK, phone: MARKED_PHONE.slice(1) });
  const hidden = wa.person({ name: `${MARK}-lid`, addressing: 'lid' });
  const first = person.say(words('привет'));
  hidden.say(words('без номера'));
  person.start('/nps');
  person.say(words('ответ'), { quote: first.id });
  person.sendPhoto(BYTES, { caption: words('фото') });
  person.sendVideo(BYTES);
  person.sendVoice(BYTES);
  person.sendSticker(BYTES);
  person.sendDocument(BYTES, { name: `${MARK}.pdf` });
  person.sendLocation(55.75, 37.61);
  person.sendContact(MARK, MARKED_PHONE);
  person.edit(first.id, words('привет иначе'));
  person.react(first.id, '👍');
  person.notify('e2e_notification');
  wa.owner.say(person, words('с телефона'));
  const late = person.sayLate(words('позже'));
  await pause(SETTLED);
  late.arrive();
  await pause(SETTLED);
  await page.close();
  await wa.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  const at = Date.UTC(2026, 2, 12, 7);
  const vote = {
    poll: 'POLL1',
    chat: `${MARKED_PHONE.slice(1)}@c.us`,
    chosen: [0],
    words: [`${MARK} да`],
    at,
  };
  const heard = said.filter(({ on }) => on !== 'qr' && on !== 'code');
  return { library, said: [...heard, { on: 'vote', vote }, { on: 'ack', id: 'ACK1', ack: 1 }] };
}

const plain = (value: object): object => JSON.parse(JSON.stringify(value)) as object;
