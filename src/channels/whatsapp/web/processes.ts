// The processes of one browser as the system sees them: how much memory they take, and their end. Reads /proc where
// there is one, else asks ps; sends signals to those it was asked about and to nobody else.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Arguments, parted by NUL where the system tells them apart. */
  readonly command: string;
}

/** A process with all that it started, and all that those started. */
export async function treeOf(pid: number): Promise<readonly number[]> {
  const all = await processes();
  const tree = [pid];
  for (const one of tree) tree.push(...all.filter(({ parent }) => parent === one).map((child) => child.pid));
  return tree;
}

/** Bytes of the whole tree; pages that several share are counted once where the system tells. */
export async function memoryOf(pid: number): Promise<number> {
  const sizes = await Promise.all((await treeOf(pid)).map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Ends the processes of such commands, with all below them; gives how many there were. */
export async function endAll(isOurs: (command: string) => boolean): Promise<number> {
  const marked = (await processes()).filter(({ pid, command }) => pid !== process.pid && isOurs(command));
  const trees = await Promise.all(marked.map(({ pid }) => treeOf(pid)));
  const doomed = [...new Set(trees.flat())];
  for (const pid of doomed) end(pid);
  return doomed.length;
}

export function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

async function sizeOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const shared = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  if (shared !== undefined) return Number(shared) * 1_024;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (resident !== undefined) return Number(resident) * 1_024;
  return process.platform === 'linux' ? 0 : Number(await ps(['-o', 'rss=', '-p', String(pid)])) * 1_024;
}

async function processes(): Promise<readonly Process[]> {
  if (process.platform !== 'linux') {
    const lines = (await ps(['-A', '-o', 'pid=,ppid=,command='])).split('\n');
    return lines.flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
    });
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, command] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      ]);
      // The name in brackets may hold anything; what follows the last bracket is fixed: state, parent.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return stat === '' ? [] : [{ pid: Number(pid), parent, command }];
    }),
  );
  return found.flat();
}

const ps = async (args: readonly string[]): Promise<string> =>
  (await promisify(execFile)('ps', [...args]).catch(() => ({ stdout: '' }))).stdout;
