// Who takes part in a run, what each does, and with it what must come of it: the reference that the outcomes are held
// against. People see only their chat, and what they know of the program is in the words it says.
import { asked, type Face } from './face.ts';
import type { Random } from './random.ts';
import type { Seen } from './telegram.ts';

export interface WantedResponse {
  readonly state: 'complete' | 'partial';
  readonly score: number;
  readonly why: readonly string[] | undefined;
  readonly comment: string | undefined;
  readonly contact: boolean | undefined;
  /** Asked for by the later release only. */
  readonly place: string | undefined;
}

export interface WantedTicket {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: number;
}

export interface Person {
  readonly id: number;
  readonly face: Face;
  readonly token: string;
  readonly address: { readonly channel: string; readonly account: string; readonly peer: string };
  readonly does: 'rating' | 'trouble' | 'operator';
  /** One of a crowd that comes at one moment and answers at once. */
  readonly hasty: boolean;
  /** The end of what they came for. */
  finished: boolean;
  response: WantedResponse | undefined;
  ticket: WantedTicket | undefined;
  /** The number they were told; absent where the words with it were kept from them. */
  told: string | undefined;
  /** What they said to the operator. */
  readonly replies: string[];
  /** Silence is part of what they do: the talk ends without them. */
  silent: boolean;
  /** They saw that their ticket was closed. */
  closed: boolean;
}

export const tokenOf = (id: number): string => `k${id}z`;
export const TOKENS = /k(\d+)z/g;

const LABELS: Readonly<Record<string, string>> = {
  quality: 'Quality',
  delivery: 'Delivery',
  price: 'Price',
  product: 'Product',
  other: 'Something else',
};

const numberIn = (text: string | undefined): string | undefined => /number is (\S+)\.$/.exec(text ?? '')?.[1];

export async function live(person: Person, random: Random): Promise<void> {
  await person.face.pause(random() * (person.hasty ? 500 : 10 * 60_000));
  if (person.does === 'rating') await rate(person, random);
  else if (person.does === 'trouble') await complain(person, random);
  else await callOperator(person, random);
  person.finished = true;
}

const think = async (person: Person, random: Random): Promise<void> => {
  const draw = random();
  const long = random();
  if (person.hasty) return person.face.pause(long * 60);
  // Most answer at once, some are called away.
  await person.face.pause(draw < 0.9 ? 300 + long * 8_000 : long * 5 * 60_000);
};

/** A slip before the real answer: the question comes again. */
async function stumble(person: Person, random: Random, mark: string, wrong: string): Promise<void> {
  const { face } = person;
  if (!random.chance(0.15)) return;
  face.say(random.chance(0.5) ? wrong : 'help');
  await asked(face, [mark]);
  await think(person, random);
}

async function rate(person: Person, random: Random): Promise<void> {
  const { face, token } = person;
  face.say(random.chance(0.5) ? '/rating' : '/start rating');
  let score = await scored(person, random);
  let why = await explained(person, random, score);
  const ends = random();
  if (ends < 0.08) {
    // They never come back: the talk ends by itself, and what was answered is kept.
    person.silent = true;
    person.response = {
      state: 'partial',
      score,
      why,
      comment: undefined,
      contact: undefined,
      place: undefined,
    };
    return;
  }
  await asked(face, ['R3']);
  await think(person, random);
  if (random.chance(0.15)) {
    face.say('back');
    await asked(face, ['R2']);
    await think(person, random);
    if (random.chance(0.5)) {
      face.say('back');
      score = await scored(person, random);
    }
    why = await explained(person, random, score);
    await asked(face, ['R3']);
    await think(person, random);
  }
  if (ends < 0.16) {
    face.say('cancel');
    await asked(face, ["All right, we've stopped"], true);
    person.response = {
      state: 'partial',
      score,
      why,
      comment: undefined,
      contact: undefined,
      place: undefined,
    };
    return;
  }
  const comment = random.chance(0.8) ? `comment of ${token}` : undefined;
  face.say(comment ?? 'skip');
  let place: string | undefined;
  const next = await asked(face, ['R6', 'R4']);
  await think(person, random);
  if (next?.text.includes('R6 ')) {
    place = `place of ${token}`;
    face.say(place);
    await asked(face, ['R4']);
    await think(person, random);
  }
  const contact = random.chance(0.35);
  const question = await asked(face, ['R4']);
  await answer(person, random, question, contact ? 'Yes, you may' : 'No, thanks');
  person.response = { state: 'complete', score, why, comment, contact, place };
  if (contact) {
    // A question left out is no field.
    const fields = { score: String(score), ...(comment === undefined ? {} : { comment }) };
    person.ticket = { fields, files: 0 };
  }
  person.told = numberIn((await asked(face, ['R5'], true))?.text);
}

