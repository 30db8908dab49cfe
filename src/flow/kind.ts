// The contract of a node kind: one file under nodes/ and one line in nodes/index.ts. Checking and compiling are one pass,
// so that a kind cannot be played in a way that was not checked.
import { z } from 'zod';
import type { Condition } from './condition.ts';
import type { Node, Question, Say } from './flow.ts';

/** Where in the node's mapping something stands: keys and indices from the node down. */
export type Path = readonly (string | number)[];

/** What the answer of a node is, for conditions and for those that use it. */
export interface AnswerShape {
  /** `any`: text, or what a broken node would have given. */
  readonly type: 'number' | 'text' | 'choice' | 'choices' | 'files' | 'any';
  /** The ids that can be chosen, where they stand in the file. */
  readonly options?: readonly string[];
}

export interface CompileContext {
  readonly id: string;
  /** The node that follows, if any. */
  readonly next: string | undefined;
  /** Every language we hold. */
  readonly locales: readonly string[];
  /** ISO 3166 code by which a phone number without a country is read. */
  readonly country: string;
  /** A text: a key of the flow's locale file, or a mapping of languages. Missing ones become faults. */
  text(value: TextSpec, path: Path, use?: 'label'): Say;
  /** A text of ours that every flow may use: a key of the namespace `flow`. */
  own(key: string): Say;
  /** Names a node as a target; an unknown one becomes a fault with the nearest name. */
  node(id: string, path: Path): string;
  /** Names a node whose answer is used; one that never has an answer becomes a fault. */
  answerOf(id: string, path: Path, types?: readonly AnswerShape['type'][]): string;
  /** How that node's answer is called; a node without `title` becomes a fault. */
  titleOf(id: string, path: Path): Say;
  /** Names a flow. */
  flow(name: string, path: Path): string;
  /** A CEL condition over answers by node id; its faults are reported at the path. */
  condition(source: string, path: Path): Condition;
  /** The keys of a mapping in the order of the file. */
  keys(path: Path): readonly string[];
  /** Any other fault. */
  fault(path: Path, code: string, message: string, remedy: string, severity?: 'error' | 'warning'): void;
}

export const ID = /^[a-z][a-z0-9_]{0,31}$/;
export const OPTION_ID = /^[a-z0-9_]{1,24}$/;

export const nodeId = z.string().regex(ID).describe('A node of this flow');
export const answerId = z.string().regex(ID).describe('A node whose answer is meant');
export const text = z
  .union([
    z.string().min(1),
    z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/), z.string().min(1)),
  ])
  .describe('A key of locales/<language>/<flow>.yaml, or a mapping of every language: {ru: …, en: …}');
export type TextSpec = z.infer<typeof text>;

export const COMMON = {
  go: nodeId.optional().describe('The node that follows; without it, the next one in the file'),
  title: text.optional().describe('How the answer is called in summaries and on cards'),
  optional: z.boolean().optional().describe('May be skipped'),
  again: text.optional().describe('Said in place of the general sentence when the answer was not understood'),
} as const;
export type CommonField = keyof typeof COMMON;

export interface CommonSpec {
  readonly go?: string | undefined;
  readonly title?: TextSpec | undefined;
  readonly optional?: boolean | undefined;
  readonly again?: TextSpec | undefined;
}

/** What a kind gives; the registry adds id, kind, next, targets, title. */
export type NodeParts = Pick<Node, 'falls' | 'waits' | 'ask' | 'after' | 'show' | 'pass' | 'skip'> & {
  /** It can lead to the end of the flow although it does not fall to one. */
  readonly ends?: boolean;
};

interface Definition<S extends z.ZodObject> {
  /** The key that names it in a node's mapping. */
  readonly kind: string;
  /** One line for the JSON Schema and the README. */
  readonly about: string;
  /** The node's whole mapping without the common fields. */
  readonly schema: S;
  readonly common: readonly CommonField[];
  readonly answer?: (spec: z.infer<S>) => AnswerShape;
  readonly compile: (spec: z.infer<S> & CommonSpec, context: CompileContext) => NodeParts;
}

/** One node of that kind, its form found right. */
export interface ReadNode {
  readonly common: CommonSpec;
  /** Absent: it has none. */
  readonly answer: AnswerShape | undefined;
  compile(context: CompileContext): NodeParts;
}

export interface NodeKind {
  readonly kind: string;
  readonly about: string;
  readonly common: readonly CommonField[];
  /** The node's whole mapping. */
  readonly schema: z.ZodObject;
  /** The keys it may have. */
  readonly fields: readonly string[];
  read(
    value: unknown,
  ):
    | { readonly ok: true; readonly node: ReadNode }
    | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };
}

export function defineKind<S extends z.ZodObject>(definition: Definition<S>): NodeKind {
  const { kind, about, common, answer, compile } = definition;
  const extra = Object.fromEntries(common.map((field) => [field, COMMON[field]]));
  const schema: z.ZodObject = definition.schema.extend(extra).strict();
  return {
    kind,
    about,
    common,
    schema,
    fields: Object.keys(schema.shape),
    read: (value) => {
      const result = schema.safeParse(value, { reportInput: true });
      if (!result.success) return { ok: false, issues: result.error.issues };
      const spec = result.data as z.infer<S> & CommonSpec;
      return {
        ok: true,
        node: {
          common: spec,
          answer: answer?.(spec),
          compile: (context) => withCommon(compile(spec, context), spec, context),
        },
      };
    },
  };
}

/** What every question can have: `optional` and `again`. */
function withCommon(parts: NodeParts, spec: CommonSpec, context: CompileContext): NodeParts {
  const { ask } = parts;
  if (!ask) return parts;
  const again = spec.again === undefined ? undefined : context.text(spec.again, ['again']);
  if (spec.optional !== true && again === undefined) return parts;
  return {
    ...parts,
    ask: (at): Question => ({
      ...ask(at),
      ...(spec.optional === true ? { optional: true } : {}),
      ...(again ? { again: again(at.locale, at.vars) } : {}),
    }),
  };
}
