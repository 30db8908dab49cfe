// What a talk leaves behind: its response.
import type { Value } from '../core/expect.ts';
import type { Frame, Run } from '../core/session.ts';
import type { Flow } from '../flow/flow.ts';
import { shown } from './at.ts';
import { act, type Draft } from './draft.ts';

const given = (value: Value | undefined): value is Value => value !== undefined && value !== '';

/** Records the flow's response, if it makes one and anything was answered. Its id is fixed by run and flow. */
export function recordResponse(
  draft: Draft,
  run: Run,
  flow: Flow,
  frame: Frame,
  state: 'partial' | 'complete',
): void {
  const spec = flow.response;
  if (!spec) return;
  const { answers } = frame;
  const score = answers[spec.score];
  const asked = Object.keys(answers);
  if (typeof score !== 'number') return;
  const comment = spec.comment === undefined ? undefined : answers[spec.comment];
  const contact = spec.contact === undefined ? undefined : answers[spec.contact];
  const { session, moment } = draft;
  act(draft, {
    kind: 'record',
    response: {
      id: `${session.id}.${run.id}.${flow.name}.${frame.since}`,
      contact: session.id,
      channel: session.address.channel,
      account: session.address.account,
      locale: session.locale,
      flow: flow.name,
      flowVersion: flow.hash,
      state,
      metric: spec.metric,
      score,
      reasons: spec.reasons.flatMap((id) => {
        const value = answers[id];
        if (!given(value) || typeof value === 'number') return [];
        return typeof value === 'string'
          ? [value]
          : value.filter((one): one is string => typeof one === 'string');
      }),
      ...(given(comment) ? { comment: shown(flow, spec.comment!, comment, session.locale) } : {}),
      ...(given(contact) ? { contactAllowed: contact === 'yes' } : {}),
      touchpoint: spec.touchpoint,
      answers,
      lastNode: state === 'complete' ? (asked.at(-1) ?? frame.node) : frame.node,
      startedAt: run.startedAt,
      at: moment.now,
    },
  });
}
