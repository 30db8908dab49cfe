// What can be asked of VK's stand-in later: dialogues, their messages, people.
import { describe, expect, test } from 'vitest';
import { startBoth } from './both.ts';

describe('what can be asked for later', () => {
  test('dialogues and their messages, newest first or in order', async () => {
    const { vk, call, send } = await startBoth();
    const [anna, boris, silent] = [vk.person(), vk.person(), vk.person()];
    anna.say('1');
    await send(anna.id, '2');
    boris.say('а');
    boris.say('б');
    type List = {
      count: number;
      items: { conversation: { peer: { id: number } }; last_message: { text: string }; text: string }[];
    };
    const dialogues = (more: object) => call<List>('messages.getConversations', more);
    const all = await dialogues({ count: 200 });
    expect(all.items.map((one) => [one.conversation.peer.id, one.last_message.text])).toEqual([
      [boris.id, 'б'],
      [anna.id, '2'],
    ]);
    expect(all.items[0]?.conversation).toMatchObject({ unread_count: 2, unanswered: true });
    expect(all.count).toBe(2);
    expect(silent.seen()).toEqual([]);
    expect((await dialogues({ filter: 'unread' })).count).toBe(1);
    expect((await dialogues({ offset: 1, count: 1 })).items[0]?.last_message.text).toBe('2');
    await call('messages.markAsRead', { peer_id: boris.id, mark_conversation_as_read: 1 });
    expect((await dialogues({ filter: 'unread' })).count).toBe(0);

    const history = async (more: object) =>
      (await call<List>('messages.getHistory', { peer_id: boris.id, ...more })).items.map((one) => one.text);
    boris.say('в');
    expect(await history({})).toEqual(['в', 'б', 'а']);
    expect(await history({ peer_id: 4040 })).toEqual([]);
    expect(await history({ rev: 1, count: 2 })).toEqual(['а', 'б']);
    expect(await history({ offset: 1, count: 1 })).toEqual(['б']);
    const [, middle] = boris.seen();
    expect(await history({ start_message_id: middle?.id })).toEqual(['б', 'а']);
    expect(await history({ start_message_id: middle?.id, offset: -1, count: 1 })).toEqual(['в']);
    const found = await call<List>('messages.getByConversationMessageId', {
      peer_id: boris.id,
      conversation_message_ids: '1,3,9',
    });
    expect(found.items.map((one) => one.text)).toEqual(['а', 'в']);
    expect(await call('groups.getById')).toMatchObject({ groups: [{ id: vk.groupId }], profiles: [] });
    await call('messages.setActivity', { peer_id: anna.id, type: 'typing' });
    expect(vk.activities(anna).map((one) => one.type)).toEqual(['typing']);
  });
});
