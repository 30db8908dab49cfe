// The expression operators in which mingo and MongoDB differ, by MongoDB's rules: values of different types are
// ordered by their type, a missing value is not null, and a missing value is not collected. The only file with mingo.
import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import { StoreFault } from './fault.ts';
import { compare, type Doc, EMPTY, equal, isDoc } from './value.ts';

type Options = Parameters<typeof evalExpr>[2];

const comparing =
  (holds: (order: number) => boolean) =>
  (doc: unknown, pair: unknown, options: Options): boolean => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new StoreFault('BadValue', 'a comparison takes exactly two arguments');
    // A missing value takes the rank of an empty array's key: below null.
    const [a, b] = pair.map((side): unknown => {
      const value: unknown = evalExpr(doc, side, options);
      return value === undefined ? EMPTY : value;
    });
    return holds(compare(a, b));
  };

/** What the expression gives for each document, without the missing ones: an object shows which they are. */
function present(docs: unknown[], expression: unknown, options: Options): unknown[] {
  const wrapped = accumulators.$push(docs, { v: expression }, options) as Doc[];
  return wrapped.filter((one) => isDoc(one) && one.v !== undefined).map(({ v }) => v);
}

function distinct(docs: unknown[], expression: unknown, options: Options): unknown[] {
  const kept: unknown[] = [];
  for (const value of present(docs, expression, options))
    if (!kept.some((other) => equal(other, value))) kept.push(value);
  return kept;
}

function not(doc: unknown, argument: unknown, options: Options): boolean {
  const value: unknown = evalExpr(doc, Array.isArray(argument) ? argument[0] : argument, options);
  return value === undefined || value === null || value === false || value === 0;
}

const CONTEXT = Context.init({
  pipeline: stages,
  expression: {
    ...expressions,
    $eq: comparing((order) => order === 0),
    $ne: comparing((order) => order !== 0),
    $gt: comparing((order) => order > 0),
    $gte: comparing((order) => order >= 0),
    $lt: comparing((order) => order < 0),
    $lte: comparing((order) => order <= 0),
    $not: not,
  },
  accumulator: { ...accumulators, $push: present, $addToSet: distinct },
});

export function* compute(stage: Doc, docs: Iterable<Doc>): Generator<Doc> {
  for (const doc of new Aggregator([stage], { context: CONTEXT }).stream(docs)) yield doc as Doc;
}
