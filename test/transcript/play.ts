// Plays a transcript: what people do goes in by the shell's one door, and every message that comes out must be told of.
import { type Address, contactIdOf } from '../../src/core/contact.ts';
import type { CustomerAct, CustomerEvent, DeskAct, DeskEvent, InboundEvent } from '../../src/core/event.ts';
import type { Attachment, AttachmentKind, Choice } from '../../src/core/message.ts';
import { checkBot, checkDesk, checkResponse, checkTicket, holds, MAIN, Mismatch } from './checks.ts';
import { CHANNEL } from './recording-channel.ts';
import { DESK } from './recording-desk.ts';
import type { ActStep, CustomerSaid, OperatorDid, Pressed, Step, Transcript } from './transcript.ts';
import { createWorld, type Ground, type World } from './world.ts';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What was said by people, so that it can be edited, quoted, sent again. */
export interface Talk {
  readonly world: World;
  readonly locale: string;
  /** Ids of the messages and desk shows that were told of already. */
  readonly told: Set<string>;
  readonly spoken: { readonly by: string; readonly text: string; readonly id: string }[];
  last: readonly InboundEvent[];
  count: number;
}

/** Throws where the talk goes another way than written. Gives the nodes it came through. */
export async function play(ground: Ground, transcript: Transcript): Promise<ReadonlySet<string>> {
  const world = await createWorld(ground, transcript.channel);
  const talk: Talk = {
    world,
    locale: transcript.locale,
    told: new Set(),
    spoken: [],
    last: [],
    count: 0,
  };
  try {
    for (const { line, step } of [...transcript.steps, { line: 0, step: { nothing: true } as const }]) {
      try {
        await take(talk, step);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        throw new Error(`${transcript.file}:${line || 'end'}: ${error.message}`);
      }
    }
    return world.visited;
  } finally {
    await world.stop();
  }
}

async function take(talk: Talk, step: Step): Promise<void> {
  const { world } = talk;
  if ('say' in step) return await happen(talk, eventsOf(talk, step.say));
  if ('atOnce' in step)
    return await happen(
      talk,
      step.atOnce.flatMap((one) => eventsOf(talk, one)),
    );
  if ('sameAgain' in step) return await happen(talk, talk.last);
  if ('reach' in step) {
    const act = { kind: 'reach', reachable: step.reach } as const;
    return await happen(talk, [customerEvent(talk, step.who ?? MAIN, act)]);
  }
  if ('wait' in step) {
    allTold(talk);
    world.pass(Number.parseInt(step.wait, 10) * UNITS[step.wait.at(-1) as keyof typeof UNITS]);
    await world.app().sweep();
    return await world.app().idle();
  }
  if ('network' in step)
    return void world.channel.troubles.push(...Array.from({ length: step.times }, () => step.network));
  if ('flowEdited' in step) {
    const { file, from, to } = step.flowEdited;
    return await world.edit(file, from, to);
  }
  if ('restart' in step) return await world.restart();
  if ('bot' in step) {
    for (const said of step.bot) checkBot(talk, said, peerOf);
    return;
  }
  if ('desk' in step) {
    for (const seen of step.desk) checkDesk(talk, seen);
    return;
  }
  if ('marked' in step) return marked(talk, step.marked);
  if ('revised' in step) {
    const last = world.channel.revised.at(-1);
    if (!last?.text.includes(step.revised))
      throw new Mismatch(`no message was changed to "${step.revised}", but to "${last?.text ?? ''}"`);
    return;
  }
  if ('response' in step) return await checkResponse(world, contactOf(MAIN), step.response);
  if ('responses' in step) {
    const all = await world.store.records.responses({ limit: 100 });
    if (all.length !== step.responses) throw new Mismatch(`${all.length} responses were recorded`);
    return;
  }
  if ('ticket' in step) return await checkTicket(world, contactOf(MAIN), step.ticket);
  if ('tickets' in step) {
    const all = await world.store.records.tickets({ limit: 100 });
    if (all.length !== step.tickets) throw new Mismatch(`there are ${all.length} tickets`);
    return;
  }
  if ('alsoOn' in step) {
    const shown = world.desk.seen.at(-1)?.ticket.alsoOn ?? [];
    if (shown.join() !== step.alsoOn.join())
      throw new Mismatch(`the desk is shown that they are also on: ${shown.join() || 'nothing'}`);
    return;
  }
  allTold(talk);
}

