// How a flow's answers become a response: the nodes that the header names must be of the right kind.
import type { Metric } from '../core/response.ts';
import type { YamlTree } from '../text/yaml.ts';
import type { ResponseSpec } from './flow.ts';
import type { Header } from './header.ts';
import type { Path } from './kind.ts';
import { meant } from './nearest.ts';
import type { FoundNode } from './read-nodes.ts';
import type { Report } from './use-text.ts';

export function responseOf(
  spec: NonNullable<Header['response']>,
  nodes: ReadonlyMap<string, FoundNode | undefined>,
  tree: YamlTree,
  report: Report,
): ResponseSpec {
  const is = (id: string, path: Path, wanted: string, fits: (node: FoundNode) => boolean): void => {
    if (!nodes.has(id)) {
      report(
        tree,
        ['response', ...path],
        'unknown_node',
        `There is no node "${id}".`,
        meant(id, nodes.keys()),
      );
      return;
    }
    const node = nodes.get(id);
    if (node && !fits(node)) {
      const message = `"${id}" is a "${node.kind}" node that does not fit here.`;
      report(tree, ['response', ...path], 'wrong_kind', message, `Name ${wanted}.`);
    }
  };
  const measured = (metric: Metric) => (node: FoundNode) => node.written.rate === metric;
  is(spec.score, ['score'], `a node "rate: ${spec.metric}"`, measured(spec.metric));
  for (const [index, id] of (spec.reasons ?? []).entries()) {
    is(id, ['reasons', index], 'a "choose" node', (node) => node.kind === 'choose');
  }
  const { comment, contact } = spec;
  if (comment !== undefined) {
    is(comment, ['comment'], 'a node "ask: text"', (node) => node.written.ask === 'text');
  }
  if (contact !== undefined) {
    const yes = (node: FoundNode): boolean =>
      node.written.choose === 'one' && node.read.answer?.options?.includes('yes') === true;
    is(contact, ['contact'], 'a node "choose: one" with an option "yes"', yes);
  }
  return {
    metric: spec.metric,
    touchpoint: spec.touchpoint,
    score: spec.score,
    reasons: spec.reasons ?? [],
    ...(comment === undefined ? {} : { comment }),
    ...(contact === undefined ? {} : { contact }),
  };
}
