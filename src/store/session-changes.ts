// What differs between two documents of one session, as an update: a commit then writes as much at the two hundredth
// answer as at the second. The document after it equals the newer one, the order of the answers included.
import { isDeepStrictEqual } from 'node:util';
import type { SessionDocument } from './session-document.ts';

export interface SessionChanges {
  readonly $set: Readonly<Record<string, unknown>>;
  readonly $unset?: Readonly<Record<string, ''>>;
}
type Fields = Readonly<Record<string, unknown>>;

export function changesOf(before: SessionDocument, after: SessionDocument): SessionChanges {
  const set: Record<string, unknown> = {};
  const unset: Record<string, ''> = {};

  const field = (path: string, old: unknown, next: unknown): void => {
    if (next === undefined) {
      if (old !== undefined) unset[path] = '';
    } else if (!same(old, next)) set[path] = next;
  };
  const fields = (path: string, old: Fields, next: Fields, apart: readonly string[]): void => {
    for (const name of Object.keys({ ...old, ...next }))
      if (!apart.includes(name)) field(path + name, old[name], next[name]);
  };
  const record = (path: string, old: Fields | undefined, next: Fields | undefined): void => {
    const steps = old && next && stepsBetween(old, next);
    if (!steps) field(path, old, next);
    else for (const name of steps) field(`${path}.${name}`, own(old, name), own(next, name));
  };

  const { r: oldRun, ...oldRest } = before;
  const { r: run, ...rest } = after;
  fields('', oldRest, rest, ['_id']);
  if (!oldRun || !run) field('r', oldRun, run);
  else {
    fields('r.', { ...oldRun }, { ...run }, ['f']);
    const alike = run.f.length === oldRun.f.length && run.f.every(({ f }, at) => f === oldRun.f[at]!.f);
    if (!alike) set['r.f'] = run.f;
    else {
      for (const [at, frame] of run.f.entries()) {
        const old = oldRun.f[at]!;
        fields(`r.f.${at}.`, { ...old }, { ...frame }, ['a', 'k']);
        record(`r.f.${at}.a`, old.a, frame.a);
        record(`r.f.${at}.k`, old.k, frame.k);
      }
    }
  }
  return { $set: set, ...(Object.keys(unset).length > 0 && { $unset: unset }) };
}

/** A name that can stand in a path, and that JavaScript does not put before the others. */
const PLAIN = /^[A-Za-z_][\w-]*$/;

/** The names to write one by one; nothing where the record must be written whole, or its order would be another. */
function stepsBetween(old: Fields, next: Fields): readonly string[] | undefined {
  const names = Object.keys(next);
  const stay = Object.keys(old).filter((name) => Object.hasOwn(next, name));
  // A new field is put behind the others; of several, the database puts the alphabet's first one first.
  if (names.length > stay.length + 1 || stay.some((name, at) => name !== names[at])) return undefined;
  const gone = Object.keys(old).filter((name) => !Object.hasOwn(next, name));
  const steps = [
    ...gone,
    ...names.filter((name) => !Object.hasOwn(old, name) || !same(own(old, name), own(next, name))),
  ];
  return steps.every((name) => PLAIN.test(name)) ? steps : undefined;
}

const own = (record: Fields, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;
const same = (one: unknown, other: unknown): boolean =>
  Object.is(one, other) || isDeepStrictEqual(one, other);
