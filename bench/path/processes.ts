// Processes of the bench: started with what they need, ready when they say so, their CPU read from the system.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const READY_WITHIN = 60_000;

export interface Process {
  readonly pid: number;
  /** The line by which it said that it is ready. */
  readonly said: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function startProcess(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: (line: string) => Readonly<Record<string, unknown>> | undefined,
): Promise<Process> {
  const [program = process.execPath, ...args] = command;
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const said = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new Error(`${command.join(' ')} ${why}:\n${output.slice(-2_000)}`));
    const patience = setTimeout(fail, READY_WITHIN, 'was not ready in time');
    const hear = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
      for (const line of output.split('\n')) {
        const found = ready(line);
        if (!found) continue;
        clearTimeout(patience);
        resolve(found);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => fail('ended at once'));
  });
  return { pid: child.pid ?? 0, said, stop: () => ended(child) };
}

/** One that says so in a line of JSON. */
export const readyLine = (line: string): Readonly<Record<string, unknown>> | undefined =>
  line.startsWith('{"msg":"ready"') ? (JSON.parse(line) as Readonly<Record<string, unknown>>) : undefined;

/** Asked to stop, and made to after ten seconds. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(kill);
}

/** Milliseconds of CPU used so far; a tick is a hundredth of a second on every Linux that Node runs on. */
export function cpuOf(pids: readonly number[]): number {
  let sum = 0;
  for (const pid of pids) {
    const stat = `/proc/${pid}/stat`;
    if (!existsSync(stat)) continue;
    const fields = readFileSync(stat, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    sum += (Number(fields[11]) + Number(fields[12])) * 10;
  }
  return sum;
}

/** Megabytes (10⁶ bytes) resident at the most so far. */
export function peakOf(pids: readonly number[]): number {
  let sum = 0;
  for (const pid of pids) {
    const text = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
    sum += (Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024) / 1e6;
  }
  return sum;
}
