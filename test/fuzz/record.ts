// Writes the corpus anew: what each network's stand-in tells when its people do all that people can do. Run by hand, when
// a stand-in learns something: node test/fuzz/record.ts. The words, names and numbers in it are marked, so that none of
// them can pass through a log unseen.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startMax } from '../standins/max/max.ts';
import { startTelegram } from '../standins/telegram/telegram.ts';
import { startVk } from '../standins/vk/vk.ts';
import { startWhatsAppCloud } from '../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { FORUM_CHAT, MARK, MARKED_PHONE, VK_GROUP } from './marks.ts';
import { recordLinkedPhone } from './record-linked-phone.ts';

const KINDS = [
  'message_created',
  'message_edited',
  'message_callback',
  'message_chat_created',
  'bot_started',
  'bot_stopped',
  'dialog_removed',
];
const NOW = Date.UTC(2026, 2, 12, 7);
const now = (): number => NOW;
const BYTES = Buffer.from('GIF89a');
const words = (what: string): string => `${MARK} ${what}`;

const keep = (name: string, updates: readonly object[]): void => {
  const lines = updates.map((update) => JSON.stringify(update)).join(',\n');
  writeFileSync(join(import.meta.dirname, 'corpus', `${name}.json`), `[\n${lines}\n]\n`);
  process.stdout.write(`${name.padEnd(16)} ${updates.length}\n`);
};

async function recordTelegram(): Promise<void> {
  const world = await startTelegram({ now });
  const person = world.person({
    first_name: MARK,
    last_name: 'Иванова',
    username: `${MARK}_name`,
    language_code: 'ru',
  });
  person.start();
  person.start('promo-1');
  const said = person.say(words('привет'));
  person.say('/nps');
  person.say(words('в ответ'), { reply_to: said.message_id });
  person.edit(said.message_id, words('привет снова'));
  person.sendPhoto(BYTES, words('под фото'));
  person.sendAlbum([
    { kind: 'photo', file: BYTES, caption: words('альбом') },
    { kind: 'video', file: BYTES },
  ]);
  person.sendVoice(BYTES);
  person.sendVideo(BYTES, { caption: words('видео') });
  person.sendAudio(BYTES, { caption: words('звук') });
  person.sendDocument(BYTES, { caption: words('файл'), name: `${MARK}.pdf`, mime: 'application/pdf' });
  person.sendSticker('😀');
  person.sendLocation(55.75, 37.61);
  person.sendContact(MARKED_PHONE);
  person.block();
  person.unblock();
  const base = world.updates.find((one) => 'message' in one) as { message: object };
  const { text: _, ...bare } = base.message as Record<string, unknown>;
  const press = (data: string): void =>
    world.push('callback_query', {
      id: '9007199254740993',
      from: bare.from as object,
      chat_instance: '1',
      message: { ...bare, from: world.me, text: 'Вопрос', reply_markup: { inline_keyboard: [] } },
      data,
    });
  press('~.menu');
  press('abc123.1.0.9');
  world.push('message', {
    ...bare,
    venue: { location: { latitude: 1, longitude: 2 }, title: words('место'), address: 'улица' },
  });
  world.push('message', {
    ...bare,
    animation: { file_id: 'an1', file_unique_id: 'u', width: 1, height: 1, duration: 1 },
  });
  world.push('message', {
    ...bare,
    video_note: { file_id: 'vn1', file_unique_id: 'u', length: 1, duration: 1 },
  });
  world.push('message', { ...bare, poll: { id: '1', question: words('опрос'), options: [] } });
  world.push('poll', { id: '1', question: words('опрос'), options: [] });
  // The operators' group, under an id of ours.
  const from = { id: 5_100_001, is_bot: false, first_name: `${MARK}-operator` };
  const chat = { id: FORUM_CHAT, type: 'supergroup', title: 'Операторы', is_forum: true };
  const inTopic = { chat, from, date: NOW / 1_000, message_thread_id: 77, is_topic_message: true };
  const desk: readonly object[] = [
    { text: words('ответ клиенту') },
    { text: '/claim' },
    { text: `/note ${words('заметка')}` },
    { text: `// ${words('тоже заметка')}` },
    { text: `/close ${words('готово')}` },
    { text: words('цитата'), reply_to_message: { ...inTopic, message_id: 5, text: words('что') } },
    { text: '/resend', reply_to_message: { ...inTopic, message_id: 5, text: words('что') } },
    {
      photo: [{ file_id: 'ph1', file_unique_id: 'u', width: 9, height: 9 }],
      caption: words('фото'),
      media_group_id: '77',
    },
    { sender_chat: chat, text: words('от имени группы') },
    { message_thread_id: undefined, is_topic_message: undefined, text: '/help' },
    { migrate_to_chat_id: FORUM_CHAT - 1 },
  ];
  for (const [index, one] of desk.entries())
    world.push('message', { message_id: 900 + index, ...inTopic, ...one });
  world.push('edited_message', { message_id: 900, ...inTopic, edit_date: NOW / 1_000, text: words('иначе') });
  keep('telegram', world.updates);
  await world.stop();
}

