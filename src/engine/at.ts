// What a node may see of the talk, and how answers read to a person.

import type { Value } from '../core/expect.ts';
import type { Attachment } from '../core/message.ts';
import type { Frame, Run } from '../core/session.ts';
import type { TicketSummary } from '../core/ticket.ts';
import type { At, Flow, Node, Release } from '../flow/flow.ts';
import type { Draft } from './draft.ts';

/** Where the run stands now. */
export interface Here {
  readonly run: Run;
  readonly release: Release;
  readonly frame: Frame;
  readonly flow: Flow;
  readonly node: Node;
}

/** Undefined when the release or the place is not known any more: then the talk cannot go on. */
export function here(draft: Draft): Here | undefined {
  const run = draft.session.run;
  const frame = run?.frames.at(-1);
  if (!run || !frame) return undefined;
  const release = draft.rules.release(run.release);
  const flow = release?.flows.get(frame.flow);
  const node = flow?.nodes.get(frame.node);
  return release && flow && node ? { run, release, frame, flow, node } : undefined;
}

/** Files sent where words were due, kept beside the answers. */
export const EXTRA_FILES = '_files';

export const isFiles = (value: Value | undefined): value is readonly Attachment[] =>
  Array.isArray(value) && value.length > 0 && typeof value[0] === 'object';

/** An answer as a person reads it. */
export function shown(
  flow: Flow,
  id: string,
  value: Value,
  locale: string,
  tickets?: () => readonly TicketSummary[],
): string {
  // Left out.
  if (value === '') return '—';
  const node = flow.nodes.get(id);
  // Only a choice among tickets reads them, and only then are they loaded.
  if (node?.show) return node.skip ? node.show(value, locale, tickets?.()) : node.show(value, locale);
  if (isFiles(value)) return String(value.length);
  return Array.isArray(value) ? value.join(', ') : String(value);
}

export function atOf(draft: Draft, flow: Flow, frame: Frame): At {
  const { session, moment, rules } = draft;
  const { answers } = frame;
  return {
    locale: session.locale,
    today: moment.today,
    answers,
    tickets: () => moment.tickets,
    status: (ticket) => rules.texts.t(session.locale, `engine:status.${ticket.status}`),
    vars(name) {
      const value = Object.hasOwn(answers, name) ? answers[name] : undefined;
      if (value !== undefined) return shown(flow, name, value, session.locale, () => moment.tickets);
      return name === 'name' ? (session.name ?? '') : undefined;
    },
  };
}
