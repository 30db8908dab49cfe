// Those who work in the group: for each ticket that gets a topic, an operator who takes it, writes, notes and closes,
// and beside them people and bots whose words must go nowhere. They see only the group.
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { ACCOUNT, type Seen, type Telegram, type Topic } from './telegram.ts';

export interface Said {
  readonly text: string;
  /** The message's id in the group. */
  readonly id: number;
  readonly topic: Topic;
  /** How often they asked for it to be sent again. */
  resends: number;
  /** The desk told that its fate is not known, or that it failed. */
  told: number;
}

export interface Work {
  readonly number: string;
  readonly operator: number;
  plan: 'nothing' | 'claim' | 'answer' | 'close';
  claimed: boolean;
  closed: boolean;
  /** Words for the customer, since the ticket was theirs. */
  readonly said: Said[];
  /** Words that must never reach the customer. */
  readonly unsaid: string[];
  finished: boolean;
  readonly waiting: (() => void)[];
}

const OPERATORS = [501, 502, 503] as const;
const OUTSIDER = 599;
const ANONYMOUS = 1087968824;

/** A deleted topic is made again with the next thing to show; there may be none. */
const PATIENCE = 30 * 60_000;

/** A topic that was made and forgotten: whoever writes there is told so. */
export const isStray = ({ seen }: Topic): boolean =>
  seen.some(({ text }) => text.startsWith('This topic belongs to no ticket'));

const FATE = /^(?:Nobody knows whether it reached|Not delivered to the customer)/;

export class Operators {
  readonly works = new Map<string, Work>();
  /** Topics in which nothing came of what was written. */
  readonly doubted = new Set<Topic>();
  readonly #scheduler: Scheduler;
  readonly #telegram: Telegram;
  readonly #random: Random;
  #words = 0;

  constructor(scheduler: Scheduler, telegram: Telegram, random: Random) {
    this.#scheduler = scheduler;
    this.#telegram = telegram;
    this.#random = random;
    for (const one of OPERATORS) telegram.members.add(one);
    telegram.onTopic = (topic, seen) => this.#look(topic, seen);
  }