async function recordVk(): Promise<void> {
  const vk = await startVk({ now, secondMs: 1, groupId: VK_GROUP });
  const person = vk.person({ first_name: MARK, last_name: 'Иванов' });
  person.start();
  person.start('promo-1');
  const said = person.say(words('здравствуйте'));
  person.say(words('ответ'), { replyTo: said.id });
  person.edit(said.id, words('здравствуйте снова'));
  person.sendPhoto(BYTES, { caption: words('фото') });
  person.sendPhotos([BYTES, BYTES]);
  person.sendDocument(BYTES, { name: `${MARK}.pdf` });
  person.sendVoice(BYTES);
  person.sendSticker();
  person.sendVideo(words('видео'));
  person.sendLocation(55.75, 37.61);
  person.share(
    { type: 'link', link: { url: 'https://example.org/', title: words('ссылка') } },
    words('смотрите'),
  );
  person.share({ type: 'wall', wall: { id: 3, owner_id: -1, text: words('запись') } });
  person.share({ type: 'poll', poll: { id: 1, question: words('опрос') } });
  person.typing();
  person.read();
  vk.admin().reply(person.id, words('ответ сообщества'));
  const post = vk.post('Мы открылись');
  const comment = person.comment(post.id, words('комментарий'), { photo: BYTES });
  person.comment(post.id, words('ветка'), { replyTo: comment.id });
  person.editComment(comment.id, words('комментарий иначе'));
  person.deleteComment(comment.id);
  person.block();
  person.unblock();
  const event = vk.events.find((one) => one.type === 'message_new') as unknown as {
    object: { message: object };
  };
  const message = event.object.message;
  vk.push('message_new', {
    message: {
      ...message,
      conversation_message_id: 4_001,
      fwd_messages: [{ ...message, text: words('переслано') }],
    },
    client_info: { button_actions: ['text', 'callback'], keyboard: true, inline_keyboard: true, lang_id: 0 },
  });
  vk.push('message_new', {
    message: { ...message, conversation_message_id: 4_002, payload: '{"b":"~.menu"}' },
  });
  vk.push('message_new', { message: { ...message, conversation_message_id: 4_003, is_cropped: true } });
  vk.push('message_event', {
    user_id: person.id,
    peer_id: person.id,
    event_id: 'e1',
    payload: { b: '~.menu' },
    conversation_message_id: 3,
  });
  keep('vk', vk.events);
  await vk.stop();
}

/** Everything that is posted to an address of ours while the people act. */
async function posted(act: (url: string) => Promise<void>): Promise<object[]> {
  const posts: object[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'POST') posts.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as object);
    response.end(new URL(request.url ?? '/', 'http://x').searchParams.get('hub.challenge') ?? 'ok');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await act(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
  server.closeAllConnections();
  server.close();
  return posts;
}

