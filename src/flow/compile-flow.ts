// Makes one flow of one file: reads the header and every node, compiles what is right and reports the rest.
// What spans nodes (reachability, loops) is check.ts; what spans flows is parse.ts.
import type { Metric } from '../core/response.ts';
import type { TextFile } from '../text/load.ts';
import type { SayText, Texts } from '../text/texts.ts';
import type { YamlTree } from '../text/yaml.ts';
import { createConditions, RESERVED } from './condition.ts';
import { duration } from './duration.ts';
import type { Flow, Node, ResponseSpec } from './flow.ts';
import { type Header, header } from './header.ts';
import type { AnswerShape, CompileContext, Path, ReadNode, TextSpec } from './kind.ts';
import { meant, nearest } from './nearest.ts';
import { KINDS } from './nodes/index.ts';
import { shapeFaults } from './shape.ts';
import { createTextUse, type Report } from './use-text.ts';

export const DEFAULT_EXPIRE = 7 * 86_400_000;

/** A flow as far as it could be made. */
export interface Draft {
  readonly name: string;
  readonly tree: YamlTree;
  readonly flow: Omit<Flow, 'hash'>;
  /** Nodes that can lead to the end though they do not fall to it. */
  readonly ends: ReadonlySet<string>;
  /** Node → flow. */
  readonly calls: ReadonlyMap<string, string>;
  readonly usesTickets: boolean;
  /** False when a node could not be read or leads nowhere: then nothing can be said of paths. */
  readonly whole: boolean;
}

interface Given {
  readonly name: string;
  readonly tree: YamlTree;
  readonly texts: Texts;
  readonly files: readonly TextFile[];
  readonly flows: ReadonlySet<string>;
  readonly country: string;
  readonly report: Report;
}

/** Variables that the engine gives to every text. */
const VARS = ['name'] as const;

export function compileFlow(given: Given): Draft | undefined {
  const { name, tree, texts, report } = given;
  const parsed = header.safeParse(tree.value, { reportInput: true });
  if (!parsed.success) {
    for (const fault of shapeFaults(parsed.error.issues, Object.keys(header.shape))) {
      report(tree, fault.path, fault.code, fault.message, fault.remedy, { key: fault.key });
    }
  }
  const nodes = readNodes(given);
  if (!parsed.success && nodes.order.length === 0) return undefined;
  if (nodes.order.length === 0) {
    report(tree, ['nodes'], 'no_nodes', 'The flow has no nodes.', 'Write at least one under "nodes:".');
    return undefined;
  }

  const shapes = new Map<string, AnswerShape>();
  for (const [id, node] of nodes.read) {
    const shape: AnswerShape | undefined = node ? node.read.answer : { type: 'any' };
    if (shape) shapes.set(id, shape);
  }
  const use = createTextUse({
    namespace: name,
    tree,
    files: given.files,
    texts,
    vars: new Set([...VARS, ...shapes.keys()]),
    report,
  });
  const titles = new Map<string, SayText>();
  for (const [id, node] of nodes.read) {
    const title = node?.read.common.title;
    if (title !== undefined) titles.set(id, use.use(title, ['nodes', id, 'title'], 'label'));
  }

  const conditions = createConditions(shapes);
  const made = new Map<string, Node>();
  const ends = new Set<string>();
  const calls = new Map<string, string>();
  for (const [index, id] of nodes.order.entries()) {
    const node = nodes.read.get(id);
    if (!node) continue;
    const targets = new Set<string>();
    const place = { ...given, id, shapes, titles, nodes, use, conditions, targets, calls };
    const { go } = node.read.common;
    const following = go === undefined ? nodes.order[index + 1] : go;
    const context = contextOf(place, following);
    if (go !== undefined) context.node(go, ['go']);
    const { ends: leadsToEnd, ...parts } = node.read.compile(context);
    if (leadsToEnd) ends.add(id);
    const title = titles.get(id);
    made.set(id, {
      id,
      index,
      kind: node.kind,
      ...(following === undefined || !parts.falls ? {} : { next: following }),
      targets: [...targets],
      ...(title ? { title } : {}),
      ...parts,
    });
  }

  const head = parsed.success ? parsed.data : undefined;
  if (head && head.flow !== name) {
    const message = `The flow is called "${head.flow}", its file "${name}.yaml".`;
    report(tree, ['flow'], 'file_name', message, `Write "flow: ${name}", or rename the file.`);
  }
  const say = (value: TextSpec | undefined, path: Path): SayText | undefined =>
    value === undefined ? undefined : use.use(value, path);
  const title = say(head?.title, ['title']);
  const remindText = say(head?.remind?.text, ['remind', 'text']);
  const remindAfter = head?.remind ? duration(head.remind.after) : undefined;
  const response = head?.response ? responseOf(head.response, nodes.read, tree, report) : undefined;
  const expire = (head?.expire === undefined ? undefined : duration(head.expire)) ?? DEFAULT_EXPIRE;
  if (remindAfter !== undefined && remindAfter >= expire) {
    const message = 'The reminder would come after the talk has ended.';
    report(tree, ['remind', 'after'], 'bad_value', message, 'Make "after" shorter than "expire".');
  }
  use.finish();

  const named = [...made.values()].flatMap(({ targets, next }) =>
    next === undefined ? targets : [...targets, next],
  );
  const whole = made.size === nodes.order.length && named.every((id) => made.has(id));
  return {
    name,
    tree,
    ends,
    calls,
    whole,
    usesTickets: [...nodes.read.values()].some((node) => node?.usesTickets === true),
    flow: {
      name,
      ...(title ? { title } : {}),
      commands: head?.start?.commands ?? [],
      first: nodes.order[0] ?? '',
      nodes: made,
      order: [...made.values()],
      ...(response ? { response } : {}),
      ...(remindText && remindAfter !== undefined
        ? { remind: { after: remindAfter, text: remindText } }
        : {}),
      expire,
    },
  };
}