  /** Tokens of a ticket's customer are in the words of its topic's card. */
  #look(topic: Topic, seen: Seen | undefined): void {
    const { number } = topic;
    const known = this.works.get(number);
    if (!known) {
      const random = this.#random;
      const draw = random();
      const asks = topic.name.includes('question of');
      const work: Work = {
        number,
        operator: random.pick(OPERATORS),
        plan: asks
          ? draw < 0.5
            ? 'answer'
            : 'close'
          : draw < 0.4
            ? 'nothing'
            : draw < 0.55
              ? 'claim'
              : draw < 0.8
                ? 'answer'
                : 'close',
        claimed: false,
        closed: false,
        said: [],
        unsaid: [],
        finished: false,
        waiting: [],
      };
      this.works.set(number, work);
      void this.#work(work, random.fork(number)).then(() => {
        work.finished = true;
      });
      return;
    }
    if (seen && FATE.test(seen.text)) {
      const about = known.said.find(({ text }) => seen.text.includes(`“${text.slice(0, 60)}`));
      if (about) {
        about.told += 1;
        void this.#again(known, about);
      }
    }
    for (const wake of known.waiting.splice(0)) wake();
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#scheduler.after(milliseconds, 'operator', resolve, this.#scheduler.world);
    });
  }

  isFinished(): boolean {
    for (const { finished } of this.works.values()) if (!finished) return false;
    return true;
  }

  live(number: string): Topic | undefined {
    let found: Topic | undefined;
    for (const topic of this.#telegram.topics.values())
      if (topic.number === number && !topic.deleted && topic.seen.length > 0 && !isStray(topic))
        found = topic;
    return found;
  }

  /** Where the ticket's topic is now; waited for, where it is being made. Absent: it is gone, and nothing brings it back. */
  async #place(work: Work): Promise<Topic | undefined> {
    const until = this.#scheduler.now + PATIENCE;
    for (;;) {
      const topic = this.live(work.number);
      if (topic || this.#scheduler.now >= until) return topic;
      await new Promise<void>((resolve) => {
        work.waiting.push(resolve);
        this.#scheduler.after(PATIENCE, 'operator', resolve, this.#scheduler.world);
      });
    }
  }

  /** False: they wrote into a topic that nobody knows of, and were told so. */
  async #until(work: Work, look: (seen: Seen) => boolean, since: number, wrote: Topic): Promise<boolean> {
    const until = this.#scheduler.now + PATIENCE;
    const there = (): boolean => {
      for (const topic of this.#telegram.topics.values())
        if (topic.number === work.number && topic.seen.some((one) => one.at >= since && look(one)))
          return true;
      return false;
    };
    const others = (): boolean => {
      for (const topic of this.#telegram.topics.values())
        if (topic.number === work.number && topic !== wrote && !topic.deleted && !isStray(topic)) return true;
      return false;
    };
    while (!there()) {
      if (isStray(wrote)) return false;
      // What would have told them so may itself have been lost: then they try the other topic.
      if (this.#scheduler.now >= until && !work.claimed && others()) {
        this.doubted.add(wrote);
        return false;
      }
      await new Promise<void>((resolve) => {
        work.waiting.push(resolve);
        this.#scheduler.after(PATIENCE, 'operator', resolve, this.#scheduler.world);
      });
    }
    return true;
  }

  #write(
    topic: Topic | undefined,
    from: number,
    text: string,
    more: Readonly<Record<string, unknown>> = {},
  ): number | undefined {
    if (!topic) return undefined;
    const { group } = this.#telegram;
    const message_id = this.#telegram.messageId();
    this.#telegram.push({
      message: {
        message_id,
        date: this.#telegram.seconds,
        chat: { id: group, type: 'supergroup', is_forum: true, title: 'Desk' },
        from: { id: from, is_bot: false, first_name: `Op${from}` },
        message_thread_id: topic.thread,
        is_topic_message: true,
        text,
        ...more,
      },
    });
    return message_id;
  }

  /** Words of those who may not speak to the customer. */
  async #intrude(work: Work, random: Random): Promise<void> {
    const topic = await this.#place(work);
    this.#words += 1;
    const text = `unsaid ${this.#words} at ${work.number}`;
    work.unsaid.push(text);
    const who = random.below(6);
    // The ticket would be theirs, and with it every word.
    if (who === 5) this.#write(topic, OUTSIDER, '/take');
    else if (who === 0) this.#write(topic, OUTSIDER, text);
    else if (who === 1)
      this.#write(topic, ANONYMOUS, text, { sender_chat: { id: this.#telegram.group, type: 'supergroup' } });
    else if (who === 2)
      this.#write(topic, Number(ACCOUNT), text, {
        from: { id: Number(ACCOUNT), is_bot: true, first_name: 'Bot' },
      });
    else if (who === 3) this.#write(topic, work.operator, `//${text}`);
    else {
      const other = OPERATORS.find((one) => one !== work.operator)!;
      this.#write(topic, other, text);
    }
  }

  async #work(work: Work, random: Random): Promise<void> {
    await this.#pause(2_000 + random() * 4 * 60_000);
    if (random.chance(0.25)) await this.#intrude(work, random);
    if (work.plan === 'nothing') return;
    const since = this.#scheduler.now;
    for (let taken = false; !taken; ) {
      const topic = await this.#place(work);
      if (this.#write(topic, work.operator, '/claim') === undefined || !topic) return;
      taken = await this.#until(work, ({ text }) => text.includes('answers the customer now'), since, topic);
    }
    work.claimed = true;
    if (random.chance(0.2)) await this.#intrude(work, random);
    if (work.plan === 'claim') return;
    for (let left = 1 + random.below(3); left > 0; left -= 1) {
      // Several at once, while the customer speaks too.
      if (random.chance(0.5)) await this.#pause(random() * 60_000);
      const topic = await this.#place(work);
      if (!topic) return;
      const token = /k\d+z/.exec([topic.name, ...topic.seen.map(({ text }) => text)].join(' '))?.[0] ?? '';
      this.#words += 1;
      const text = `word for ${token} number ${this.#words}`;
      const id = this.#write(topic, work.operator, text) ?? 0;
      work.said.push({ text, id, topic, resends: 0, told: 0 });
    }
    if (work.plan !== 'close') return;
    await this.#pause(30_000 + random() * 5 * 60_000);
    const closing = this.#scheduler.now;
    const topic = await this.#place(work);
    if (this.#write(topic, work.operator, '/close') === undefined || !topic) return;
    work.closed = await this.#until(work, ({ text }) => text.includes('ticket closed.'), closing, topic);
  }

  async #again(work: Work, said: Said): Promise<void> {
    if (said.resends > 0 || !this.#random.chance(0.5) || work.closed) return;
    said.resends += 1;
    await this.#pause(5_000);
    const topic = await this.#place(work);
    this.#write(topic, work.operator, '/resend', {
      reply_to_message: { message_id: said.id, date: 0, chat: { id: this.#telegram.group } },
    });
  }
}