async function happen(talk: Talk, events: readonly InboundEvent[]): Promise<void> {
  allTold(talk);
  talk.last = events;
  await talk.world.app().intake(events);
  await talk.world.app().idle();
}

/** Nothing was said or shown that the transcript does not tell of. */
function allTold(talk: Talk): void {
  const { channel, desk } = talk.world;
  const said = channel.arrived.find(({ id }) => !talk.told.has(id));
  if (said) throw new Mismatch(`the bot says more than is written: "${said.message.text}"`);
  const seen = desk.seen.find(({ id, show }) => show.what !== 'card' && !talk.told.has(id));
  if (seen)
    throw new Mismatch(
      `the desk sees more than is written: ${JSON.stringify(seen.show)} ${seen.message?.text ?? ''}`,
    );
}

function marked(talk: Talk, words: string): void {
  const last = talk.world.channel.redrawn.at(-1);
  const shown = [last?.next.text, ...(last?.next.choices ?? []).map((one) => one.label)].join('\n');
  if (!shown.includes(words)) throw new Mismatch(`"${words}" is not marked: "${shown}"`);
}

const peerOf = (who: string): string => (who === MAIN ? 'ivan' : who);
/** `ivan@radio` is somebody on that network; without one it is the usual. */
const addressOf = (who: string): Address => ({
  channel: who.split('@')[1] ?? CHANNEL,
  account: '',
  peer: peerOf(who),
});
const contactOf = (who: string): string => contactIdOf(addressOf(who));

function eventsOf(talk: Talk, step: ActStep): readonly InboundEvent[] {
  const who = step.who ?? MAIN;
  if (step.customer !== undefined) return [customerEvent(talk, who, message(talk, who, step.customer))];
  if (step.press !== undefined) return presses(talk, who, step.press);
  if (step.start !== undefined)
    return [
      customerEvent(talk, who, { kind: 'start', ...(step.start === '' ? {} : { payload: step.start }) }),
    ];
  if (step.edit !== undefined) {
    const { was, text } = step.edit;
    return [customerEvent(talk, who, { kind: 'edit', message: spokenId(talk, was), text })];
  }
  if (step.outside !== undefined) {
    const name = step.who ?? 'Вера';
    talk.spoken.push({ by: name, text: step.outside, id: `x${talk.count + 1}` });
    const by = { id: `paper:${name}`, name };
    const act = { kind: 'outside', by, text: step.outside, message: `x${talk.count + 1}` } as const;
    return [customerEvent(talk, MAIN, act)];
  }
  if (step.receipt !== undefined) {
    const { of, state, reason } = step.receipt;
    const found = talk.world.channel.arrived.findLast(({ message: shown }) => shown.text.includes(of));
    if (!found) throw new Mismatch(`nothing that says "${of}" arrived`);
    const act = { kind: 'receipt', key: found.key, state, ...(reason ? { reason } : {}) } as const;
    return [customerEvent(talk, MAIN, act)];
  }
  if (step.operator !== undefined) return [operatorEvent(talk, step.who ?? 'Анна', step.operator)];
  throw new Mismatch('nobody does anything here');
}

function customerEvent(talk: Talk, who: string, act: CustomerAct): CustomerEvent {
  talk.count += 1;
  return {
    ...addressOf(who),
    id: `e${talk.count}`,
    at: talk.world.now(),
    person: { name: who, locale: talk.locale },
    ...act,
  };
}

function message(talk: Talk, who: string, said: CustomerSaid): CustomerAct {
  const id = `u${talk.count + 1}`;
  const { text: words = '', reply, ...sent } = typeof said === 'string' ? { text: said } : said;
  const text = withCode(talk, words);
  talk.spoken.push({ by: who, text, id });
  const attachments = attachmentsOf(sent);
  return {
    kind: 'message',
    text,
    message: id,
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(reply === undefined ? {} : { replyTo: arrivedId(talk, reply) }),
  };
}

/** `{code}` is the newest code to join by that was shown to anybody, `{code 1}` the first. */
function withCode(talk: Talk, words: string): string {
  return words.replace(/\{code(?: (\d+))?\}/g, (_, nth?: string) => {
    const codes = talk.world.channel.arrived.flatMap(
      ({ message }) => / \/join (\S{4}-\S{4})/.exec(message.text)?.[1] ?? [],
    );
    const code = nth === undefined ? codes.at(-1) : codes[Number(nth) - 1];
    if (code === undefined) throw new Mismatch('no such code was shown');
    return code;
  });
}

