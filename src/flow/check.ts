// What can only be seen of a flow as a whole, and of all flows together: nodes that nothing leads to, loops that
// never wait for the customer, paths without an end.
import type { Draft } from './compile-flow.ts';
import type { Report } from './use-text.ts';

/** Where a node can lead within its flow. */
function ways(draft: Draft, id: string): readonly string[] {
  const node = draft.flow.nodes.get(id);
  if (!node) return [];
  const to = node.next === undefined ? node.targets : [...node.targets, node.next];
  return to.filter((target) => draft.flow.nodes.has(target));
}

/** It can be the last one. */
function canEnd(draft: Draft, id: string): boolean {
  const node = draft.flow.nodes.get(id);
  return draft.ends.has(id) || (node?.falls === true && node.next === undefined);
}

export function checkFlow(draft: Draft, report: Report): void {
  if (!draft.whole) return;
  const { flow, tree } = draft;
  const reached = spread([flow.first], (id) => ways(draft, id));
  for (const id of flow.nodes.keys()) {
    if (reached.has(id)) continue;
    const message = `Nothing leads to the node "${id}".`;
    report(tree, ['nodes', id], 'unreachable', message, 'Lead to it by "go", or remove it.', { key: true });
  }
  const back = new Map<string, string[]>();
  for (const id of flow.nodes.keys()) {
    for (const target of ways(draft, id)) back.set(target, [...(back.get(target) ?? []), id]);
  }
  const lastOnes = [...flow.nodes.keys()].filter((id) => canEnd(draft, id));
  const ending = spread(lastOnes, (id) => back.get(id) ?? []);
  const endless = [...flow.nodes.keys()].filter((id) => reached.has(id) && !ending.has(id));
  const [first] = endless;
  if (first !== undefined) {
    const message = `From here the talk never ends: ${endless.slice(0, 8).join(', ')}.`;
    report(tree, ['nodes', first], 'no_end', message, 'Lead one of these nodes to an "end".', { key: true });
  }
}

/** Loops in which nothing waits would run for ever; they may go through several flows. */
export function checkSilence(drafts: ReadonlyMap<string, Draft>, report: Report): void {
  const silentFlows = flowsPassedInSilence(drafts);
  const key = (flow: string, id: string): string => `${flow}\n${id}`;
  const silentWays = (place: string): readonly string[] => {
    const [name = '', id = ''] = place.split('\n');
    const draft = drafts.get(name);
    const node = draft?.flow.nodes.get(id);
    if (!draft || !node || node.waits) return [];
    const called = draft.calls.get(id);
    const inner = called === undefined ? undefined : drafts.get(called);
    const on =
      called === undefined || silentFlows.has(called) ? ways(draft, id).map((to) => key(name, to)) : [];
    return inner ? [key(inner.name, inner.flow.first), ...on] : on;
  };
  const state = new Map<string, 'open' | 'done'>();
  for (const draft of drafts.values()) {
    for (const id of draft.flow.nodes.keys()) {
      const loop = findLoop(key(draft.name, id), silentWays, state);
      if (!loop) continue;
      const [name = '', node = ''] = (loop[0] ?? '').split('\n');
      const where = drafts.get(name);
      if (!where) continue;
      const names = loop.map((place) => place.replace('\n', '.').replace(`${name}.`, '')).join(' → ');
      const message = `This goes round for ever without asking anything: ${names}.`;
      report(
        where.tree,
        ['nodes', node],
        'silent_loop',
        message,
        'Put a question into the loop, or lead out of it.',
        {
          key: true,
        },
      );
    }
  }
}

/** Flows with a way from the first node to the end on which nothing waits. */
function flowsPassedInSilence(drafts: ReadonlyMap<string, Draft>): ReadonlySet<string> {
  const silent = new Set<string>();
  for (let grew = true; grew; ) {
    grew = false;
    for (const draft of drafts.values()) {
      if (silent.has(draft.name)) continue;
      const passed = (id: string): boolean => {
        const called = draft.calls.get(id);
        return draft.flow.nodes.get(id)?.waits === false && (called === undefined || silent.has(called));
      };
      const reached = spread([draft.flow.first], (id) => (passed(id) ? ways(draft, id) : []));
      if (![...reached].some((id) => passed(id) && canEnd(draft, id))) continue;
      silent.add(draft.name);
      grew = true;
    }
  }
  return silent;
}

function spread(from: readonly string[], ways: (id: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set(from);
  const waiting = [...from];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const to of ways(id)) {
      if (reached.has(to)) continue;
      reached.add(to);
      waiting.push(to);
    }
  }
  return reached;
}

/** The first loop met from here, without recursion: a flow may have thousands of nodes. */
function findLoop(
  start: string,
  ways: (place: string) => readonly string[],
  state: Map<string, 'open' | 'done'>,
): readonly string[] | undefined {
  if (state.has(start)) return undefined;
  let found: readonly string[] | undefined;
  const trail: { place: string; left: string[] }[] = [{ place: start, left: [...ways(start)] }];
  state.set(start, 'open');
  for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
    const to = top.left.shift();
    if (to === undefined) {
      state.set(top.place, 'done');
      trail.pop();
    } else if (state.get(to) === 'open') {
      const places = trail.map(({ place }) => place);
      found ??= [...places.slice(places.indexOf(to)), to];
    } else if (!state.has(to)) {
      state.set(to, 'open');
      trail.push({ place: to, left: [...ways(to)] });
    }
  }
  return found;
}
