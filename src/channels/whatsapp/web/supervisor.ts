// Keeps one process with WhatsApp Web alive: begins it, watches it, ends it, begins it anew. It knows the account's
// state and tells it; what comes and goes through the account is not its business.
import type { Settings } from '../../../store/store.ts';
import type { Health, LinkState } from '../../channel.ts';
import { beginLife, forget, type Life } from './life.ts';
import type { Ask, Asked, ChildSettings, Said } from './protocol.ts';
import { reasonOf } from './reasons.ts';
import type { SupervisorTimes } from './times.ts';
import { createWatch, type Watch } from './watch.ts';

export interface SupervisorDeps {
  /** Undefined: there is none on this machine. */
  readonly child: () => ChildSettings | undefined;
  /** Bytes. */
  readonly memory: number;
  readonly times: SupervisorTimes;
  readonly settings: Pick<Settings, 'get' | 'set'>;
  /** Resolves once no other process of ours holds the account; gives what ends that. */
  readonly alone: (
    signal: AbortSignal,
  ) => Promise<{ readonly lost: Promise<void>; release(): Promise<void> }>;
  /** What was said beyond the account's state. */
  readonly hear: (said: Said) => void;
  /** The account can be read and written to, anew or again. */
  readonly onReady: (account: string, name: string) => void;
  /** It was asked how it is, and answered. */
  readonly onBeat: () => void;
  readonly clock: () => number;
  readonly log: { warn(fields: object, words: string): void; info(fields: object, words: string): void };
}

export interface Supervisor {
  start(): Promise<void>;
  stop(): Promise<void>;
  state(): LinkState;
  health(now: number): Health;
  ask<A extends Ask>(ask: A, give: Asked[A]['give'], within: number): Promise<Asked[A]['take']>;
  /** Something came or went: it is not silent. */
  sign(): void;
  restart(why: string): Promise<void>;
  unlink(): Promise<void>;
  turn(on: boolean): Promise<void>;
}

