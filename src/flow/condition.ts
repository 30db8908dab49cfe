// Conditions in CEL over the answers, by node id. Compiled once, typed, a small total part of CEL: no loops, no patterns,
// no fields, nothing of JavaScript. What needs an answer that was not given is unknown, and unknown is not true.
import {
  type ASTNode,
  TypeError as CelTypeError,
  Environment,
  EvaluationError,
  ParseError,
} from '@marcbachmann/cel-js';
import type { Value } from '../core/expect.ts';
import type { AnswerShape } from './kind.ts';

export interface Condition {
  readonly source: string;
  /** The nodes whose answers it looks at. */
  readonly names: readonly string[];
  /** False when it cannot be told. Never throws. */
  holds(answers: Readonly<Record<string, Value>>): boolean;
  /** The same, with the reason when the arithmetic itself failed. */
  run(answers: Readonly<Record<string, Value>>): { readonly value: boolean; readonly fault?: string };
}

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

export const MAX_CONDITION = 500;
const LIMITS = { maxAstNodes: 120, maxDepth: 24, maxListElements: 50, maxMapEntries: 0, maxCallArguments: 4 };
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

/** CEL's name for each. */
const TYPES = {
  number: 'double',
  text: 'string',
  choice: 'string',
  choices: 'list<string>',
  files: 'list<dyn>',
  any: 'dyn',
} as const satisfies Record<AnswerShape['type'], string>;

/** For one flow: the names a condition may use, with their types. */
export function createConditions(
  shapes: ReadonlyMap<string, AnswerShape>,
): (source: string) => { condition?: Condition; faults: readonly ConditionFault[] } {
  const environment = new Environment({ limits: LIMITS, homogeneousAggregateLiterals: false });
  environment.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);
  for (const [id, { type }] of shapes) {
    if (RESERVED.has(id)) continue;
    environment.registerVariable(id, TYPES[type]);
    environment.registerVariable(given(id), 'bool');
  }
  return (source) => compile(source, environment, shapes);
}

const given = (id: string): string => `HAS_${id}`;

function compile(
  source: string,
  environment: Environment,
  shapes: ReadonlyMap<string, AnswerShape>,
): { condition?: Condition; faults: readonly ConditionFault[] } {
  if (source.length > MAX_CONDITION) {
    const message = `A condition has at most ${MAX_CONDITION} characters; this one has ${source.length}.`;
    return { faults: [{ code: 'condition_too_long', message, offset: 0 }] };
  }
  try {
    const edits: Edit[] = [];
    const faults: ConditionFault[] = [];
    const names = new Set<string>();
    look(environment.parse(source).ast, { shapes, edits, faults, names });
    if (faults.length > 0) return { faults };
    const program = environment.parse(edited(source, edits));
    const checked = program.check();
    if (!checked.valid) return { faults: [typeFault(checked.error, edits)] };
    if (checked.type !== 'bool') {
      const message = `A condition must be true or false; this is ${saidType(checked.type)}.`;
      return { faults: [{ code: 'condition_type', message, offset: 0 }] };
    }
    return {
      condition: conditionOf(source, program, [...names], shapes, isConjunction(program.ast)),
      faults: [],
    };
  } catch (error) {
    if (error instanceof ParseError) {
      const message = `This is no condition: ${firstLine(error)}.`;
      return { faults: [{ code: 'condition_syntax', message, offset: error.range?.start ?? 0 }] };
    }
    if (error instanceof CelTypeError) return { faults: [typeFault(error, [])] };
    const message = `This is no condition: ${error instanceof Error ? firstLine(error) : 'unreadable'}.`;
    return { faults: [{ code: 'condition_syntax', message, offset: 0 }] };
  }
}

function conditionOf(
  source: string,
  program: (context: ReadonlyMap<string, unknown>) => unknown,
  names: readonly string[],
  shapes: ReadonlyMap<string, AnswerShape>,
  conjunction: boolean,
): Condition {
  const looked = names.map((name) => ({
    name,
    // Asked for by has_answer() in the source as it is run.
    given: source.includes('has_answer') ? given(name) : undefined,
    // Own words given where several could be chosen are a text: they count as a list of one.
    list: shapes.get(name)?.type === 'choices',
  }));
  const run: Condition['run'] = (answers) => {
    // A map has no prototype to be reached through it.
    const context = new Map<string, unknown>();
    let whole = true;
    for (const { name, given, list } of looked) {
      const value = Object.hasOwn(answers, name) ? answers[name] : undefined;
      if (given !== undefined) context.set(given, value !== undefined);
      if (value === undefined) whole = false;
      else context.set(name, list && typeof value === 'string' ? [value] : value);
    }
    if (!whole && conjunction) return FALSE;
    try {
      return program(context) === true ? TRUE : FALSE;
    } catch (error) {
      if (error instanceof EvaluationError && error.code === 'unknown_variable') return FALSE;
      return { value: false, fault: error instanceof Error ? firstLine(error) : 'failed' };
    }
  };
  return { source, names, run, holds: (answers) => run(answers).value };
}

const TRUE = Object.freeze({ value: true });
const FALSE = Object.freeze({ value: false });

/** Text put into the source: a whole number becomes a decimal one, has_answer(x) the name that tells it. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Looking {
  readonly shapes: ReadonlyMap<string, AnswerShape>;
  readonly edits: Edit[];
  readonly faults: ConditionFault[];
  readonly names: Set<string>;
}

/** Only what is on the lists passes: everything else of CEL is refused before it is typed or run. */
function look(node: ASTNode, looking: Looking): void {
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

function edited(source: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + source.slice(at);
}

/** Where in the author's source an offset of the edited one lies. */
function unedited(offset: number, edits: readonly Edit[]): number {
  let shift = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    if (edit.start + shift >= offset) break;
    shift += edit.text.length - (edit.end - edit.start);
  }
  return Math.max(0, offset - shift);
}

function typeFault(error: CelTypeError | ParseError | undefined, edits: readonly Edit[]): ConditionFault {
  const said = (error ? firstLine(error) : 'the types do not fit')
    .replace(/no such overload: (.*)/, '$1 cannot be compared or joined')
    .replaceAll('double', 'number')
    .replaceAll('list<string>', 'several choices')
    .replaceAll('string', 'text');
  return {
    code: 'condition_type',
    message: `This condition does not fit its answers: ${said}.`,
    offset: unedited(error?.range?.start ?? 0, edits),
  };
}

function saidType(type: string | undefined): string {
  if (type === 'double' || type === 'int') return 'a number';
  return type === 'string' ? 'a text' : `of type ${type ?? 'unknown'}`;
}

/** Comparisons joined by && alone: one unknown part is enough for it not to hold. */
function isConjunction(node: ASTNode): boolean {
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

function firstLine(error: Error): string {
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  return summary.split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
}