async function recordMax(url: string): Promise<void> {
  const max = await startMax({ now });
  max.subscriptions.add({ url }, KINDS);
  const person = max.person({ first_name: MARK, last_name: 'Петров', username: `${MARK}_max`, locale: 'ru' });
  person.start();
  person.start('promo-1');
  const said = person.say(words('привет'));
  person.say(words('ответ'), { replyTo: said.id });
  person.edit(said.id, words('привет иначе'));
  person.forward(words('переслано'), BYTES);
  person.sendPhoto(BYTES, { caption: words('фото') });
  person.sendAlbum([BYTES, BYTES], { caption: words('альбом') });
  person.sendDocument(BYTES, { name: `${MARK}.pdf` });
  person.sendVoice(BYTES);
  person.sendVideo(BYTES);
  person.sendSticker();
  person.sendLocation(55.75, 37.61);
  person.sendContact(MARK, MARKED_PHONE);
  person.share('https://example.org/', words('ссылка'));
  const user = {
    user_id: person.id,
    first_name: MARK,
    last_name: null,
    username: null,
    is_bot: false,
    last_activity_time: 0,
  };
  max.push({
    update_type: 'message_callback',
    callback: { timestamp: NOW, callback_id: 'cb-1', payload: '~.menu', user },
    message: {
      recipient: { chat_id: person.chat, chat_type: 'dialog', user_id: person.id },
      timestamp: NOW,
      body: { mid: said.id, seq: 1, text: 'Вопрос', attachments: [] },
    },
    user_locale: 'ru',
  });
  person.block();
  person.unblock();
  person.remove();
  max.push({ update_type: 'message_chat_created', chat: { chat_id: 1 }, message_id: 'mid.2' });
  while (max.pending > 0) await pause(20);
  await max.stop();
}

async function recordWhatsAppCloud(url: string): Promise<void> {
  const world = await startWhatsAppCloud({ now, secondMs: 1 });
  await world.connect(url);
  const person = world.person({ name: MARK, phone: MARKED_PHONE.slice(1) });
  const hidden = world.person({ name: `${MARK}-hidden`, hidden: true });
  person.start('promo-1');
  const said = person.say(words('привет'));
  person.say(words('ответ'), { replyTo: said.id });
  hidden.say(words('без номера'));
  person.sendPhoto(BYTES, words('фото'));
  person.sendVideo(BYTES, words('видео'));
  person.sendDocument(BYTES, { name: `${MARK}.pdf`, caption: words('файл') });
  person.sendVoice(BYTES);
  person.sendAudio(BYTES);
  person.sendSticker(BYTES);
  person.sendLocation(55.75, 37.61, words('место'));
  person.sendContact(MARK, MARKED_PHONE);
  person.react(said.id, '👍');
  person.edit(said.id, words('привет иначе'));
  person.send('request_welcome', {});
  person.send('button', { button: { payload: '~.menu', text: words('кнопка') } });
  person.send('interactive', {
    interactive: { type: 'button_reply', button_reply: { id: '~.menu', title: words('меню') } },
    context: { id: 'wamid.1' },
  });
  person.send('interactive', {
    interactive: { type: 'list_reply', list_reply: { id: '~.operator', title: words('люди') } },
  });
  person.send('order', { order: { catalog_id: '1', text: words('заказ') } });
  world.sayFromApp(person, words('из приложения'));
  const status = {
    id: 'wamid.out1',
    timestamp: String(NOW / 1_000),
    recipient_id: person.phone,
    biz_opaque_callback_data: 'c1.1',
  };
  world.notify('messages', { statuses: [{ ...status, status: 'sent' }] });
  world.notify('messages', {
    statuses: [{ ...status, status: 'failed', errors: [{ code: 131026, title: 'no' }] }],
  });
  world.notify('messages', { errors: [{ code: 130429, title: 'slow down' }] });
  world.gather(() => {
    person.say(words('раз'));
    hidden.say(words('два'));
  });
  while (world.pending > 0) await pause(20);
  await world.stop();
}

await recordTelegram();
await recordVk();
keep('max', await posted(recordMax));
keep('whatsapp-cloud', await posted(recordWhatsAppCloud));
const phone = await recordLinkedPhone(words);
keep('whatsapp-library', phone.library);
keep('whatsapp-said', phone.said);
