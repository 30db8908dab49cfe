// Hostile input at the size of every run of the tests: in a process of its own, so that nothing of a test's own machinery
// catches what the program would not. FUZZ_SEED draws other cases.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const RUN = join(import.meta.dirname, 'run.ts');
/** About a minute of one core; ten times as much by hand, see run.ts. */
const SIZES = ['--updates', '200000', '--flows', '60000', '--whole', '600'];

test('nothing that networks or authors could send brings anything down', { timeout: 900_000 }, async () => {
  const args = [RUN, ...SIZES, '--seed', process.env.FUZZ_SEED ?? '1'];
  const ended = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }).catch(
    (failed: { stdout: string; stderr: string; code: number }) => failed,
  );
  const code = 'code' in ended ? ended.code : 0;
  process.stdout.write(`${ended.stdout}\n`);
  expect({ code, stderr: code === 0 ? '' : ended.stderr, stdout: code === 0 ? '' : ended.stdout }).toEqual({
    code: 0,
    stderr: '',
    stdout: '',
  });
});
