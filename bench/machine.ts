// What the figures were taken on, and how steady it was: a fixed piece of work, timed again and again.
import { cpus } from 'node:os';
import { spreadOf } from './turns.ts';

/** Always the same: a little text, a little JSON, a little arithmetic. */
function piece(): number {
  let sum = 0;
  for (let n = 0; n < 8; n += 1) {
    const text = JSON.stringify({ n, word: 'отклик', list: [n, n + 1, n + 2] });
    const back = JSON.parse(text) as { list: number[] };
    for (const one of back.list) sum += one;
  }
  return sum;
}

/** Microseconds of wall clock for one piece: its quartiles over many tries. */
export function calibrate(tries = 200): string {
  let sum = 0;
  const times: number[] = [];
  for (let n = -50; n < tries; n += 1) {
    const start = performance.now();
    for (let k = 0; k < 20; k += 1) sum += piece();
    if (n >= 0) times.push(((performance.now() - start) / 20) * 1000);
  }
  if (sum === 0) throw new Error('the piece did nothing');
  const { low, median, high } = spreadOf(times);
  return `a fixed piece of work takes ${median.toFixed(1)} µs (half the tries within ${low.toFixed(1)}–${high.toFixed(1)}, all within ${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)})`;
}

export function machine(): string {
  const all = cpus();
  return `Node ${process.version}, ${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}, ${process.platform} ${process.arch}`;
}
