// The lines a developer types to play people against the program.
import { expect, test } from 'vitest';
import { nine, startBoth } from './both.ts';
import { actLine, type Cast } from './console.ts';

test('a line makes a person act, and a wrong line says what is wrong', async () => {
  const { tg, api } = await startBoth();
  const people = [tg.person({ first_name: 'One' }), tg.person({ first_name: 'Two' })];
  const operators = [tg.person({ first_name: 'Op' })];
  const forum = tg.forum({ members: operators });
  const cast: Cast = { standIn: tg, people, operators, forum };
  const act = (line: string) => actLine(cast, line);

  expect(act('start r_1')).toMatch(/#1 One: \/start r_1/);
  expect(act('p2 say hello there')).toMatch(/Two: hello there/);
  await api.sendMessage(people[0]?.id ?? 0, 'Rate us', nine);
  expect(act('seen')).toMatch(/bot: Rate us\n\s+\[ 9 \]/);
  expect(act('press 9')).toMatch(/data s:9/);
  const { message_thread_id } = await api.createForumTopic(forum.id, 'Lift');
  expect(act('topics')).toBe(`  1. ${message_thread_id} "Lift"`);
  expect(act('op1 topic 1 hi')).toMatch(/Op: hi/);
  expect(act('seen topic 1')).toMatch(/forum_topic_created\n.*Op: hi/);
  expect(act('op1 general all')).toMatch(/Op: all/);
  act('close 1');
  expect(forum.topic(message_thread_id).closed).toBe(true);
  act('delete 1');
  expect(act('topics')).toMatch(/closed deleted/);
  expect(() => act('press 11')).toThrow(/no button "11"/);
  act('block');
  expect(tg.chats.get(people[0]?.id ?? 0)?.state).toBe('blocked');
  expect(act('violations')).toBe('  none');
  expect(() => act('p3 say x')).toThrow('there is no p3');
  expect(() => act('dance')).toThrow(/nobody knows how to "dance"/);
  expect(() => act('press 9')).toThrow(/the bot is blocked/);
  expect(act('')).toBe('');
  const texts = (await api.getUpdates()).map((one) => one.message?.text ?? Object.keys(one)[1]);
  expect(texts).toEqual([
    ...['/start r_1', 'hello there', 'callback_query', 'message', 'hi', 'all', 'message', 'my_chat_member'],
  ]);
});
