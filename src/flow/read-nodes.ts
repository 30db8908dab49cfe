// Reads the nodes of a flow's file, each by its kind: what has the right form, and faults for what has not.
import type { YamlTree } from '../text/yaml.ts';
import { RESERVED } from './condition-scope.ts';
import type { ReadNode } from './kind.ts';
import { meant, nearest } from './nearest.ts';
import { KINDS } from './nodes/index.ts';
import { shapeFaults } from './shape.ts';
import type { Report } from './use-text.ts';

export interface FoundNode {
  readonly kind: string;
  readonly read: ReadNode;
  /** The mapping as it was written. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly usesTickets: boolean;
}

export interface FoundNodes {
  readonly order: readonly string[];
  /** Undefined: its form is wrong. */
  readonly read: ReadonlyMap<string, FoundNode | undefined>;
}

export function readNodes(tree: YamlTree, report: Report): FoundNodes {
  const order = tree.keys(['nodes']);
  const read = new Map<string, FoundNode | undefined>();
  const root = tree.value;
  const all = isMapping(root) && isMapping(root.nodes) ? root.nodes : {};
  for (const id of order) {
    read.set(id, undefined);
    const path = ['nodes', id];
    if (RESERVED.has(id)) {
      const message = `"${id}" is a word of the language of conditions.`;
      report(tree, path, 'bad_id', message, 'Choose another name for the node.', { key: true });
    }
    const value = all[id];
    if (!isMapping(value)) {
      const message = `The node "${id}" must be a mapping that begins with its kind.`;
      report(tree, path, 'bad_value', message, 'Write for example { say: text }.');
      continue;
    }
    const kinds = Object.keys(value).filter((key) => KINDS.has(key));
    const [kind, second] = kinds;
    if (kind === undefined) {
      const keys = Object.keys(value);
      const wrong = keys.find((key) => nearest(key, KINDS.keys()) !== undefined) ?? keys[0];
      const message = `The node "${id}" has no kind.`;
      const at = wrong === undefined ? path : [...path, wrong];
      report(tree, at, 'unknown_kind', message, meant(wrong ?? '', KINDS.keys()), { key: true });
      continue;
    }
    if (second !== undefined) {
      const message = `The node "${id}" has two kinds: "${kind}" and "${second}".`;
      report(tree, [...path, second], 'two_kinds', message, 'Make two nodes of it.', { key: true });
      continue;
    }
    const known = KINDS.get(kind);
    const result = known?.read(value);
    if (!known || !result) continue;
    if (result.ok) {
      read.set(id, { kind, read: result.node, written: value, usesTickets: value.from === 'tickets' });
    } else {
      for (const fault of shapeFaults(result.issues, known.fields)) {
        report(tree, [...path, ...fault.path], fault.code, fault.message, fault.remedy, { key: fault.key });
      }
    }
  }
  return { order, read };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
