// The operators of a run: they claim, answer and close in the group's topics, wait for what each step leads to, and ask
// for a message again when the desk says that nobody knows whether it arrived.
import type { Forum, ForumActor } from '../standins/telegram/forum.ts';
import type { TelegramStandIn } from '../standins/telegram/telegram.ts';
import type { Face, Shown } from './face.ts';
import { shownIn } from './face-telegram.ts';
import { lastWord, moreWords, operatorWord, type Plan } from './plan.ts';
import type { Watch } from './watch.ts';

/** What became of one ticket at the desk, as the operators know it. */
export interface DeskWork {
  readonly plan: Plan;
  /** Another one after the topic was deleted. */
  thread: number;
  /** Topics of this ticket that were deleted. */
  readonly former: number[];
  /** The words sent, and how often they were asked for again. */
  readonly said: { readonly text: string; resends: number; unknown: boolean }[];
  claimed: boolean;
  closed: boolean;
}

export interface Operators {
  /** `begun` is given what they do while they still do it, as they may wait in vain. */
  work(plan: Plan, number: string, face: Face, begun: (work: DeskWork) => void): Promise<void>;
  /** Claims the ticket; what follows is the caller's. */
  take(plan: Plan, number: string, begun?: (work: DeskWork) => void): Promise<Taken>;
}

export interface Taken {
  readonly work: DeskWork;
  /** Until the customer has seen it, asking again as often as the desk is unsure. */
  tell(face: Face, text: string): Promise<void>;
  /** Until these words stand in the ticket's topic. */
  notice(words: string): Promise<Shown>;
}

export const UNSURE = /^(?:Nobody knows whether it reached|Not delivered)/;

/** `plain`: at a desk that only carries words, so that nobody claims or closes and nothing is asked for again. */
export function createOperators(tg: TelegramStandIn, forum: Forum, watch: Watch, plain = false): Operators {
  const people = ['DeskAnna', 'DeskBoris'].map((first_name) => {
    const person = tg.person({ first_name, language_code: 'en' });
    forum.addMember(person);
    return forum.member(person);
  });
  const inTopic = (thread: number): readonly Shown[] => shownIn(tg, forum.id, thread);

  /** The ticket's topic, once its card stands there. */
  const topicOf = (number: string): number | undefined =>
    forum
      .topics()
      .find(
        (topic) =>
          !topic.deleted &&
          topic.name.includes(number) &&
          topic.messages.some((message) => message.byBot && message.text?.includes(number)),
      )?.id;

  /** Until the customer has seen it, asking again as often as the desk is unsure. */
  async function tell(
    work: DeskWork,
    face: Face,
    text: string,
    send: () => number,
    again: ((message: number) => void) | undefined,
  ): Promise<void> {
    const said = { text, resends: 0, unknown: false };
    work.said.push(said);
    const message = send();
    const quote = text.slice(0, 40);
    const isIt = (one: Shown): boolean => one.text === text || one.text.endsWith(`:\n${text}`);
    for (;;) {
      const unsure = (): number =>
        inTopic(work.thread).filter((one) => UNSURE.test(one.text) && one.text.includes(`“${quote}`)).length;
      const seen = await face.until(() => {
        if (face.shown().some(isIt)) return true;
        return unsure() > said.resends ? false : undefined;
      }, `sees "${text}", or the desk is told that nobody knows`);
      if (seen) return;
      said.unknown = true;
      if (again === undefined) return;
      said.resends += 1;
      again(message);
    }
  }

  async function take(
    plan: Plan,
    number: string,
    begun: (work: DeskWork) => void = () => undefined,
  ): Promise<Taken & { readonly by: ForumActor }> {
    const by = people[plan.id % people.length] as ForumActor;
    const thread = await watch.until(() => topicOf(number), `a topic with a card for ${number}`);
    const work: DeskWork = { plan, thread, former: [], said: [], claimed: false, closed: false };
    begun(work);
    const follow = (): void => {
      const now = topicOf(number);
      if (now === undefined || now === work.thread) return;
      work.former.push(work.thread);
      work.thread = now;
    };
    const notice = (words: string): Promise<Shown> =>
      watch.until(() => {
        follow();
        return inTopic(work.thread).find((one) => one.text.includes(words));
      }, `"${words}" in ${number}`);
    if (!plain) {
      by.say('/claim', { thread });
      await notice('answers the customer now');
      work.claimed = true;
    }
    const again = plain
      ? undefined
      : (message: number): void => void by.say('/resend', { thread: work.thread, reply_to: message });
    return {
      by,
      work,
      notice,
      tell: (face, text) =>
        tell(work, face, text, () => by.say(text, { thread: work.thread }).message_id, again),
    };
  }

  return {
    take,
    async work(plan, number, face, begun) {
      if (plan.desk === 'nothing') return;
      const taken = await take(plan, number, begun);
      const { by, work, notice } = taken;
      if (plan.desk === 'claim') return;
      await taken.tell(face, operatorWord(plan));
      if (plan.talk.does === 'operator') {
        const { replies } = plan.talk;
        await Promise.all([
          ...moreWords(plan).map((more) => taken.tell(face, more)),
          (async () => {
            for (const reply of replies) await face.say(reply);
          })(),
        ]);
        for (const reply of replies) await notice(`👤 ${reply}`);
      }
      if (plan.desk !== 'close') return;
      const last = lastWord(plan);
      const say = (): number => by.say(plain ? last : `/close ${last}`, { thread: work.thread }).message_id;
      await tell(work, face, last, say, undefined);
      if (plain) return;
      await notice('ticket closed');
      work.closed = true;
    },
  };
}
