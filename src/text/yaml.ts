// Reads one YAML file into plain null-prototype data with the place of every value. Knows nothing of flows or languages.
// Hostile input is refused by a linear scan (yaml-guard.ts) before the parser sees it; nothing throws.
import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { Fault } from '../core/errors.ts';
import { guard } from './yaml-guard.ts';

export type YamlPath = readonly (string | number)[];

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface YamlTree {
  readonly file: string;
  /** Null-prototype objects, arrays and scalars. */
  readonly value: unknown;
  /** Where the value stands; of the nearest thing that holds it, when there is no such value. */
  at(path: YamlPath): Place;
  /** Where the key of that value stands. */
  keyAt(path: YamlPath): Place;
  /** Keys in the order of the file: JavaScript puts whole numbers first. */
  keys(path: YamlPath): readonly string[];
}

/** Names that mean something to JavaScript's own objects. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** More of them in the form of one file tell an author nothing new. */
const MOST_FAULTS = 100;

interface Entry {
  readonly key: number | undefined;
  readonly value: number;
  readonly keys?: readonly string[];
}

export interface YamlRead {
  readonly tree?: YamlTree;
  readonly faults: readonly Fault[];
}
export type ReadYaml = (file: string, source: string) => YamlRead;

/** Reads each file once, for readers that look at the same files one after the other. */
export function readYamlOnce(): ReadYaml {
  const read = new Map<string, { readonly source: string; readonly result: YamlRead }>();
  return (file, source) => {
    const before = read.get(file);
    if (before?.source === source) return before.result;
    const result = readYaml(file, source);
    read.set(file, { source, result });
    return result;
  };
}

export function readYaml(file: string, source: string): YamlRead {
  const refused = guard(file, source);
  if (refused) return { faults: [refused] };
  const lines = new LineCounter();
  const faults: Fault[] = [];
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const report = (offset: number, at: string, code: string, message: string, remedy: string): void => {
    if (faults.length < MOST_FAULTS) {
      faults.push({ file, ...place(offset), at, code, message, remedy, severity: 'error' });
    }
  };

  let contents: ParsedNode | null;
  try {
    const document = parseDocument(source, {
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: false,
      strict: true,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter: lines,
    });
    // One slip makes the parser stumble on and on in the same line: its first word on a line is the telling one.
    const told = new Set<number>();
    for (const error of [...document.errors, ...document.warnings]) {
      const { line } = place(error.pos[0]);
      if (told.has(line)) continue;
      told.add(line);
      const message = `This is not YAML: ${error.message.replace(/\.$/, '')}.`;
      report(error.pos[0], '', 'yaml_syntax', message, remedyFor(error.code));
    }
    contents = document.contents;
  } catch (error) {
    report(
      0,
      '',
      'yaml_syntax',
      `This is not YAML: ${error instanceof Error ? error.message : 'unreadable'}.`,
      CHECK,
    );
    return { faults };
  }
  if (faults.length > 0) return { faults };

  const entries = new Map<string, Entry>();
  const plain = (node: unknown, path: YamlPath, key: number | undefined): unknown => {
    const offset = rangeOf(node) ?? key ?? 0;
    if (isMap(node)) {
      const result: Record<string, unknown> = Object.create(null);
      const seen = new Map<string, number>();
      for (const pair of node.items) {
        const keyNode: unknown = pair.key;
        const keyOffset = rangeOf(keyNode) ?? offset;
        const name = keyName(keyNode);
        const at = [...path, name ?? ''].join('.');
        if (name === undefined) {
          report(
            keyOffset,
            path.join('.'),
            'bad_key',
            'A key must be a word.',
            'Write a word before the colon.',
          );
          continue;
        }
        if (FORBIDDEN_KEYS.has(name) || name === '<<') {
          report(keyOffset, at, 'forbidden_key', `The key "${name}" is not allowed.`, 'Choose another name.');
          continue;
        }
        const first = seen.get(name);
        if (first !== undefined) {
          report(
            keyOffset,
            at,
            'duplicate_key',
            `The key "${name}" stands here a second time; the first is in line ${place(first).line}.`,
            'Rename one of them, or remove it.',
          );
          continue;
        }
        seen.set(name, keyOffset);
        result[name] = plain(pair.value, [...path, name], keyOffset);
      }
      entries.set(join(path), { key, value: offset, keys: [...seen.keys()] });
      return result;
    }
    entries.set(join(path), { key, value: offset });
    if (isSeq(node)) return node.items.map((item, index) => plain(item, [...path, index], undefined));
    return isScalar(node) ? node.value : null;
  };
  const value = plain(contents, [], undefined);

  const nearest = (path: YamlPath): { entry: Entry | undefined; whole: boolean } => {
    for (let length = path.length; length >= 0; length--) {
      const entry = entries.get(join(path.slice(0, length)));
      if (entry) return { entry, whole: length === path.length };
    }
    return { entry: undefined, whole: false };
  };
  const at = (path: YamlPath): Place => {
    const { entry, whole } = nearest(path);
    return place((whole ? entry?.value : (entry?.key ?? entry?.value)) ?? 0);
  };
  const keyAt = (path: YamlPath): Place => {
    const { entry } = nearest(path);
    return place(entry?.key ?? entry?.value ?? 0);
  };
  const keys = (path: YamlPath): readonly string[] => entries.get(join(path))?.keys ?? [];
  return { tree: { file, value, at, keyAt, keys }, faults };
}

const CHECK = 'Compare with a flow that works; most often it is the indentation, a colon or a quote.';

function remedyFor(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'Indent with spaces, not tabs.';
    case 'MULTIPLE_DOCS':
      return 'Keep one document in a file: remove the line "---".';
    case 'BAD_INDENT':
      return 'Line the keys of one mapping up under each other.';
    case 'MISSING_CHAR':
      return 'Close the quote or bracket; put a text with ": " or " #" in quotes.';
    default:
      return CHECK;
  }
}

const join = (path: YamlPath): string => path.join('\0');

function keyName(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value === '' ? undefined : node.value;
  return typeof node.source === 'string' && node.source !== '' ? node.source : undefined;
}

function rangeOf(node: unknown): number | undefined {
  if (isMap(node) || isSeq(node) || isScalar(node)) return node.range?.[0];
  return undefined;
}
