// Changes of a known good update, each small and by itself, so that a failing case can be cut down to those that matter.
// It knows the tree and nothing of what it means.
import { HOSTILE, HOSTILE_HEAVY, HOSTILE_KEYS } from './hostile-values.ts';
import type { Random } from './random.ts';

export type Path = readonly (string | number)[];

export type Change =
  | { readonly do: 'remove'; readonly at: Path }
  | { readonly do: 'set'; readonly at: Path; readonly to: string }
  | { readonly do: 'add'; readonly at: Path; readonly key: string; readonly to: string }
  | { readonly do: 'wrap'; readonly at: Path; readonly as: 'list' | 'object' }
  | { readonly do: 'copy' | 'swap'; readonly at: Path; readonly from: Path }
  | { readonly do: 'repeat'; readonly at: Path; readonly times: number }
  | { readonly do: 'text'; readonly at: Path }
  /** Of the whole, as bytes. */
  | { readonly do: 'cut'; readonly share: number }
  | { readonly do: 'junk'; readonly share: number; readonly bytes: string }
  | { readonly do: 'twice'; readonly key: string };

/** Stands in the tree for JSON that is written in as it is. */
const RAW = '\u0001raw:';
const RAW_PLACE = /"\\u0001raw:(\d+)"/g;

/** Every place in the tree but its root. */
export function pathsOf(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...above, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsOf(inner, path)];
  });
}

/** `paths`: of the update as it was. */
export function changesFor(random: Random, paths: readonly Path[]): Change[] {
  const count = random.once(3) ? 2 + random.below(4) : 1;
  return Array.from({ length: count }, () => changeFor(random, paths));
}

function changeFor(random: Random, paths: readonly Path[]): Change {
  const at = random.pick(paths);
  const to = (): string => random.pick(random.once(1_500) ? HOSTILE_HEAVY : HOSTILE);
  switch (random.below(16)) {
    case 0:
    case 1:
      return { do: 'remove', at };
    case 2:
      return { do: 'add', at: at.slice(0, -1), key: random.pick(HOSTILE_KEYS), to: to() };
    case 3:
      return { do: 'wrap', at, as: random.once(2) ? 'list' : 'object' };
    case 4:
      return { do: 'copy', at, from: random.pick(paths) };
    case 5:
      return { do: 'swap', at, from: random.pick(paths) };
    case 6:
      return random.once(4) ? { do: 'repeat', at, times: random.pick([2, 11, 300]) } : { do: 'text', at };
    case 7:
      if (random.once(3)) return { do: 'cut', share: random.below(1_000) / 1_000 };
      return random.once(2)
        ? {
            do: 'junk',
            share: random.below(1_000) / 1_000,
            bytes: random.pick(['00', 'ff', '2c', '7d', 'eda080', '5c75', '0a']),
          }
        : { do: 'twice', key: String(at.at(-1)) };
    default:
      return { do: 'set', at, to: to() };
  }
}

/** The update, given as JSON, as it would be posted. */
export function applied(base: string, changes: readonly Change[]): Buffer {
  const raws: string[] = [];
  const root = { '': JSON.parse(base) as unknown };
  for (const change of changes) if ('at' in change) applyTo(root, change, raws);
  let text = JSON.stringify(root['']) ?? 'null';
  if (raws.length > 0) text = text.replace(RAW_PLACE, (_, index: string) => raws[Number(index)] ?? 'null');
  let bytes = Buffer.from(text);
  for (const change of changes) {
    if (change.do === 'cut') bytes = bytes.subarray(0, Math.floor(change.share * bytes.length));
    else if (change.do === 'junk') {
      const place = Math.floor(change.share * bytes.length);
      bytes = Buffer.concat([
        bytes.subarray(0, place),
        Buffer.from(change.bytes, 'hex'),
        bytes.subarray(place),
      ]);
    } else if (change.do === 'twice') {
      bytes = Buffer.from(bytes.toString('utf8').replace('{', `{${JSON.stringify(change.key)}:{"x":[1]},`));
    }
  }
  return bytes;
}

type Tree = Record<string | number, unknown>;

function applyTo(root: Tree, change: Extract<Change, { at: Path }>, raws: string[]): void {
  const holder =
    change.do === 'add' ? inside(root, ['', ...change.at]) : inside(root, ['', ...change.at].slice(0, -1));
  if (holder === undefined) return;
  const key = change.at.at(-1) ?? '';
  const raw = (json: string): string => `${RAW}${raws.push(json) - 1}`;
  const put = (name: string | number, value: unknown): void => {
    // A list has places and a length, and nothing else of its own.
    if (Array.isArray(holder)) {
      if (typeof name === 'number') holder[name] = value;
    } else
      Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
  };
  switch (change.do) {
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 'set':
      return put(key, raw(change.to));
    case 'add':
      return Array.isArray(holder) ? void holder.push(raw(change.to)) : put(change.key, raw(change.to));
    case 'wrap':
      return put(key, change.as === 'list' ? [holder[key]] : { value: holder[key] });
    case 'text': {
      const value = holder[key];
      return put(key, typeof value === 'string' ? Number.parseInt(value, 10) || 0 : JSON.stringify(value));
    }
    case 'repeat': {
      const value = holder[key];
      if (Array.isArray(value))
        return put(
          key,
          Array.from({ length: change.times }, () => value[0]),
        );
      return typeof value === 'string' ? put(key, value.repeat(change.times)) : undefined;
    }
    case 'copy':
    case 'swap': {
      const other = inside(root, ['', ...change.from].slice(0, -1));
      const name = change.from.at(-1) ?? '';
      if (other === undefined || isWithin(change.at, change.from) || isWithin(change.from, change.at)) return;
      const [here, there] = [holder[key], other[name]];
      if (there === undefined) return;
      put(key, typeof there === 'object' ? JSON.parse(JSON.stringify(there)) : there);
      if (change.do === 'swap' && here !== undefined) other[name] = here;
    }
  }
}

const isWithin = (inner: Path, outer: Path): boolean => outer.every((part, index) => inner[index] === part);

function inside(root: Tree, path: Path): Tree | undefined {
  let value: unknown = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Tree)[part];
  }
  return typeof value === 'object' && value !== null ? (value as Tree) : undefined;
}
