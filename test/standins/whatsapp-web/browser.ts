// The browser behind a connection, found by the connection's port in /proc, so that it can be hurt as the real world
// hurts it: a page that crashes, a browser that is killed. Linux only; knows nothing of who started it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
};

const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

function parentOf(pid: number): number {
  // The name in brackets may hold anything.
  const fields = read(`/proc/${pid}/stat`).replace(/^.*\)/s, '').trim().split(' ');
  return fields[0] === 'Z' ? 0 : Number(fields[1] ?? 0);
}

function holderOf(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = read('/proc/net/tcp')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(`:${hex}`) === true);
  const wanted = `socket:[${line?.[9]}]`;
  return processes().find((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === wanted);
    } catch {
      return false;
    }
  });
}

export interface BrowserProcesses {
  readonly root: number;
  readonly renderers: readonly number[];
  readonly all: readonly number[];
}

/** Undefined when nobody holds that port any more. */
export function browserAt(port: number): BrowserProcesses | undefined {
  let root = holderOf(port);
  if (root === undefined) return undefined;
  while (commandOf(root).includes('--type=')) {
    const parent = parentOf(root);
    if (parent <= 1) break;
    root = parent;
  }
  const all = [root];
  const parents = processes().map((pid) => ({ pid, parent: parentOf(pid) }));
  for (const above of all) {
    for (const { pid, parent } of parents) if (parent === above) all.push(pid);
  }
  return { root, all, renderers: all.filter((pid) => commandOf(pid).includes('--type=renderer')) };
}
