// Many runs in one process, one after another, each in a world of its own. Started by run.ts, once for each worker.
import { parentPort, workerData } from 'node:worker_threads';
import { installGlobals } from './globals.ts';
import { loadProgram } from './program.ts';
import { type Outcome, type RunOptions, runSeed } from './sim.ts';

/** What a worker is asked: runs, one message each. */
export type Task = RunOptions;
/** What it tells: an outcome as plain data, and the processor's time it took. */
export interface Told {
  readonly seed: number;
  readonly events: number;
  readonly trace: number;
  readonly people: number;
  readonly findings: Outcome['findings'];
  readonly points: readonly (readonly [string, number])[];
  readonly counts: readonly (readonly [string, number])[];
  readonly weather: Outcome['weather'];
  readonly numbers: Outcome['numbers'];
  readonly lasted: number;
  /** Milliseconds of the processor. */
  readonly took: number;
}

export type Player = (options: RunOptions) => Promise<Told>;

export async function createPlayer(root: string): Promise<Player> {
  // Errors by the thousand are part of a run, and nobody reads where they came from.
  if (process.env.SIM_LOG === undefined) Error.stackTraceLimit = 0;
  const program = await loadProgram(root);
  const enter = installGlobals();
  return async (options) => {
    const before = process.threadCpuUsage();
    const { points, counts, ...rest } = await runSeed(program, enter, options);
    const { user, system } = process.threadCpuUsage(before);
    return { ...rest, points: [...points], counts: [...counts], took: (user + system) / 1_000 };
  };
}

if (parentPort) {
  const port = parentPort;
  const play = await createPlayer((workerData as { readonly root: string }).root);
  port.on('message', (task: Task) => {
    void play(task).then((told) => port.postMessage(told));
  });
  port.postMessage('ready');
}