function attachmentsOf(sent: Partial<Record<string, readonly string[]>>): Attachment[] {
  return (['photo', 'video', 'voice', 'document', 'sticker'] satisfies AttachmentKind[]).flatMap((kind) =>
    (sent[kind] ?? []).map((name) => ({ kind, ref: `${CHANNEL}:${name}`, name })),
  );
}

function presses(talk: Talk, who: string, pressed: Pressed): readonly InboundEvent[] {
  const { label, on, by = who, times = 1 } = typeof pressed === 'string' ? { label: pressed } : pressed;
  const mine = talk.world.channel.arrived.filter((one) => one.peer === peerOf(who));
  // A button that was shown once can be pressed for ever: an old screen may still show it.
  const under = mine.findLast(
    ({ message, choices }) =>
      (on === undefined || message.text.includes(on)) &&
      [...choices, ...(message.choices ?? [])].some((choice) => isLabelled(choice, label)),
  );
  const all = [...(under?.choices ?? []), ...(under?.message.choices ?? [])];
  const choice = all.find((one) => isLabelled(one, label));
  if (!under || !choice) throw new Mismatch(`there is no button "${label}"`);
  return Array.from({ length: times }, () =>
    customerEvent(talk, by, { kind: 'press', button: choice.id, message: under.id }),
  );
}

function isLabelled(choice: Choice, wanted: string): boolean {
  const label = choice.label.replace(/^✓ /, '');
  return wanted.startsWith('/') ? holds(label, wanted) : label === wanted;
}

function arrivedId(talk: Talk, words: string): string {
  const found = talk.world.channel.arrived.findLast(({ message }) => message.text.includes(words));
  if (!found) throw new Mismatch(`nothing that says "${words}" arrived`);
  return found.id;
}

function spokenId(talk: Talk, words: string): string {
  const found = talk.spoken.findLast(({ text }) => text.includes(words));
  if (!found) throw new Mismatch(`nobody said "${words}"`);
  return found.id;
}

function operatorEvent(talk: Talk, name: string, did: OperatorDid): DeskEvent {
  const { desk } = talk.world;
  const told = typeof did === 'string' ? { text: did } : did;
  const place = 'in' in told && told.in !== undefined ? desk.places[told.in - 1] : desk.places.at(-1);
  if (place === undefined) throw new Mismatch('the desk has no ticket yet');
  talk.count += 1;
  return {
    kind: 'desk',
    id: `e${talk.count}`,
    channel: DESK,
    account: '',
    at: talk.world.now(),
    operator: { id: `op:${name}`, name },
    place,
    ...deskAct(talk, name, told),
  };
}

/** As operators write at a desk in a chat: a word with a slash is a command. */
function deskAct(talk: Talk, name: string, did: Exclude<OperatorDid, string>): DeskAct & { message: string } {
  const { text = '', edit, resend, reply, in: _, ...sent } = did;
  if (edit) return { act: 'edit', text: edit.text, message: spokenId(talk, edit.was) };
  const id = `o${talk.count}`;
  if (resend !== undefined) return { act: 'resend', message: spokenId(talk, resend) };
  const attachments = attachmentsOf(sent);
  const files = attachments.length > 0 ? { attachments } : {};
  const [command, rest] = [/^\/\w+|^\/\//.exec(text)?.[0], text.replace(/^\/\w+\s*|^\/\/\s*/, '')];
  if (command === '/claim') return { act: 'claim', message: id };
  if (command === '/take') return { act: 'claim', force: true, message: id };
  if (command === '/close') return { act: 'close', message: id, ...(rest ? { text: rest } : {}) };
  talk.spoken.push({ by: name, text, id });
  if (command === '/note' || command === '//') return { act: 'note', text: rest, message: id, ...files };
  if (command !== undefined) return { act: 'unknown', text, message: id };
  const quoted = reply === undefined ? {} : { replyTo: seenId(talk, reply) };
  return { act: 'write', text, message: id, ...files, ...quoted };
}

function seenId(talk: Talk, words: string): string {
  const found = talk.world.desk.seen.findLast((one) => one.message?.text.includes(words));
  if (!found) throw new Mismatch(`the desk saw nothing that says "${words}"`);
  return found.id;
}
