// The simulator as a part of every check: known seeds again, then fresh ones up to a bound. More by hand: see run.ts.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url));
const EVENTS = process.env.SIM_EVENTS ?? '400000';
/** On cores that many share. */
const LONGEST = 600_000;

/** In a process of its own: it puts virtual time in the place of the machine's. */
function run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; said: string }>();
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  child.on('close', (code) => resolve({ code, said }));
  return promise;
}

test(
  'no invariant breaks under faults, every fault point fires, and a seed leaves one trace',
  async () => {
    const { code, said } = await run('--known', '--seed', '1', '--events', EVENTS, '--workers', '2');
    process.stdout.write(said);
    expect(said).toMatch(/ [1-9]\d* runs repeated alike/);
    expect(code, said).toBe(0);
  },
  LONGEST,
);
