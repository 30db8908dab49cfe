// The stand-in held against the unmodified library on a real Chromium: whatever the library asks of the page must be
// answered as the real page answers, with both shapes of message keys.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import wweb, { type Message } from 'whatsapp-web.js';
import { type Bot, createBot, dropProfile, newProfile, ONE_ANSWER, withBody } from './whatsapp-web/bot.ts';
import type { Person } from './whatsapp-web/person.ts';
import { startWhatsAppWeb, type WhatsAppWebStandIn } from './whatsapp-web/whatsapp-web.ts';

describe.each(['_serialized', '$1'] as const)('with message keys named %s', (keyField) => {
  let wa: WhatsAppWebStandIn;
  let bot: Bot;
  let anna: Person;
  const profile = newProfile();

  beforeAll(async () => {
    wa = await startWhatsAppWeb({ keyField });
    bot = createBot(wa, { profile });
    await bot.client.initialize();
  }, 30_000);

  afterAll(async () => {
    await bot?.stop();
    await wa?.stop();
    dropProfile(profile);
  });

  beforeEach(() => bot.forget());

  /** The library is content as soon as the page has it; the network has it later. */
  const taken = (body: string): Promise<true> =>
    wa.until(
      () =>
        wa.requests.some(
          ({ params, effect }) => effect && (params.message as { body?: string })?.body === body,
        )
          ? true
          : undefined,
      5000,
      `the network to take "${body}"`,
    );

  afterEach(() => {
    expect(wa.missing).toEqual([]);
    expect(wa.pageErrors).toEqual([]);
    expect(wa.violations).toEqual([]);
  });

  it('is linked by the picture', async () => {
    wa.rotateQr();
    const [picture] = (await bot.until('qr')) as [string];
    expect(picture.split(',')).toHaveLength(5);
    await wa.scanQr(picture);
    await bot.until('ready');
    expect(bot.client.info.wid._serialized).toBe(wa.me.pn);
    expect(await bot.client.getState()).toBe('CONNECTED');
    anna = wa.person({ name: 'Anna' });
  });

  it('takes a text and answers it', async () => {
    const said = anna.say('hello');
    const [message] = (await bot.until('message')) as [Message];
    expect(message).toMatchObject({ body: 'hello', type: 'chat', from: anna.id, fromMe: false });
    expect(message.id._serialized).toBe(`false_${anna.id}_${said.id}`);
    expect(message.timestamp).toBe(Math.floor(said.at / 1000));
    const sent = await bot.client.sendMessage(message.from, 'reply *bold*');
    expect(sent?.id._serialized).toMatch(/^true_15551110001@c\.us_3EB0/);
    const seen = await anna.waitFor('reply');
    expect(seen).toMatchObject({ text: 'reply *bold*', byBot: true, id: sent?.id.id });
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === sent?.id.id && ack === 2);
    anna.read();
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === sent?.id.id && ack === 3);
    expect(wa.requests.filter((one) => one.method === 'send' && one.answered)).toHaveLength(1);
    expect(bot.heard.filter(({ event }) => event === 'message')).toHaveLength(1);
    bot.forget();
    anna.say('again');
    await bot.until('message', withBody('again'));
  });

  it('takes a photo, a document and a voice message whole', async () => {
    const bytes = randomBytes(70_000);
    anna.sendPhoto(bytes, { caption: 'look' });
    const [photo] = (await bot.until('message', withBody('look'))) as [Message];
    expect(photo).toMatchObject({ type: 'image', hasMedia: true });
    const got = await photo.downloadMedia();
    expect(got?.mimetype).toBe('image/jpeg');
    expect(Buffer.from(got?.data ?? '', 'base64').equals(bytes)).toBe(true);
    anna.sendDocument(bytes, { name: 'bill.pdf', mime: 'application/pdf' });
    const [paper] = (await bot.until('message', (one: Message) => one.type === 'document')) as [Message];
    expect(await paper.downloadMedia()).toMatchObject({ filename: 'bill.pdf', filesize: 70_000 });
    anna.sendVoice(bytes);
    const [voice] = (await bot.until('message', (one: Message) => one.type === 'ptt')) as [Message];
    expect((await voice.downloadMedia())?.mimetype).toContain('audio/ogg');
    anna.sendPhoto(bytes, { caption: 'old', gone: true, size: 99_000_000 });
    const [old] = (await bot.until('message', withBody('old'))) as [Message];
    expect((old.rawData as { size: number }).size).toBe(99_000_000);
    expect(await old.downloadMedia()).toBeUndefined();
    anna.sendSticker(bytes);
    await bot.until('message', (one: Message) => one.type === 'sticker' && one.hasMedia);
    anna.sendLocation(55.75, 37.62);
    const [place] = (await bot.until('message', (one: Message) => one.type === 'location')) as [Message];
    expect(place.location).toMatchObject({ latitude: 55.75, longitude: 37.62 });
    anna.sendContact('Olga', '79001112233');
    const [card] = (await bot.until('message', (one: Message) => one.type === 'vcard')) as [Message];
    expect(card.vCards[0]).toContain('FN:Olga');
  });

  it('shows files, places and cards of the bot', async () => {
    const bytes = randomBytes(50_000);
    const photo = new wweb.MessageMedia('image/png', bytes.toString('base64'), 'p.png');
    await bot.client.sendMessage(anna.id, photo, { caption: 'pic' });
    const seen = await anna.waitFor('pic');
    expect(seen.type).toBe('image');
    expect(Buffer.from(seen.files[0] ?? []).equals(bytes)).toBe(true);
    await bot.client.sendMessage(anna.id, photo, { caption: 'file', sendMediaAsDocument: true });
    expect(await anna.waitFor('file')).toMatchObject({ type: 'document', fileName: 'p.png' });
    const voice = new wweb.MessageMedia('audio/ogg; codecs=opus', bytes.toString('base64'));
    await bot.client.sendMessage(anna.id, voice, { sendAudioAsVoice: true });
    await anna.waitFor((one) => one.type === 'ptt');
    await bot.client.sendMessage(anna.id, new wweb.Location(55.5, 37.5));
    expect((await anna.waitFor((one) => one.type === 'location')).location).toEqual({
      latitude: 55.5,
      longitude: 37.5,
    });
    await bot.client.sendMessage(anna.id, 'BEGIN:VCARD\nVERSION:3.0\nFN:Desk\nEND:VCARD');
    expect((await anna.waitFor((one) => one.type === 'vcard')).card).toContain('FN:Desk');
  });

  it('holds a poll, takes votes and their withdrawal', async () => {
    const sent = await bot.client.sendMessage(anna.id, new wweb.Poll('Lunch?', ['Rice', 'Soup'], ONE_ANSWER));
    const poll = await anna.waitFor('Lunch?');
    expect(poll.buttons.map(({ label }) => label)).toEqual(['Rice', 'Soup']);
    anna.press('Soup');
    const [vote] = (await bot.until('vote_update')) as [wweb.PollVote & { parentMsgKey: { id: string } }];
    expect(vote.selectedOptions).toEqual([{ name: 'Soup', localId: 1 }]);
    expect(vote.voter).toBe(anna.id);
    expect(vote.parentMsgKey.id).toBe(sent?.id.id);
    bot.forget();
    anna.vote(poll.id, []);
    const [none] = (await bot.until('vote_update')) as [wweb.PollVote];
    expect(none.selectedOptions).toEqual([]);
    expect(() => anna.vote(poll.id, ['Rice', 'Soup'])).toThrow('one option');
  });

  it('quotes, reacts, edits and revokes, both ways', async () => {
    const said = anna.say('quote me');
    const [message] = (await bot.until('message', withBody('quote me'))) as [Message];
    const reply = await message.reply('quoted');
    expect((await anna.waitFor('quoted')).quoted).toBe(said.id);
    await message.react('👍');
    expect([
      ...(anna
        .seen()
        .find((one) => one.id === said.id)
        ?.reactions.values() ?? []),
    ]).toEqual(['👍']);
    await reply?.edit('mended');
    expect(anna.last()).toMatchObject({ text: 'mended', edited: true });
    expect(wa.everything(anna).at(-1)?.text).toBe('quoted');
    await reply?.delete(true);
    expect(anna.seen().some((one) => one.id === reply?.id.id)).toBe(false);
    anna.react(said.id, '❤️');
    const [reaction] = (await bot.until('message_reaction')) as [{ reaction: string; senderId: string }];
    expect(reaction).toMatchObject({ reaction: '❤️', senderId: anna.id });
    anna.edit(said.id, 'quote me better');
    const [edited, next, before] = await bot.until('message_edit', (one: Message) => !one.fromMe);
    expect([(edited as Message).id.id, next, before]).toEqual([said.id, 'quote me better', 'quote me']);
    anna.revoke(said.id);
    const isSaid = (one: Message): boolean => one.id.id === said.id;
    await bot.until('message_revoke_everyone', isSaid);
  });

  it('knows people by lid, and what their number is', async () => {
    const lena = wa.person({ name: 'Lena', addressing: 'lid', paired: false });
    lena.say('by lid');
    const [message] = (await bot.until('message', withBody('by lid'))) as [Message];
    expect(message.from).toBe(lena.lid);
    const known = await bot.client.getContactLidAndPhone([lena.lid]);
    expect(known).toEqual([{ lid: lena.lid, pn: lena.id }]);
    expect((await message.getContact()).pushname).toBe('Lena');
    await bot.client.sendMessage(lena.lid, 'to the lid');
    await lena.waitFor('to the lid');
    await bot.client.sendMessage(lena.id, 'to the number');
    await lena.waitFor('to the number');
    await expect(bot.client.sendMessage('15559999999@c.us', 'hi')).rejects.toThrow('No LID for user');
    await bot.client.sendMessage(wa.me.pn, 'a note for myself');
  });

  it('tells groups, statuses, notices and the words of the owner apart', async () => {
    const group = wa.group('Team', [anna]);
    group.say(anna.id, 'in the group');
    const [inGroup] = (await bot.until('message', withBody('in the group'))) as [Message];
    expect(inGroup).toMatchObject({ from: group.id, author: anna.id });
    anna.postStatus('my day');
    const [status] = (await bot.until('message', withBody('my day'))) as [Message];
    expect(status.isStatus).toBe(true);
    anna.notify('e2e_notification');
    await bot.until('message', (one: Message) => String(one.type) === 'e2e_notification');
    const typed = wa.owner.say(anna, 'from the phone');
    const [own] = (await bot.until('message_create', withBody('from the phone'))) as [Message];
    expect(own).toMatchObject({ fromMe: true, to: anna.id });
    expect(own.id.id).toBe(typed.id);
    expect(bot.heard.some(({ event, args }) => event === 'message' && args[0] === own)).toBe(false);
    expect(wa.everything(anna).at(-1)).toMatchObject({ byPhone: true, byBot: false });
  });

  it('brings late what a device could not read', async () => {
    const late = anna.sayLate('sealed');
    await bot.until('message_ciphertext');
    late.arrive();
    const [message] = (await bot.until('message', withBody('sealed'))) as [Message];
    expect(message.id.id).toBe(late.id);
  });

  it('says how far a message came', async () => {
    anna.offline();
    const sent = await bot.client.sendMessage(anna.id, 'while away');
    const is = (of: Message): boolean => of.id.id === sent?.id.id;
    await bot.until('message_ack', (of: Message, ack: number) => is(of) && ack === 1);
    expect(anna.seen().some((one) => one.text === 'while away')).toBe(false);
    anna.online();
    await bot.until('message_ack', (of: Message, ack: number) => is(of) && ack === 2);
    await anna.waitFor('while away');
    anna.block();
    await bot.client.sendMessage(anna.id, 'to who blocked us');
    await taken('to who blocked us');
    wa.acks('never');
    const mute = await bot.client.sendMessage(anna.id, 'never confirmed');
    await taken('never confirmed');
    anna.unblock();
    wa.acks('all');
    const told = await bot.client.sendMessage(anna.id, 'confirmed');
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === told?.id.id && ack === 2);
    expect(bot.heard.some(({ args }) => (args[0] as Message).id?.id === mute?.id.id && args[1] === 1)).toBe(
      false,
    );
    expect(anna.seen().some((one) => one.text === 'to who blocked us')).toBe(false);
  });

  it('sends after a lost connection what was not confirmed, once', async () => {
    wa.dropConnections();
    anna.say('while it reconnects');
    await bot.until('message', withBody('while it reconnects'));
    wa.faults.add({ do: 'effect-then-drop', when: { method: 'send' }, times: 1 });
    const first = await bot.client.sendMessage(anna.id, 'answer lost');
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === first?.id.id && ack >= 1);
    wa.faults.add({ do: 'drop-before', when: { method: 'send' }, times: 1 });
    await bot.client.sendMessage(anna.id, 'request lost');
    await anna.waitFor('request lost');
    const copies = wa
      .everything(anna)
      .filter(({ text }) => text === 'answer lost' || text === 'request lost');
    expect(copies).toHaveLength(2);
    wa.faults.add({ do: '500', when: { method: 'send' }, times: 1 });
    const refused = await bot.client.sendMessage(anna.id, 'refused');
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === refused?.id.id && ack === -1);
    await wa.down();
    const waits = await bot.client.sendMessage(anna.id, 'while it was down');
    expect(waits?.ack).toBe(0);
    await wa.up();
    await anna.waitFor('while it was down');
    wa.faults.inbound({ duplicate: 1, reorder: 0.5 });
    for (let n = 0; n < 10; n += 1) anna.say(`burst ${n}`);
    for (let n = 0; n < 10; n += 1) await bot.until('message', withBody(`burst ${n}`));
    wa.faults.clear();
    expect(wa.faults.inboundFired.reordered).toBeGreaterThan(0);
    const burst = bot.heard.filter(
      ({ event, args }) => event === 'message' && (args[0] as Message).body.startsWith('burst'),
    );
    expect(burst).toHaveLength(10);
  });
});
