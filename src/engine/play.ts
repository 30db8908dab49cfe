// Walking a flow: from node to node until one waits or the talk ends. All policy of position is here.
import type { Value } from '../core/expect.ts';
import type { Choice, Message } from '../core/message.ts';
import type { Frame, Run, Session, Timer } from '../core/session.ts';
import type { Flow, Go, Question } from '../flow/flow.ts';
import { atOf, EXTRA_FILES, type Here, here } from './at.ts';
import { DONE, questionButton, SKIP } from './button.ts';
import { corrected } from './correct.ts';
import { type Draft, say, text } from './draft.ts';
import { addToTicket, openTicket } from './intake.ts';
import { recordResponse } from './outcome.ts';

/** The checker refuses loops that do not wait; this is the last resort against one it could not see. */
const MOST_PASSES = 500;

/** Begins a flow anew; what was under way is kept as partial. */
export function begin(draft: Draft, name: string): void {
  enter(draft, name);
  walk(draft);
}

/** Stands at the flow's first node, nothing asked yet. */
export function enter(draft: Draft, name: string): void {
  abandon(draft);
  const release = draft.rules.current;
  const flow = release.flows.get(name);
  if (!flow) throw new Error(`no flow ${name} in the current release`);
  const { session, moment } = draft;
  session.n += 1;
  const run: Run = {
    id: `${session.id.slice(1, 5)}${session.n.toString(36)}`,
    release: release.hash,
    step: 0,
    frames: [{ flow: name, node: flow.first, answers: {}, since: 0 }],
    startedAt: moment.now,
  };
  session.run = run;
  delete session.talk;
  delete session.lastPress;
}

/** Goes into another flow and comes back to the question that was open. */
export function digress(draft: Draft, name: string): void {
  const run = draft.session.run;
  const flow = run && draft.rules.release(run.release)?.flows.get(name);
  if (!run || !flow) return begin(draft, name);
  if (run.frames.some((frame) => frame.flow === name)) return repeat(draft);
  push(draft, run, flow);
  walk(draft);
}

/** Ends the run, keeping what was answered. */
export function abandon(draft: Draft): void {
  const run = draft.session.run;
  if (!run) return;
  recordPartial(draft, run, run.frames);
  endRun(draft);
}

function recordPartial(draft: Draft, run: Run, frames: readonly Frame[]): void {
  const release = draft.rules.release(run.release);
  for (const frame of frames) {
    const flow = release?.flows.get(frame.flow);
    if (flow && !frame.recorded) recordResponse(draft, run, flow, frame, 'partial');
  }
}

function endRun(draft: Draft): void {
  const { session, event } = draft;
  delete session.run;
  session.timers = [];
  // A double tap on the last button finds no talk any more: it is known by its button.
  if (event.kind === 'press') session.lastPress = event.button;
}

/** Plays from the frame's node on until something waits. */
export function walk(draft: Draft): void {
  for (let passes = 0; passes < MOST_PASSES; passes += 1) {
    const place = here(draft);
    if (!place) return endRun(draft);
    const instead = place.node.skip?.(atOf(draft, place.flow, place.frame));
    if (instead !== undefined) setFrame(draft, { ...place.frame, node: instead });
    else if (place.node.waits) {
      const known = place.frame.kept?.[place.node.id];
      if (known === undefined) return ask(draft, place);
      if (answerAgain(draft, place, known) === 'stop') return;
    } else if (pass(draft, place) === 'stop') return;
  }
  throw new Error(`flow ${draft.session.run?.frames.at(-1)?.flow} does not come to rest`);
}

function pass(draft: Draft, place: Here): 'on' | 'stop' {
  const { frame, flow, node, run } = place;
  const step = node.pass?.(atOf(draft, flow, frame));
  if (!step) return follow(draft, place, node.next);
  switch (step.do) {
    case 'say':
      say(draft, step.message);
      return follow(draft, place, node.next);
    case 'go':
      return follow(draft, place, step.to);
    case 'record':
      recordResponse(draft, run, flow, frame, step.state);
      if (step.state === 'complete') setFrame(draft, { ...frame, recorded: true });
      return follow(draft, place, node.next);
    case 'open': {
      const number = openTicket(draft, place, step.ticket, step.handoff);
      setFrame(draft, { ...frame, answers: { ...frame.answers, [node.id]: number } });
      return follow(draft, place, node.next);
    }
    case 'add':
      if (addToTicket(draft, step)) return follow(draft, place, node.next);
      say(draft, { text: text(draft, 'not_added') });
      return leave(draft, place);
    case 'call': {
      const called = place.release.flows.get(step.flow);
      if (!called) throw new Error(`no flow ${step.flow} in release ${place.release.hash}`);
      // A call that nothing follows needs no way back.
      if (node.next === undefined && !flow.response) popFrame(draft);
      unwind(draft, called);
      push(draft, draft.session.run ?? { ...run, frames: [] }, called);
      return 'on';
    }
    case 'end':
      if (step.message) say(draft, step.message);
      return leave(draft, place);
  }
}

