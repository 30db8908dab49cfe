// When the program is killed: at any moment, while it starts, and just where it hurts: when a call has reached the
// network but not come back, when it came back but was not yet written down, when an event was just said to be taken,
// when an operator's word is on its way.
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../standins/telegram/random.ts';
import type { ChannelName, Net } from './net.ts';
import type { Program } from './program.ts';

export type KillKind = 'any' | 'starting' | 'reached' | 'answered' | 'taken' | 'word';

export interface Kill {
  readonly kind: KillKind;
  readonly net?: ChannelName;
  readonly method?: string;
  readonly at: number;
}

export interface KillerOptions {
  readonly program: Program;
  readonly nets: readonly Net[];
  readonly random: Random;
  readonly count: number;
  /** Everybody has done what they came for: no kill would show anything more. */
  readonly over: () => boolean;
}

/** What an operator says to a customer: the one thing that may never be said again by itself. */
const WORD = /"Desk\w+:\\n/;
/** How long a particular moment is waited for before any moment will do. */
const PATIENCE = 2_000;

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
async function moment(
  options: KillerOptions,
  kind: Exclude<KillKind, 'starting'>,
): Promise<Omit<Kill, 'at'>> {
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
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const soon = (resolve: () => void) => (): void => void setTimeout(resolve, late);
  if (kind === 'taken') {
    const net = pick(options.nets.filter(isToldOf));
    const hit =
      net &&
      (await within((resolve) => afterNext(net, net.receives, nth, 'answered', strike, soon(resolve))));
    return hit ? { kind, net: net.name } : { kind: 'any' };
  }
  if (kind === 'word') {
    const hit = await within((resolve) => {
      const stops = options.nets.map((net) =>
        afterNext(net, undefined, 1, 'reached', () => program.kill(), resolve),
      );
      return () => {
        for (const stop of stops) stop();
      };
    });
    return { kind: hit ? kind : 'any' };
  }
  const net = pick(options.nets.filter(({ methods }) => methods.length > 0));
  const method = net && pick(net.methods);
  if (net === undefined || method === undefined) return { kind: 'any' };
  const now = kind === 'reached' ? (): void => program.kill() : strike;
  const hit = await within((resolve) => afterNext(net, method, nth, kind, now, soon(resolve)));
  return hit ? { kind, net: net.name, method } : { kind: 'any' };
}

/** The program is told to its face that it has been heard: nothing polls here. */
const isToldOf = ({ methods, receives }: Net): boolean => !methods.includes(receives);

/** Strikes at the nth call of the method from now on; without a method at the nth that carries an operator's word. */
function afterNext(
  net: Net,
  method: string | undefined,
  nth: number,
  when: 'reached' | 'answered',
  strike: () => void,
  done: () => void,
): () => void {
  const records = method === net.receives ? net.receptions : net.requests;
  const from = records.length;
  let struck = false;
  return net.listen(() => {
    if (struck) return;
    const fitting = records
      .slice(from)
      .filter((one) =>
        method === undefined ? WORD.test(JSON.stringify(one.params)) : one.method === method,
      );
    const one = fitting[nth - 1];
    if (one === undefined || (when === 'answered' && !one.answered)) return;
    struck = true;
    strike();
    done();
  });
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
