// When the program is killed: at any moment, while it starts, and just where it hurts: when a call has reached the
// network but not come back, when it came back but was not yet written down, when an event was just said to be taken,
// when an operator's word is on its way.
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../standins/telegram/random.ts';
import type { Call, ChannelName, Net } from './net.ts';
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
  /** How long a particular moment is waited for before any moment will do. */
  readonly patience: number;
  /** Milliseconds for which the program may live undisturbed, at the most, before the next moment is looked for. */
  readonly apart?: number;
  /** Called after each kill. */
  readonly struck?: () => void;
  /** Everybody has done what they came for: no kill would show anything more. */
  readonly over: () => boolean;
}

/** What an operator says to a customer: the one thing that may never be said again by itself. */
const WORD = /"Desk\w+:\\n/;
/** How long it is waited for that the program can be reached by every network. */
const UP_WITHIN = 30_000;

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
    options.struck?.();
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
  const { random, program, apart = 0 } = options;
  // Something must be under way that the kill can interrupt.
  await pause(50 + random() * 250 + (apart > 0 ? random() * apart : 0));
  if (kind === 'any') {
    await pause(random() * 700);
    return { kind };
  }
  await untilUp(options);
  const nth = 1 + Math.floor(random() * 3);
  const late = random() < 0.5 || kind === 'reached' || kind === 'word' ? 0 : random() * 6;
  const strike = (): void => {
    if (late === 0) program.kill();
    else setTimeout(() => program.kill(), late);
  };
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const among = (nets: readonly Net[], wanted: (net: Net) => Wanted): Promise<Struck | undefined> =>
    within(options.patience, (found) => {
      const stops = nets.map((net) =>
        strikeAt(net, wanted(net), strike, (hit) => setTimeout(found, late, hit)),
      );
      return () => {
        for (const stop of stops) stop();
      };
    });
  const told = (hit: Struck | undefined, as: KillKind = kind): Omit<Kill, 'at'> =>
    hit ? { kind: as, ...hit } : { kind: 'any' };
  const teller = kind === 'taken' ? pick(options.nets.filter(isToldOf)) : undefined;
  if (teller) {
    const { receptions: records } = teller;
    return told(await among([teller], () => ({ records, fits: () => true, nth, when: 'answered' })));
  }
  if (kind === 'word') {
    const fits = ({ params }: Call): boolean => WORD.test(JSON.stringify(params));
    return told(
      await among(options.nets, ({ requests }) => ({ records: requests, fits, nth: 1, when: 'reached' })),
    );
  }
  const when = kind === 'reached' ? kind : 'answered';
  const net = pick(options.nets.filter(({ methods }) => methods.length > 0));
  const method = net && pick(net.methods);
  if (net) {
    const records = method === net.receives ? net.receptions : net.requests;
    const hit = await among([net], () => ({ records, fits: (call) => call.method === method, nth, when }));
    if (hit) return told(hit, when);
  }
  // What was wished for may not be about to happen; something else that hurts is.
  return told(
    await among(options.nets, ({ requests: records, methods }) => ({
      ...{ records, nth: 1, when },
      fits: (call) => methods.includes(call.method),
    })),
    when,
  );
}

/** Until then a kill could interrupt nothing of that network's; those at any moment do not wait for it. */
async function untilUp({ nets, over }: KillerOptions): Promise<void> {
  for (const { up } of nets)
    for (const until = Date.now() + UP_WITHIN; up && Date.now() < until && !over(); await pause(100))
      if (await up()) break;
}

/** The program is told to its face that it has been heard: nothing polls here. */
const isToldOf = ({ methods, receives }: Net): boolean =>
  receives !== undefined && !methods.includes(receives);

/** The nth call from now on that fits, when it has come or when it was answered. */
interface Wanted {
  readonly records: readonly Call[];
  readonly fits: (call: Call) => boolean;
  readonly nth: number;
  readonly when: 'reached' | 'answered';
}

interface Struck {
  readonly net: ChannelName;
  readonly method: string;
}

function strikeAt(net: Net, wanted: Wanted, strike: () => void, done: (struck: Struck) => void): () => void {
  const { records, fits, nth, when } = wanted;
  const from = records.length;
  let struck = false;
  return net.listen(() => {
    if (struck) return;
    const one = records.slice(from).filter(fits)[nth - 1];
    if (one === undefined || (when === 'answered' && !one.answered)) return;
    struck = true;
    strike();
    done({ net: net.name, method: one.method });
  });
}

/** What was struck; nothing when patience ended first. */
function within(
  patience: number,
  listen: (found: (struck: Struck) => void) => () => void,
): Promise<Struck | undefined> {
  return new Promise((done) => {
    const finish = (struck: Struck | undefined): void => {
      clearTimeout(timer);
      stop();
      done(struck);
    };
    const timer = setTimeout(finish, patience, undefined);
    const stop = listen(finish);
  });
}
