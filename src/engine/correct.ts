// One answer of a summary is given anew: what becomes of the others. Pure; it walks the flow as it is drawn and knows
// no conditions.
import type { Value } from '../core/expect.ts';
import type { Frame } from '../core/session.ts';
import type { Flow, Go, Node } from '../flow/flow.ts';

type Answers = Readonly<Record<string, Value>>;

/** Where the talk stands after the correction: at the summary again, or at a question that only the new answer leads to. */
export function corrected(flow: Flow, node: Node, frame: Frame, go: Go, back: string): Frame {
  const to = go === 'next' ? node.next : go.to;
  const answers = withoutOtherWays(flow, node, inPlace(flow, node, frame.answers), to);
  const asksAnew =
    go !== 'next' &&
    to !== undefined &&
    to !== back &&
    flow.nodes.get(to)?.waits &&
    !Object.hasOwn(answers, to);
  return asksAnew ? { ...frame, answers, node: to, back } : { ...frame, answers, node: back };
}

/** An answer first given now stands before those that are asked after it, so that "back" finds them in order. */
function inPlace(flow: Flow, node: Node, answers: Answers): Answers {
  const value = answers[node.id];
  const keys = Object.keys(answers).filter((id) => id !== node.id);
  const later = ahead(flow, onward(node));
  const at = keys.findIndex((id) => later.has(id));
  if (value === undefined || at < 0) return answers;
  const order = [...keys.slice(0, at), node.id, ...keys.slice(at)];
  return Object.fromEntries(order.map((id) => [id, answers[id]!]));
}

/** Answers that belong only to a way that is no longer taken would contradict the new one. */
function withoutOtherWays(flow: Flow, node: Node, answers: Answers, to: string | undefined): Answers {
  const kept = ahead(flow, to === undefined ? [] : [to]);
  const possible = ahead(flow, onward(node));
  const stays = (id: string): boolean => id === node.id || kept.has(id) || !possible.has(id);
  return Object.fromEntries(Object.entries(answers).filter(([id]) => stays(id)));
}

/** A summary leads back to what it shows, which is no way onward. */
function onward(node: Node): readonly string[] {
  const next = node.next === undefined ? [] : [node.next];
  return node.kind === 'confirm' ? next : [...node.targets, ...next];
}

function ahead(flow: Flow, from: readonly string[]): ReadonlySet<string> {
  const reached = new Set(from);
  for (const id of reached) {
    const node = flow.nodes.get(id);
    for (const next of node ? onward(node) : []) reached.add(next);
  }
  return reached;
}
