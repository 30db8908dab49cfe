// Loaded into the program under test before its own code: its clock and its timers run faster than the wall's, so that
// its pauses, limits and sweeps happen within a short run. It changes nothing else, and the program knows nothing of it.
import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';

const speed = Number(process.env.FAULTS_SPEED ?? 1);
/** The same in every process of a run, so that a restart never sets the clock back. */
const origin = Number(process.env.FAULTS_ORIGIN ?? Date.now());

const realNow = Date.now;
const fastNow = (): number => Math.floor(origin + (realNow() - origin) * speed);

/** The same Date in everything but what time it is. */
const FastDate = new Proxy(Date, {
  construct: (real, given, self) => Reflect.construct(real, given.length === 0 ? [fastNow()] : given, self),
  get: (real, name) => (name === 'now' ? fastNow : Reflect.get(real, name)),
});

const monotonic = performance.now.bind(performance);
performance.now = () => monotonic() * speed;
const { setTimeout: timeout, setInterval: interval } = globalThis;
const { setTimeout: pause } = promises;
const shorter = (ms: number | undefined): number | undefined => (ms === undefined ? ms : ms / speed);

globalThis.Date = FastDate;
globalThis.setTimeout = Object.assign(
  (task: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
    timeout(task, shorter(ms), ...args),
  timeout,
) as typeof setTimeout;
globalThis.setInterval = ((task: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
  interval(task, shorter(ms), ...args)) as typeof setInterval;
promises.setTimeout = ((ms?: number, ...rest: [unknown?, object?]) =>
  pause(shorter(ms), ...rest)) as typeof pause;
syncBuiltinESMExports();