/** Pressed where there is a button, now and then twice, or said. */
async function answer(
  person: Person,
  random: Random,
  on: Awaited<ReturnType<typeof asked>>,
  label: string,
): Promise<void> {
  const { face } = person;
  if (!on || random.chance(0.2) || !on.buttons.some((one) => one.label === label)) return face.say(label);
  face.press(on, label);
  if (!random.chance(0.2)) return;
  const { since } = face;
  await face.pause(random() * (person.hasty ? 60 : 1_500));
  const button = on.buttons.find((one) => one.label === label);
  if (button) face.hands.press(on, button.id);
  face.since = since;
}

async function scored(person: Person, random: Random): Promise<number> {
  const { face } = person;
  await asked(face, ['R1']);
  await think(person, random);
  await stumble(person, random, 'R1', 'banana');
  const score = random.below(11);
  await answer(person, random, face.newest('R1'), String(score));
  return score;
}

async function explained(
  person: Person,
  random: Random,
  score: number,
): Promise<readonly string[] | undefined> {
  const { face, token } = person;
  const question = await asked(face, ['R2']);
  await think(person, random);
  const draw = random();
  if (draw < 0.15 || !question) {
    face.say('skip');
    return undefined;
  }
  if (draw < 0.35) {
    const words = `because ${token} gave ${score}`;
    face.say(words);
    return [words];
  }
  const ticked = ['quality', 'delivery', 'price'].filter(() => random.chance(0.5));
  if (ticked.length === 0) ticked.push('price');
  if (random.chance(0.25)) {
    face.say(ticked.map((id) => LABELS[id]).join(', '));
    return ticked;
  }
  let open = question;
  for (const id of ticked) {
    const label = LABELS[id]!;
    const misses = face.misses;
    face.press(open, label);
    // Shown on the question itself, or said anew; where that was kept from them they go on.
    const hasTick = (one: Seen): boolean => one.buttons.some((button) => button.label === `✓ ${label}`);
    const ticks = await face.until(
      () =>
        [open, face.newest('Chosen: ')].find((one) => one && hasTick(one)) ??
        (face.misses > misses ? ('missed' as const) : undefined),
    );
    if (ticks !== undefined && ticks !== 'missed') open = ticks;
    await think(person, random);
  }
  const done = open.buttons.find((one) => one.label === 'Done');
  if (done) face.press(open, 'Done');
  else face.say('done');
  return ticked;
}

async function complain(person: Person, random: Random): Promise<void> {
  const { face, token } = person;
  face.say('/trouble');
  const area = await asked(face, ['T1']);
  await think(person, random);
  await stumble(person, random, 'T1', 'nothing of these at all');
  const about = random.pick(['delivery', 'product', 'other']);
  await answer(person, random, face.newest('T1') ?? area, LABELS[about]!);
  const urgent = await graded(person, random, 'T6');
  const fair = await graded(person, random, 'T7');
  await asked(face, ['T2']);
  await think(person, random);
  const what = `what happened to ${token}`;
  face.say(what);
  await asked(face, ['T3']);
  await think(person, random);
  const files = random.chance(0.5) ? 0 : 1 + random.below(3);
  if (files === 0) face.say('skip');
  else {
    const misses = face.misses;
    face.send(files);
    await face.until(() => face.newest(`Got ${files} file`) ?? (face.misses > misses ? true : undefined));
    await think(person, random);
    face.say('done');
  }
  const check = await asked(face, ['T4']);
  await think(person, random);
  await answer(person, random, check, 'Send it');
  person.ticket = { fields: { area: LABELS[about]!, urgent, fair, what }, files };
  person.told = numberIn((await asked(face, ['T5'], true))?.text);
}

async function graded(person: Person, random: Random, mark: string): Promise<string> {
  const question = await asked(person.face, [mark]);
  await think(person, random);
  const grade = String(1 + random.below(5));
  await answer(person, random, person.face.newest(mark) ?? question, grade);
  return grade;
}

async function callOperator(person: Person, random: Random): Promise<void> {
  const { face, token } = person;
  face.say(random.chance(0.5) ? '/operator' : 'operator');
  await asked(face, ['O1']);
  await think(person, random);
  const question = `question of ${token}`;
  face.say(question);
  person.ticket = { fields: { question }, files: 0 };
  person.told = numberIn((await asked(face, ['O2'], true))?.text);
  // Some say more before anybody answers.
  if (random.chance(0.3)) reply(person);
  const answered = await face.until(
    () =>
      face.seen.find(({ text }) => text.includes(`word for ${token}`)) ??
      (face.seen.some(({ text }) => / is closed\./.test(text)) || person.closed ? true : undefined),
    4 * 3_600_000,
  );
  if (answered === true || answered === undefined) return;
  for (let left = random.below(4); left > 0; left -= 1) {
    // All at once, or one after another.
    if (random.chance(0.5)) await think(person, random);
    if (!person.closed) reply(person);
  }
}

function reply(person: Person): void {
  const words = `reply ${person.replies.length + 1} of ${person.token}`;
  person.replies.push(words);
  person.face.hands.say(words);
}