/** Goes to the node, or ends the flow where there is none. */
function follow(draft: Draft, place: Here, to: string | undefined): 'on' | 'stop' {
  if (to === undefined) return leave(draft, place);
  const frame = draft.session.run?.frames.at(-1) ?? place.frame;
  setFrame(draft, { ...frame, node: to });
  return 'on';
}

/** The flow is at its end: its response is complete; the one below goes on, or asks its open question again. */
function leave(draft: Draft, place: Here): 'on' | 'stop' {
  const frame = draft.session.run?.frames.at(-1) ?? place.frame;
  if (!frame.recorded) recordResponse(draft, place.run, place.flow, frame, 'complete');
  popFrame(draft);
  const below = here(draft);
  if (!below) {
    endRun(draft);
    return 'stop';
  }
  if (!below.node.waits) return follow(draft, below, below.node.next);
  if (draft.session.talk) return 'stop';
  ask(draft, below);
  return 'stop';
}

/** A flow that is under way is begun anew rather than once more inside itself: nobody goes back through ten menus. */
function unwind(draft: Draft, flow: Flow): void {
  const { run } = draft.session;
  const at = run?.frames.findIndex((frame) => frame.flow === flow.name) ?? -1;
  if (!run || at < 0) return;
  recordPartial(draft, run, run.frames.slice(at));
  draft.session.run = { ...run, frames: run.frames.slice(0, at) };
}

function push(draft: Draft, run: Run, flow: Flow): void {
  const { ticks: _, files: __, ...rest } = run;
  draft.session.run = {
    ...rest,
    frames: [...run.frames, { flow: flow.name, node: flow.first, answers: {}, since: run.step }],
  };
}

function popFrame(draft: Draft): void {
  const run = draft.session.run;
  if (run) draft.session.run = { ...run, frames: run.frames.slice(0, -1) };
}

export function setFrame(draft: Draft, frame: Frame): void {
  const run = draft.session.run;
  if (run) draft.session.run = { ...run, frames: [...run.frames.slice(0, -1), frame] };
}

/** The node's question, as it stands with the answers so far. */
export function questionOf(draft: Draft, place: Here): Question {
  const question = place.node.ask?.(atOf(draft, place.flow, place.frame));
  if (!question) throw new Error(`node ${place.node.id} of ${place.flow.name} waits but asks nothing`);
  return question;
}

/** Asks the node's question as a new step. */
export function ask(draft: Draft, place: Here): void {
  const { ticks: _, files: __, ...run } = place.run;
  const step = run.step + 1;
  draft.session.run = { ...run, step };
  const { again: ___, ...frame } = place.frame;
  setFrame(draft, frame);
  const asked = here(draft) ?? place;
  say(draft, questionMessage(draft, asked, questionOf(draft, asked)));
  draft.session.timers = timersOf(place.flow, draft.moment.now, draft.session);
}

function timersOf(flow: Flow, now: number, session: Session): readonly Timer[] {
  const expire: Timer = { name: 'expire', due: now + flow.expire };
  return flow.remind && !session.muted
    ? [{ name: 'remind', due: now + flow.remind.after }, expire]
    : [expire];
}

/** Asks the open question once more, as the same step: its buttons stay good. */
export function repeat(draft: Draft, lead?: string): void {
  const place = here(draft);
  if (!place?.node.waits) {
    if (lead !== undefined) say(draft, { text: lead });
    return;
  }
  const message = questionMessage(draft, place, questionOf(draft, place));
  say(draft, lead === undefined ? message : { ...message, text: `${lead}\n\n${message.text}` });
}

