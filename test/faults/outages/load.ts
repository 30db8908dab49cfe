// Steady talk during an outage: new people begin the survey at a steady pace, whatever becomes of it, and operators and
// customers go on with each other. It times every step from the person's act to what they then saw.
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../standins/telegram/random.ts';
import type { Face } from '../face.ts';
import type { Taker } from '../kill.ts';
import type { ChannelName, Net } from '../net.ts';
import type { TelegramNet } from '../nets/telegram.ts';
import { createOperators } from '../operators.ts';
import { type Plan, plansOf, type Question, tokenOf } from '../plan.ts';
import { play } from '../talk.ts';
import type { Watch } from '../watch.ts';

/** One act of a person's and what it led to; wall milliseconds. */
export interface Step {
  readonly channel: ChannelName | 'desk';
  readonly what: string;
  readonly began: number;
  met?: number;
}

export interface LoadOptions {
  readonly nets: readonly Net[];
  readonly desk: TelegramNet;
  readonly watch: Watch;
  readonly seed: number;
  /** Milliseconds between one person's beginning and the next one's. */
  readonly every: number;
  /** Tickets whose customer and operator talk all the time. */
  readonly relays: number;
  /** Milliseconds between their exchanges. */
  readonly relayEvery: number;
}

export interface Load {
  readonly takers: readonly Taker[];
  readonly steps: readonly Step[];
  /** Nobody begins any more; resolves when everybody is done or has given up. */
  end(): Promise<void>;
}

const RELAY_IDS = 9_000;
const MOST = 2_000;

export function startLoad(options: LoadOptions): Load {
  const { nets, desk, watch, seed } = options;
  const operators = createOperators(desk.tg, desk.forum, watch);
  const takers: Taker[] = [];
  const steps: Step[] = [];
  const under: Promise<void>[] = [];
  let over = false;

  async function timed<T>(channel: Step['channel'], what: string, act: () => Promise<T>): Promise<T> {
    const step: Step = { channel, what, began: Date.now() };
    steps.push(step);
    const value = await act();
    step.met = Date.now();
    return value;
  }

  /** The same face; what was asked and what it led to are one step. */
  function timedFace(face: Face, channel: ChannelName): Face {
    let step: Step | undefined;
    const asking = (what: string, act: () => Promise<void>): Promise<void> => {
      step = { channel, what, began: Date.now() };
      steps.push(step);
      return act();
    };
    return {
      ...face,
      begin: (flow) => asking(`begin ${flow}`, () => face.begin(flow)),
      say: (text) => asking('say', () => face.say(text)),
      press: (label, on) => asking('press', () => face.press(label, on)),
      async until(look, what) {
        const mine = step;
        const value = await face.until(look, what);
        if (mine) mine.met ??= Date.now();
        return value;
      },
    };
  }

  function come(plan: Plan): Taker {
    const net = nets.find(({ name }) => name === plan.channel) ?? desk;
    const face = net.face({ name: plan.name, locale: 'en' }, seededRandom(seed + plan.id));
    const taker: Taker = { plan, net, face, finished: false };
    takers.push(taker);
    return taker;
  }

  async function survey(plan: Plan): Promise<void> {
    const taker = come(plan);
    try {
      await play(timedFace(taker.face, plan.channel), plan);
      taker.finished = true;
    } catch (error) {
      taker.stuck = error instanceof Error ? error.message : String(error);
    }
  }

  async function relay(index: number): Promise<void> {
    const id = RELAY_IDS + index;
    const replies: string[] = [];
    const talk: Question = { does: 'operator', question: `question of ${tokenOf(id)}`, replies };
    const channel = nets[index % nets.length]?.name ?? 'telegram';
    const name = `Nomen${id}canary`;
    const taker = come({ id, channel, token: tokenOf(id), name, doublePress: false, talk, desk: 'answer' });
    const { face, plan } = taker;
    try {
      const told = await play(timedFace(face, channel), plan);
      taker.finished = true;
      if (told === undefined) return;
      taker.told = told;
      const { work, tell, notice } = await operators.take(plan, told);
      taker.work = work;
      await pause((options.relayEvery * index) / options.relays);
      for (let round = 1; !over; round += 1) {
        const word = `word ${round} for ${plan.token} from the desk`;
        // In a topic that was deleted nobody can write; the customer's next words bring another.
        if (!desk.forum.topic(work.thread).deleted) await timed(channel, 'word', () => tell(face, word));
        const reply = `reply ${round} of ${plan.token} to the desk`;
        replies.push(reply);
        await timed('desk', 'reply', async () => {
          await face.say(reply);
          await notice(`👤 ${reply}`);
        });
        for (const until = Date.now() + options.relayEvery; !over && Date.now() < until; ) await pause(100);
      }
    } catch (error) {
      taker.stuck = error instanceof Error ? error.message : String(error);
    }
  }

  const names = nets.map(({ name }) => name);
  const surveys = plansOf(MOST, seed, names).flatMap((plan): Plan[] =>
    plan.talk.does === 'rating'
      ? [{ ...plan, desk: 'nothing', doublePress: false, talk: { ...plan.talk, mayContact: false } }]
      : [],
  );
  for (let index = 0; index < options.relays; index += 1) under.push(relay(index));
  const coming = (async () => {
    for (const plan of surveys) {
      if (over) return;
      under.push(survey(plan));
      await pause(options.every);
    }
  })();
  return {
    takers,
    steps,
    async end() {
      over = true;
      await coming;
      await Promise.all(under);
    },
  };
}
