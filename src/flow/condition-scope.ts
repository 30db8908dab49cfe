// Which part of CEL a condition may use: everything that is not on a list here is refused before it is typed or run.
// Also rewrites the source: whole numbers become decimal ones, has_answer(x) the name that tells it.
import type { ASTNode } from '@marcbachmann/cel-js';
import type { AnswerShape } from './kind.ts';

export interface ConditionFault {
  readonly code:
    | 'condition_syntax'
    | 'condition_type'
    | 'condition_not_allowed'
    | 'condition_too_long'
    | 'unknown_name';
  readonly message: string;
  /** The unknown name, for the nearest one. */
  readonly name?: string;
  /** Characters from the start of the source. */
  readonly offset: number;
}

const OPERATORS: ReadonlySet<string> = new Set([
  'value',
  'id',
  'list',
  '&&',
  '||',
  '!_',
  '-_',
  '?:',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  '+',
  '-',
  '*',
  '/',
  '%',
]);
const FUNCTIONS: ReadonlySet<string> = new Set(['has_answer', 'size']);
const METHODS: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'size']);

/** Words of the language itself: no node can be called so, or a condition could not name it. */
export const RESERVED: ReadonlySet<string> = new Set(
  (
    'as break const continue else false for function if import in let loop namespace null package return true var void ' +
    'while bool bytes double dyn duration has int list map null_type string timestamp type uint size has_answer'
  ).split(' '),
);

/** The name in the rewritten source by which it is told whether there is an answer. */
export const given = (id: string): string => `HAS_${id}`;

/** Text put into the source: a whole number becomes a decimal one, has_answer(x) the name that tells it. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Looking {
  readonly shapes: ReadonlyMap<string, AnswerShape>;
  readonly edits: Edit[];
  readonly faults: ConditionFault[];
  readonly names: Set<string>;
}

/** Only what is on the lists passes: everything else of CEL is refused before it is typed or run. */
export function look(node: ASTNode, looking: Looking): void {
  const refuse = (what: string): void => {
    const message = `${what} is not part of conditions.`;
    looking.faults.push({ code: 'condition_not_allowed', message, offset: node.start });
  };
  switch (node.op) {
    case 'value':
      if (typeof node.args === 'bigint') {
        const literal = node.input.slice(node.start, node.end);
        if (!/^\d{1,15}$/.test(literal)) refuse(`The number ${literal.slice(0, 40)}`);
        else looking.edits.push({ start: node.end, end: node.end, text: '.0' });
      } else if (!['number', 'string', 'boolean'].includes(typeof node.args)) {
        refuse(`"${node.input.slice(node.start, node.end)}"`);
      }
      return;
    case 'id': {
      const known = looking.shapes.has(node.args) && !RESERVED.has(node.args);
      if (known) looking.names.add(node.args);
      else {
        const message = `No node "${node.args}" has an answer.`;
        looking.faults.push({ code: 'unknown_name', message, name: node.args, offset: node.start });
      }
      return;
    }
    case 'call': {
      const [name, args] = node.args;
      if (!FUNCTIONS.has(name)) return refuse(`The function "${name}"`);
      const [first] = args;
      if (name === 'has_answer') {
        if (args.length !== 1 || first?.op !== 'id') {
          return refuse('has_answer(…) of anything but one node');
        }
        look(first, looking);
        looking.edits.push({ start: node.start, end: node.end, text: given(first.args) });
        return;
      }
      for (const arg of args) look(arg, looking);
      return;
    }
    case 'rcall': {
      const [name, target, args] = node.args;
      if (!METHODS.has(name)) return refuse(`".${name}(…)"`);
      look(target, looking);
      for (const arg of args) look(arg, looking);
      return;
    }
    default:
      if (!OPERATORS.has(node.op)) return refuse(`"${node.op === 'map' ? '{…}' : node.op}"`);
      for (const arg of Array.isArray(node.args) ? node.args : [node.args]) {
        if (typeof arg === 'object' && arg !== null && 'op' in arg) look(arg as ASTNode, looking);
      }
      if (node.op === '==' || node.op === '!=' || node.op === 'in') lookAtOptions(node, looking);
  }
}

/** A choice compared with an id that it does not have can never hold. */
function lookAtOptions(node: Extract<ASTNode, { op: '==' | '!=' | 'in' }>, looking: Looking): void {
  const [left, right] = node.args;
  const pairs: [ASTNode, ASTNode][] = [
    [left, right],
    [right, left],
  ];
  for (const [name, other] of pairs) {
    const options = name.op === 'id' ? looking.shapes.get(name.args)?.options : undefined;
    if (!options) continue;
    for (const literal of other.op === 'list' ? other.args : [other]) {
      if (literal.op !== 'value' || typeof literal.args !== 'string' || options.includes(literal.args))
        continue;
      const message = `"${String(name.args)}" has no option "${literal.args}"; it has ${options.join(', ')}.`;
      looking.faults.push({ code: 'condition_type', message, offset: literal.start });
    }
  }
}

export function edited(source: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + source.slice(at);
}

/** Where in the author's source an offset of the edited one lies. */
export function unedited(offset: number, edits: readonly Edit[]): number {
  let shift = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    if (edit.start + shift >= offset) break;
    shift += edit.text.length - (edit.end - edit.start);
  }
  return Math.max(0, offset - shift);
}

/** Comparisons joined by && alone: one unknown part is enough for it not to hold. */
export function isConjunction(node: ASTNode): boolean {
  if (node.op === '&&') return isConjunction(node.args[0]) && isConjunction(node.args[1]);
  return !hasLogic(node);
}

function hasLogic(node: ASTNode): boolean {
  if (node.op === '&&' || node.op === '||' || node.op === '!_' || node.op === '?:') return true;
  if (node.op === 'id') return node.args.startsWith('HAS_');
  if (node.op === 'rcall') return hasLogic(node.args[1]) || node.args[2].some(hasLogic);
  if (node.op === 'call') return node.args[1].some(hasLogic);
  const args: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args];
  return args.some(
    (arg) => typeof arg === 'object' && arg !== null && 'op' in arg && hasLogic(arg as ASTNode),
  );
}
