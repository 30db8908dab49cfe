// The contract of a node kind: one file under nodes/ and one line in nodes/index.ts. Checking and compiling are one pass,
// so that a kind cannot be played in a way that was not checked.
import type { z } from 'zod';
import type { Condition } from './condition.ts';
import type { Node, Say } from './flow.ts';

/** Where in the node's mapping something stands: keys and indices from the node down. */
export type Path = readonly (string | number)[];

export interface CompileContext {
  readonly id: string;
  /** The node that follows, if any. */
  readonly next: string | undefined;
  /** A text: a key of the flow's locale file, or a mapping of languages. Missing ones become faults. */
  text(value: TextSpec, path: Path): Say;
  /** Names a node as a target; an unknown one becomes a fault with the nearest name. */
  node(id: string, path: Path): string;
  /** Names a node whose answer is used; one that never has an answer becomes a fault. */
  answerOf(id: string, path: Path): string;
  /** Names a flow. */
  flow(name: string, path: Path): string;
  /** A CEL condition over `answers`-by-name; its faults are reported at the path. */
  condition(source: string, path: Path): Condition;
  /** Any other fault. */
  fault(path: Path, code: string, message: string, remedy: string, severity?: 'error' | 'warning'): void;
}

export type TextSpec = string | Readonly<Record<string, string>>;

export interface NodeKind<Spec extends object> {
  /** The key that names it in a node's mapping. */
  readonly kind: string;
  /** One line for the JSON Schema and the README. */
  readonly about: string;
  /** The node's whole mapping; the common fields `go`, `title`, `optional`, `again` are added by the registry where `common` lists them. */
  readonly schema: z.ZodType<Spec>;
  readonly common: readonly ('go' | 'title' | 'optional' | 'again')[];
  compile(spec: Spec & CommonSpec, context: CompileContext): NodeParts;
}

export interface CommonSpec {
  readonly go?: string;
  readonly title?: TextSpec;
  readonly optional?: boolean;
  readonly again?: TextSpec;
}

/** What a kind gives; the registry adds id, kind, next, title. */
export type NodeParts = Pick<Node, 'falls' | 'waits' | 'ask' | 'after' | 'show' | 'pass'>;