interface FoundNode {
  readonly kind: string;
  readonly read: ReadNode;
  /** The mapping as it was written. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly usesTickets: boolean;
}

interface FoundNodes {
  readonly order: readonly string[];
  /** Undefined: its form is wrong. */
  readonly read: ReadonlyMap<string, FoundNode | undefined>;
}

function readNodes({ tree, report }: Given): FoundNodes {
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

interface ContextParts extends Given {
  readonly id: string;
  readonly shapes: ReadonlyMap<string, AnswerShape>;
  readonly titles: ReadonlyMap<string, SayText>;
  readonly nodes: FoundNodes;
  readonly use: ReturnType<typeof createTextUse>;
  readonly conditions: ReturnType<typeof createConditions>;
  readonly targets: Set<string>;
  readonly calls: Map<string, string>;
}

function contextOf(given: ContextParts, next: string | undefined): CompileContext {
  const { id, tree, texts, shapes, nodes, titles } = given;
  const at = (path: Path): Path => ['nodes', id, ...path];
  const fault: CompileContext['fault'] = (path, code, message, remedy, severity = 'error') =>
    given.report(tree, at(path), code, message, remedy, { severity });
  const known = (name: string, path: Path): boolean => {
    if (nodes.read.has(name)) return true;
    fault(path, 'unknown_node', `There is no node "${name}".`, meant(name, nodes.read.keys()));
    return false;
  };
  return {
    id,
    next,
    locales: texts.locales,
    country: given.country,
    fault,
    keys: (path) => tree.keys(at(path)),
    text: (value, path, use) => given.use.use(value, at(path), use),
    own: (key) => texts.sayOf('flow', key),
    node: (name, path) => {
      known(name, path);
      given.targets.add(name);
      return name;
    },
    answerOf: (name, path, types) => {
      if (!known(name, path)) return name;
      const shape = shapes.get(name);
      const kind = nodes.read.get(name)?.kind ?? '';
      if (!shape) {
        const message = `"${name}" is a "${kind}" node: it has no answer.`;
        fault(path, 'no_answer', message, 'Name a node that asks something.');
      } else if (types && shape.type !== 'any' && !types.includes(shape.type)) {
        const message = `"${name}" is a "${kind}" node: its answer does not fit here.`;
        fault(
          path,
          'wrong_kind',
          message,
          `Name a node whose answer is ${types.map(saidType).join(' or ')}.`,
        );
      }
      return name;
    },
    titleOf: (name, path) => {
      const title = titles.get(name);
      if (!title && nodes.read.get(name) !== undefined) {
        const message = `The answer of "${name}" is shown here, but it has no title.`;
        fault(path, 'missing_title', message, `Add "title: …" to the node "${name}".`);
      }
      return title ?? (() => name);
    },
    flow: (name, path) => {
      if (given.flows.has(name)) given.calls.set(id, name);
      else fault(path, 'unknown_flow', `There is no flow "${name}".`, meant(name, given.flows));
      return name;
    },
    condition: (source, path) => {
      const { condition, faults } = given.conditions(source);
      for (const found of faults) {
        const remedy =
          found.name === undefined
            ? REMEDIES[found.code]
            : `${meant(found.name, shapes.keys())} A condition names nodes that have an answer; texts stand in 'quotes'.`;
        given.report(
          tree,
          at(path),
          found.code,
          `${found.message} (character ${found.offset + 1} of it)`,
          remedy,
        );
      }
      return condition ?? { source, names: [], holds: () => false, run: () => ({ value: false }) };
    },
  };
}

const REMEDIES = {
  condition_syntax: "Write for example: score <= 6, 'price' in why, has_answer(comment) && size(why) > 1.",
  condition_type:
    "Compare a score with a number, a choice with an id in 'quotes', several choices by 'id' in node.",
  condition_not_allowed:
    'Use ==, !=, <, <=, >, >=, in, &&, ||, !, ? :, + - * /, has_answer(), size(), .contains(), .startsWith(), .endsWith().',
  condition_too_long: 'Split it over two lines of the branch.',
  unknown_name: 'Name a node that has an answer.',
} as const;

function saidType(type: AnswerShape['type']): string {
  const words = {
    number: 'a number',
    text: 'a text',
    choice: 'one choice',
    choices: 'several choices',
    files: 'files',
    any: 'anything',
  } as const satisfies Record<AnswerShape['type'], string>;
  return words[type];
}

function responseOf(
  spec: NonNullable<Header['response']>,
  nodes: ReadonlyMap<string, FoundNode | undefined>,
  tree: YamlTree,
  report: Report,
): ResponseSpec {
  const is = (id: string, path: Path, wanted: string, fits: (node: FoundNode) => boolean): void => {
    if (!nodes.has(id)) {
      report(
        tree,
        ['response', ...path],
        'unknown_node',
        `There is no node "${id}".`,
        meant(id, nodes.keys()),
      );
      return;
    }
    const node = nodes.get(id);
    if (node && !fits(node)) {
      const message = `"${id}" is a "${node.kind}" node that does not fit here.`;
      report(tree, ['response', ...path], 'wrong_kind', message, `Name ${wanted}.`);
    }
  };
  const measured = (metric: Metric) => (node: FoundNode) => node.written.rate === metric;
  is(spec.score, ['score'], `a node "rate: ${spec.metric}"`, measured(spec.metric));
  for (const [index, id] of (spec.reasons ?? []).entries()) {
    is(id, ['reasons', index], 'a "choose" node', (node) => node.kind === 'choose');
  }
  const { comment, contact } = spec;
  if (comment !== undefined) {
    is(comment, ['comment'], 'a node "ask: text"', (node) => node.written.ask === 'text');
  }
  if (contact !== undefined) {
    const yes = (node: FoundNode): boolean =>
      node.written.choose === 'one' && node.read.answer?.options?.includes('yes') === true;
    is(contact, ['contact'], 'a node "choose: one" with an option "yes"', yes);
  }
  return {
    metric: spec.metric,
    touchpoint: spec.touchpoint,
    score: spec.score,
    reasons: spec.reasons ?? [],
    ...(comment === undefined ? {} : { comment }),
    ...(contact === undefined ? {} : { contact }),
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
