// What a node kind is given while it compiles: names are looked up, and every miss becomes a fault at its place.
import type { SayText, Texts } from '../text/texts.ts';
import type { YamlTree } from '../text/yaml.ts';
import type { createConditions } from './condition.ts';
import type { AnswerShape, CompileContext, Path } from './kind.ts';
import { meant } from './nearest.ts';
import type { FoundNodes } from './read-nodes.ts';
import type { Report, TextUse } from './use-text.ts';

export interface ContextParts {
  readonly tree: YamlTree;
  readonly texts: Texts;
  readonly flows: ReadonlySet<string>;
  readonly country: string;
  readonly report: Report;
  readonly id: string;
  readonly shapes: ReadonlyMap<string, AnswerShape>;
  readonly titles: ReadonlyMap<string, SayText>;
  readonly nodes: FoundNodes;
  readonly use: TextUse;
  readonly conditions: ReturnType<typeof createConditions>;
  readonly targets: Set<string>;
  readonly calls: Map<string, string>;
}

export function contextOf(given: ContextParts, next: string | undefined): CompileContext {
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