const KEPT = 'whatsapp.link';
/** Failed starts in a row after which it is called broken. */
const MANY = 3;
/** Ready for so long, it is no failure that it ends one day. */
const STEADY = 10 * 60_000;
/** Health forgives what mends itself within this time. */
const GRACE = 60_000;
const UNLINKING = 20_000;

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { settings, clock, log, times } = deps;
  let state: LinkState = { is: 'starting', since: clock() };
  let life: Life | undefined;
  let watch: Watch | undefined;
  let running: Promise<void> | undefined;
  let ending = new AbortController();
  let failures = 0;
  let readyAt: number | undefined;
  let wasReady = false;
  let unlinking = false;
  let saved: Promise<unknown> = Promise.resolve();
  /** Cuts a pause short. */
  let wake: () => void = () => undefined;

  function set(is: LinkState['is'], more: Partial<Omit<LinkState, 'is' | 'since'>> = {}): void {
    const since = state.is === is ? state.since : clock();
    const isOurs = is !== 'linking' && is !== 'logged_out';
    const account = more.account ?? (isOurs ? state.account : undefined);
    state = { ...more, is, since, ...(account === undefined ? {} : { account }) };
    const { qr: _, code: __, ...lasting } = state;
    saved = saved
      .then(() => settings.set(KEPT, JSON.stringify(lasting)))
      .catch(() => log.warn({}, 'the state of the WhatsApp account could not be kept'));
  }

  function hear(said: Said): void {
    switch (said.on) {
      case 'qr': {
        const { is, code, reason } = state;
        watch?.linking();
        // Why the former link ended is worth knowing; why the browser had to be started anew is not any more.
        const why = reason !== undefined && (is === 'logged_out' || is === 'linking') ? { reason } : {};
        return set('linking', { qr: said.qr, ...(code ? { code } : {}), ...why });
      }
      case 'code':
        watch?.linking();
        return set('linking', { ...(state.qr ? { qr: state.qr } : {}), code: said.code });
      case 'authenticated':
        if (state.is === 'linking') set('starting', { reason: 'linked; the chats are being read' });
        return watch?.authenticated();
      case 'ready':
        readyAt ??= clock();
        wasReady = true;
        watch?.ready();
        set('ready', { account: said.account.replace(/[@:].*$/, '') });
        log.info({ version: said.version }, 'WhatsApp Web is ready');
        return deps.onReady(said.account, said.name);
      case 'state':
        watch?.sign();
        return connection(said.state);
      case 'gone':
        watch?.endFor(said.why);
        return;
      case 'broken':
        watch?.endFor(said.why);
        return;
      default:
        watch?.sign();
        return deps.hear(said);
    }
  }

  function connection(now: string): void {
    if (now === 'CONNECTED' && state.is === 'deaf') {
      set('ready');
      deps.onReady('', '');
    } else if (now !== 'CONNECTED' && state.is === 'ready') {
      set('deaf', { reason: `${reasonOf('no_connection')}; the phone or the network may be away` });
    }
    watch?.connected(now === 'CONNECTED');
  }

  /** One life from birth to end; gives why it ended. */
  async function live(signal: AbortSignal): Promise<string> {
    const child = deps.child();
    if (!child) return 'no_chromium';
    const mine = await beginLife(child, hear, (words) => log.warn({ words }, 'the browser complains'));
    life = mine;
    let why = 'ended';
    const own = createWatch(times, deps.memory, mine, {
      deaf: (reason) => state.is === 'ready' && set('deaf', { reason: reasonOf(reason) }),
      state: connection,
      beaten: () => state.is === 'ready' && deps.onBeat(),
    });
    watch = own;
    const abort = (): void => own.endFor('stopped');
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    const ended = await Promise.race([own.over, mine.over.then(() => undefined)]);
    if (ended !== undefined) {
      why = ended;
      // What broke by itself closes by itself; the rest is asked to.
      await mine.end(times.closing);
    }
    signal.removeEventListener('abort', abort);
    own.stop();
    watch = undefined;
    life = undefined;
    await mine.over;
    if (why === 'LOGOUT' && child) await forget(child.dir);
    return why;
  }

  async function run(signal: AbortSignal): Promise<void> {
    const lease = await deps.alone(signal);
    let isLost = false;
    void lease.lost.then(() => {
      isLost = true;
      watch?.endFor('lost');
    });
    try {
      while (!signal.aborted && !isLost) {
        if (state.is !== 'logged_out' && state.is !== 'broken')
          set('starting', state.reason ? { reason: state.reason } : {});
        const why = await live(signal).catch(() => 'not_opened');
        if (!signal.aborted && !isLost) await between(why, signal);
      }
    } finally {
      await lease.release();
    }
    // Another process of ours holds the account now; should it end, it is our turn again.
    if (!signal.aborted) await run(signal);
  }

  /** What follows a life, and the pause before the next. */
  async function between(why: string, signal: AbortSignal): Promise<void> {
    if (why === 'LOGOUT') {
      log.warn({}, 'the phone has unlinked the WhatsApp account');
      wasReady = false;
      return set('logged_out', { reason: reasonOf(why) });
    }
    if (why === 'asked' || why === 'recycle' || why === 'stale_picture') {
      log.info({ why }, 'WhatsApp Web is started anew');
      return set('starting');
    }
    if (readyAt !== undefined && clock() - readyAt > STEADY) failures = 0;
    readyAt = undefined;
    failures++;
    const pause = Math.min(times.lastPause, times.firstPause * 2 ** (failures - 1));
    log.warn({ why, failures, pause }, 'WhatsApp Web ended; it is started anew');
    const isBroken = failures >= MANY || why === 'no_chromium';
    set(isBroken ? 'broken' : 'starting', { reason: reasonOf(why) });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, why === 'no_chromium' ? times.lastPause : pause);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  function begin(): void {
    ending = new AbortController();
    const { signal } = ending;
    running = run(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      log.warn(
        { error: error instanceof Error ? error.name : 'unknown' },
        'the WhatsApp account is not watched',
      );
      set('broken', { reason: 'the watch over WhatsApp Web failed; restart it' });
    });
  }

  async function halt(): Promise<void> {
    ending.abort();
    wake();
    await running;
    running = undefined;
  }

  return {
    async start() {
      const kept = await settings.get(KEPT);
      const before = kept === undefined ? undefined : (JSON.parse(kept) as LinkState);
      state = { is: 'starting', since: clock(), ...(before?.account ? { account: before.account } : {}) };
      if (before?.is === 'off') state = before;
      else begin();
    },
    async stop() {
      await halt();
      await saved;
    },
    state: () => state,
    sign: () => watch?.sign(),
    health(now) {
      const { is, since, reason } = state;
      if (is === 'ready' || is === 'off') return { ok: true };
      const brief = is === 'deaf' || (is === 'starting' && wasReady);
      if (brief && now - since < GRACE) return { ok: true };
      if (is === 'linking' || is === 'logged_out')
        return {
          ok: false,
          reason: 'no phone is linked with WhatsApp: open the console and scan the picture there',
        };
      return { ok: false, reason: reason ?? 'WhatsApp Web is starting' };
    },
    async ask(ask, give, within) {
      if (!life || unlinking) throw new Error('WhatsApp Web is not running');
      return await life.ask(ask, give, within);
    },
    async restart(why) {
      failures = 0;
      log.info({ why }, 'WhatsApp Web is to be started anew');
      watch?.endFor('asked');
      wake();
    },
    async unlink() {
      const dir = deps.child()?.dir;
      const off = state.is === 'off';
      unlinking = true;
      await life?.ask('unlink', {}, UNLINKING).catch(() => undefined);
      await halt();
      unlinking = false;
      if (dir !== undefined) await forget(dir);
      const { account: _, ...rest } = state;
      state = rest;
      failures = 0;
      if (off) return set('off');
      set('starting');
      begin();
    },
    async turn(on) {
      if (on === (state.is !== 'off')) return;
      if (on) {
        failures = 0;
        set('starting');
        begin();
        return;
      }
      set('off');
      await halt();
      set('off');
      await saved;
    },
  };
}
