// Projections of find and findAndModify: fields kept or fields left out, never computed ones.
import { notServed, StoreFault } from './fault.ts';
import { type Doc, isDoc, isNumber, toNumber } from './value.ts';

type Tree = Map<string, Tree | true>;

export function compileProjection(spec: unknown): ((doc: Doc) => Doc) | undefined {
  if (spec === undefined || (isDoc(spec) && Object.keys(spec).length === 0)) return undefined;
  if (!isDoc(spec)) throw new StoreFault('TypeMismatch', 'a projection must be an object');
  const flags = new Map<string, boolean>();
  flatten(spec, '', flags);
  const id = flags.get('_id');
  flags.delete('_id');
  const including = flags.size > 0 ? [...flags.values()][0]! : id === true;
  const tree: Tree = new Map();
  for (const [path, flag] of flags) {
    if (flag !== including)
      throw including
        ? new StoreFault('Location31254', `Cannot do exclusion on field ${path} in inclusion projection`)
        : new StoreFault('Location31253', `Cannot do inclusion on field ${path} in exclusion projection`);
    plant(tree, path.split('.'), path);
  }
  if ((including ? id !== false : id === false) && !tree.has('_id')) tree.set('_id', true);
  return (doc) => (including ? keep(doc, tree) : omit(doc, tree)) as Doc;
}

function flatten(spec: Doc, prefix: string, flags: Map<string, boolean>): void {
  for (const [name, value] of Object.entries(spec)) {
    const path = prefix + name;
    if (name === '' || /(^|\.)\$/.test(path) || path.split('.').includes('__proto__'))
      throw notServed(`the projection '${path}'`);
    if (isDoc(value)) flatten(value, `${path}.`, flags);
    else if (typeof value === 'boolean' || isNumber(value))
      flags.set(path, value === true || !!toNumber(value));
    else throw notServed(`computed values in a projection ('${path}')`);
  }
}

function plant(tree: Tree, parts: readonly string[], path: string): void {
  const [part, ...rest] = parts as [string, ...string[]];
  const there = tree.get(part);
  if (there === true || (there && rest.length === 0))
    throw new StoreFault('Location31249', `Path collision at ${path}`);
  if (rest.length === 0) tree.set(part, true);
  else {
    const below = there ?? new Map();
    tree.set(part, below);
    plant(below, rest, path);
  }
}

const GONE = Symbol('gone');

function keep(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value))
    return value.map((element) => keep(element, tree)).filter((element) => element !== GONE);
  if (!isDoc(value)) return GONE;
  const out: Doc = {};
  for (const [name, field] of Object.entries(value)) {
    const below = tree.get(name);
    const kept = below === true ? field : below ? keep(field, below) : GONE;
    if (kept !== GONE) out[name] = kept;
  }
  return out;
}

function omit(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((element) => omit(element, tree));
  if (!isDoc(value)) return value;
  const out: Doc = {};
  for (const [name, field] of Object.entries(value)) {
    const below = tree.get(name);
    if (below !== true) out[name] = below ? omit(field, below) : field;
  }
  return out;
}
