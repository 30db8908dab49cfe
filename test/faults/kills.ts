// When the program is killed: at any moment, while it starts, and just where it hurts: when a call has reached the
// network but not come back, when it came back but was not yet written down, when an event was just said to be taken,
// when an operator's word is on its way.
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../standins/telegram/random.ts';
import type { TelegramStandIn } from '../standins/telegram/telegram.ts';
import type { Program } from './program.ts';

export type KillKind = 'any' | 'starting' | 'reached' | 'answered' | 'taken' | 'word';

export interface Kill {
  readonly kind: KillKind;
  readonly method?: string;
  readonly at: number;
}

export interface KillerOptions {
  readonly program: Program;
  readonly tg: TelegramStandIn;
  readonly random: Random;
  readonly count: number;
  /** Everybody has done what they came for: no kill would show anything more. */
  readonly over: () => boolean;
  /** Calls back when the web told somebody that their event was taken. */
  readonly onTaken: (listener: () => void) => () => void;
}

const METHODS = [
  'sendMessage',
  'sendMessage',
  'sendMessage',
  'editMessageText',
  'createForumTopic',
  'sendPhoto',
  'sendMediaGroup',
  'editForumTopic',
  'answerCallbackQuery',
  'getUpdates',
] as const;
/** What an operator says to a customer: the one thing that may never be said again by itself. */
const WORD = /^Desk\w+:\n/;
/** How long a particular moment is waited for before any moment will do. */
const PATIENCE = 1_200;

export async function killAgainAndAgain(options: KillerOptions): Promise<readonly Kill[]> {
  const { program, random } = options;
  const done: Kill[] = [];
  while (done.length < options.count && !options.over()) {
    const kind = kindOf(random());
    if (kind === 'starting') {
      await pause(random() * 1_500);
      if (options.over()) break;
      program.kill();
      done.push({ kind: program.ready ? 'any' : 'starting', at: Date.now() });
    } else {
      await program.untilReady();
      const kill = await moment(options, kind);
      if (options.over()) break;
      program.kill();
      done.push({ ...kill, at: Date.now() });
    }
    await program.ended();
    program.start();
  }
  return done;
}

function kindOf(draw: number): KillKind {
  if (draw < 0.2) return 'any';
  if (draw < 0.27) return 'starting';
  if (draw < 0.5) return 'reached';
  if (draw < 0.66) return 'answered';
  return draw < 0.84 ? 'taken' : 'word';
}

/** Kills at the moment wished for; resolves right after. */
async function moment(options: KillerOptions, kind: KillKind): Promise<Omit<Kill, 'at'>> {
  const { random, program } = options;
  // Something must be under way that the kill can interrupt.
  await pause(50 + random() * 250);
  if (kind === 'any') {
    await pause(random() * 700);
    return { kind };
  }
  const nth = 1 + Math.floor(random() * 3);
  const late = random() < 0.5 ? 0 : random() * 6;
  const strike = (): void => {
    if (late === 0) program.kill();
    else setTimeout(() => program.kill(), late);
  };
  if (kind === 'taken') {
    const hit = await within((resolve) => {
      let left = nth;
      return options.onTaken(() => {
        left -= 1;
        if (left > 0) return;
        strike();
        setTimeout(resolve, late);
      });
    });
    return { kind: hit ? kind : 'any' };
  }
  const method = kind === 'word' ? 'sendMessage' : (METHODS[Math.floor(random() * METHODS.length)] as string);
  const records = method === 'getUpdates' ? options.tg.polls : options.tg.requests;
  const from = records.length;
  const hit = await within((resolve) => {
    let struck = false;
    return options.tg.listen(() => {
      if (struck) return;
      const fitting = records
        .slice(from)
        .filter((one) => one.method === method && (kind !== 'word' || WORD.test(String(one.params.text))));
      const one = fitting[kind === 'word' ? 0 : nth - 1];
      if (one === undefined || (kind === 'answered' && !one.answered)) return;
      struck = true;
      if (kind === 'reached' || kind === 'word') program.kill();
      else strike();
      setTimeout(resolve, late);
    });
  });
  return hit ? { kind, method } : { kind: 'any' };
}

/** True when it happened; false when patience ended first. */
function within(listen: (resolve: () => void) => () => void): Promise<boolean> {
  return new Promise((done) => {
    const finish = (hit: boolean): void => {
      clearTimeout(timer);
      stop();
      done(hit);
    };
    const timer = setTimeout(() => finish(false), PATIENCE);
    const stop = listen(() => finish(true));
  });
}
