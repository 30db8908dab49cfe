// Conditions in CEL over the answers, by node id. Compiled once, typed, a small total part of CEL: no loops, no patterns,
// no fields, nothing of JavaScript. What needs an answer that was not given is unknown, and unknown is not true.
import { TypeError as CelTypeError, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import type { Value } from '../core/expect.ts';
import {
  type ConditionFault,
  type Edit,
  edited,
  given,
  isConjunction,
  look,
  RESERVED,
  unedited,
} from './condition-scope.ts';
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

export const MAX_CONDITION = 500;
const LIMITS = { maxAstNodes: 120, maxDepth: 24, maxListElements: 50, maxMapEntries: 0, maxCallArguments: 4 };
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
      const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
      // A question left out is kept as the empty string: it has no answer.
      const value = answer === '' ? undefined : answer;
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

function firstLine(error: Error): string {
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  return summary.split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
}