export function questionMessage(draft: Draft, place: Here, question: Question): Message {
  const { run, node } = place;
  const many = question.expect.kind === 'many';
  const choices: Choice[] = (question.options ?? []).map((option, position) => ({
    id: questionButton(run.id, run.step, node.index, option.id, position),
    label: many && run.ticks?.includes(option.id) ? `✓ ${option.label}` : option.label,
  }));
  const taken = (run.ticks?.length ?? 0) + (run.files?.length ?? 0);
  const button = (id: string, key: string): Choice => ({
    id: questionButton(run.id, run.step, node.index, id, 0),
    label: text(draft, key),
  });
  const ways: Choice[] = [];
  if ((many && (taken > 0 || !question.optional)) || (run.files?.length ?? 0) > 0)
    ways.push(button(DONE, 'button.done'));
  if (question.optional && taken === 0) ways.push(button(SKIP, 'button.skip'));
  const layout = question.layout ? { layout: question.layout } : {};
  const whole = { text: question.text, choices: [...choices, ...ways], ...layout };
  if (whole.choices.length === 0) return { text: question.text };
  if (ways.length === 0 || !draft.moment.channel.numbered(whole)) return whole;
  // A number means an option: the ways on are words there.
  const hint = text(draft, ways[0]?.id.endsWith(DONE) ? 'hint.done' : 'hint.skip');
  return { text: `${question.text}\n\n${hint}`, ...(choices.length > 0 ? { choices } : {}), ...layout };
}

/** The answer given before the change of an earlier one stands, and leads where it leads now. */
function answerAgain(draft: Draft, place: Here, value: Value): 'on' | 'stop' {
  const { kept: before, ...rest } = place.frame;
  const { [place.node.id]: _, ...others } = before ?? {};
  const answers = { ...rest.answers, [place.node.id]: value };
  const frame: Frame = { ...rest, answers, ...(Object.keys(others).length > 0 ? { kept: others } : {}) };
  const go: Go =
    place.node.after?.(value === '' ? undefined : value, atOf(draft, place.flow, frame)) ?? 'next';
  return move(draft, place, frame, go, undefined);
}

/** Keeps the answer and goes on. A question left out is kept as the empty string, so that "back" finds it. */
export function answered(draft: Draft, place: Here, value: Value | undefined): void {
  const { back, again: _, ...frame } = place.frame;
  // A copy and a write are twice as fast as one literal with a computed name.
  const answers: Record<string, Value> = { ...frame.answers };
  answers[place.node.id] = value ?? '';
  const go: Go = place.node.after?.(value, atOf(draft, place.flow, { ...frame, answers })) ?? 'next';
  // A summary is no answer of its own: going back from behind it leads to the last real one.
  const kept = place.node.kind === 'confirm' ? frame.answers : answers;
  if (move(draft, place, { ...frame, answers: kept }, go, back) === 'on') walk(draft);
}

function move(draft: Draft, place: Here, frame: Frame, go: Go, back: string | undefined): 'on' | 'stop' {
  if (back !== undefined) {
    setFrame(draft, corrected(place.flow, place.node, frame, go, back));
    return 'on';
  }
  const to = go === 'next' ? place.node.next : go.to;
  if (to === undefined) {
    setFrame(draft, frame);
    return leave(draft, { ...place, frame });
  }
  const andBack = go !== 'next' && go.andBack === true;
  setFrame(draft, andBack ? { ...frame, node: to, back: place.node.id } : { ...frame, node: to });
  return 'on';
}

/** Takes back the last answer and asks it again. False: there is none. */
export function goBack(draft: Draft): boolean {
  const place = here(draft);
  if (!place) return false;
  const { back, again: _, ...frame } = place.frame;
  if (back !== undefined) {
    // Nothing is to be corrected after all.
    setFrame(draft, { ...frame, node: back });
    ask(draft, here(draft) ?? place);
    return true;
  }
  const asked = Object.keys(place.frame.answers).filter((id) => place.flow.nodes.get(id)?.waits);
  const last = asked.at(-1);
  if (last !== undefined) {
    takeBack(draft, place, last);
    return true;
  }
  const run = draft.session.run;
  if (!run || run.frames.length < 2) return false;
  // Nothing answered in this flow yet: back to the one it was called from.
  popFrame(draft);
  const below = here(draft);
  if (!below) return false;
  if (below.node.waits) ask(draft, below);
  else return goBack(draft);
  return true;
}

/** Takes back the node's answer and all that came after it, and asks it again. */
export function takeBack(draft: Draft, place: Here, id: string, quietly = false): void {
  const ids = Object.keys(place.frame.answers);
  const kept = ids.filter((key, index) => index < ids.indexOf(id) || key === EXTRA_FILES);
  const answers = Object.fromEntries(kept.map((key) => [key, place.frame.answers[key]!]));
  const { back: _, again: __, kept: ___, ...frame } = place.frame;
  setFrame(draft, { ...frame, node: id, answers });
  const at = here(draft);
  if (at && !quietly) ask(draft, at);
}
