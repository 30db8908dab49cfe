// A release that writes down which of its nodes were asked or passed. It changes nothing else.
import type { Node, Release } from '../../src/flow/flow.ts';

/** `visited` gets `flow.node`. */
export function watchedRelease(release: Release, visited: Set<string>): Release {
  const flows = [...release.flows].map(([name, flow]) => {
    const nodes = new Map(
      [...flow.nodes].map(([id, node]) => [id, watchedNode(node, `${name}.${id}`, visited)]),
    );
    return [name, { ...flow, nodes, order: flow.order.map((node) => nodes.get(node.id) ?? node) }] as const;
  });
  return { ...release, flows: new Map(flows) };
}

function watchedNode(node: Node, name: string, visited: Set<string>): Node {
  const { ask, pass } = node;
  return {
    ...node,
    ...(ask && {
      ask: (at) => {
        visited.add(name);
        return ask(at);
      },
    }),
    ...(pass && {
      pass: (at) => {
        visited.add(name);
        return pass(at);
      },
    }),
  };
}
