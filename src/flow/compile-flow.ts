// Makes one flow of one file: reads the header and every node, compiles what is right and reports the rest.
// What spans nodes (reachability, loops) is check.ts; what spans flows is parse.ts.
import type { TextFile } from '../text/load.ts';
import type { SayText, Texts } from '../text/texts.ts';
import type { YamlTree } from '../text/yaml.ts';
import { createConditions } from './condition.ts';
import { contextOf } from './context.ts';
import { duration } from './duration.ts';
import type { Flow, Node } from './flow.ts';
import { header } from './header.ts';
import type { AnswerShape, Path, TextSpec } from './kind.ts';
import { readNodes } from './read-nodes.ts';
import { responseOf } from './response-spec.ts';
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
  const nodes = readNodes(tree, report);
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
  // A text that only a broken node names is not unused.
  if (head && made.size === nodes.order.length) use.finish();

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
