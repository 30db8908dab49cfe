// The real program over an embedded store or a MongoDB, with a network of one page of paper: what the tests of backup and
// doctor let happen in it. Nothing here is a fake of the program's own parts.
import { randomUUID } from 'node:crypto';
import type { Intake } from '../../src/channels/channel.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Running, start } from '../../src/main.ts';
import { CHANNEL, createRecordingChannel } from '../transcript/recording-channel.ts';

export interface Life {
  readonly running: Running;
  say(peer: string, text: string): Promise<void>;
  photo(peer: string, name: string): Promise<void>;
  /** Presses the button of that label under the newest message that has it. */
  press(peer: string, label: string): Promise<void>;
  /** Waits until that person was told something with these words, after the earlier waits. */
  told(peer: string, words: string): Promise<string>;
  stop(): Promise<void>;
}

export async function live(settings: Readonly<Record<string, string>>): Promise<Life> {
  const paper = createRecordingChannel({});
  let intake: Intake | undefined;
  const seen = new Map<string, number>();
  const keep = async (take: Intake): Promise<void> => {
    intake = take;
  };
  const running = await start(readConfig(settings), {
    log: createLog('silent'),
    print: () => undefined,
    networks: false,
    channels: async () => [{ ...paper, start: keep }],
  });
  const common = (peer: string) => ({
    id: randomUUID(),
    channel: CHANNEL,
    account: '',
    at: Date.now(),
    peer,
    person: { name: peer },
  });
  async function told(peer: string, words: string): Promise<string> {
    const until = Date.now() + 20_000;
    for (;;) {
      const mine = paper.arrived.filter((one) => one.peer === peer);
      const from = seen.get(peer) ?? 0;
      const at = mine.findIndex(({ message }, index) => index >= from && message.text.includes(words));
      if (at >= 0) {
        seen.set(peer, at + 1);
        return mine[at]!.message.text;
      }
      if (Date.now() > until)
        throw new Error(
          `${peer} was not told "${words}": ${mine.map((one) => one.message.text).join(' | ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    running,
    told,
    say: (peer, text) => intake!([{ ...common(peer), kind: 'message', text, message: randomUUID() }]),
    photo: (peer, name) =>
      intake!([
        {
          ...common(peer),
          kind: 'message',
          text: '',
          message: randomUUID(),
          attachments: [{ kind: 'photo', ref: `${CHANNEL}:${name}`, name }],
        },
      ]),
    async press(peer, label) {
      const shown = paper.arrived.findLast(
        (one) => one.peer === peer && one.choices.some((choice) => choice.label.includes(label)),
      );
      const button = shown?.choices.find((choice) => choice.label.includes(label))?.id;
      if (shown === undefined || button === undefined) throw new Error(`${peer} sees no button ${label}`);
      await intake!([{ ...common(peer), kind: 'press', button, message: shown.id }]);
    },
    stop: () => running.stop(),
  };
}

/** Anna's survey is over and a ticket with a photo is open; Boris has given his score and is asked why. */
export async function twoTalks(life: Life): Promise<void> {
  await life.say('anna', '/nps');
  await life.told('anna', '0 — ни за что');
  await life.press('anna', '3');
  await life.told('anna', 'Что подвело');
  await life.press('anna', 'Пропустить');
  await life.told('anna', 'Хотите что-то добавить');
  await life.say('anna', 'Курьер опоздал');
  await life.told('anna', 'Можно нам написать вам');
  await life.press('anna', 'Да, можно');
  await life.told('anna', 'напишет вам сюда');
  await life.photo('anna', 'cake.jpg');
  await life.say('boris', '/nps');
  await life.told('boris', '0 — ни за что');
  await life.press('boris', '2');
  await life.told('boris', 'Что подвело');
}
