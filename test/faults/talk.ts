// How the people of a run play their parts: each step waits for what the step before led to. Gives the ticket's number
// they were told, if any.
import { choiceOn, type Face, newest, type Shown, typed } from './face.ts';
import { LABELS, type Plan, type Question, type Rating, type Trouble } from './plan.ts';

export async function play(face: Face, plan: Plan): Promise<string | undefined> {
  const { talk } = plan;
  await face.begin(talk.does);
  if (talk.does === 'rating') return await rate(face, plan, talk);
  if (talk.does === 'trouble') return await complain(face, plan, talk);
  return await askOperator(face, talk);
}

const asked = (face: Face, mark: string): Promise<Shown> =>
  face.until(() => newest(face, mark), `a message that begins with ${mark}`);

/** Some people press twice, as a finger does, where the button is still there. */
async function press(face: Face, plan: Plan, label: string, on: Shown): Promise<void> {
  await face.press(label, on);
  if (plan.doublePress && !face.numbered && choiceOn(current(face, on), label)) await face.press(label, on);
}

const current = (face: Face, on: Shown): Shown => face.shown().find(({ id }) => id === on.id) ?? on;

async function rate(face: Face, plan: Plan, talk: Rating): Promise<string | undefined> {
  const score = await asked(face, 'R1');
  if (talk.scoreBy === 'words') await face.say(String(talk.score));
  else await press(face, plan, String(talk.score), score);
  const why = await asked(face, 'R2');
  if (typeof talk.why === 'string') await face.say(talk.why);
  else await tick(face, plan, why, talk.why);
  await asked(face, 'R3');
  await face.say(talk.comment);
  const contact = await asked(face, 'R4');
  await press(face, plan, talk.mayContact ? 'Yes, you may' : 'No, thanks', contact);
  return numberIn(await asked(face, 'R5'));
}

/** A second press on an option would take it back, so only "Done" is pressed twice. */
async function tick(face: Face, plan: Plan, question: Shown, ids: readonly string[]): Promise<void> {
  const labels = ids.map((id) => LABELS[id as keyof typeof LABELS]);
  if (face.numbered) return await face.say(labels.map((label) => typed(label, question)).join(', '));
  let open = question;
  for (const label of labels) {
    await face.press(label, open);
    // Shown on the question itself, or said anew where a message cannot be changed.
    const ticked = (one: Shown): boolean => one.choices.some((choice) => choice.label === `✓ ${label}`);
    open = await face.until(
      () => [current(face, open), ...face.shown().filter(isTicks).reverse()].find(ticked),
      `the tick at ${label}`,
    );
  }
  await press(face, plan, 'Done', open);
}

const isTicks = ({ text }: Shown): boolean => text.startsWith('Chosen: ');

async function complain(face: Face, plan: Plan, talk: Trouble): Promise<string | undefined> {
  const area = await asked(face, 'T1');
  if (talk.areaBy === 'words') await face.say(LABELS[talk.area]);
  else await press(face, plan, LABELS[talk.area], area);
  await asked(face, 'T2');
  await face.say(talk.what);
  const evidence = await asked(face, 'T3');
  if (talk.files.length === 0) await press(face, plan, 'Skip', evidence);
  else {
    await face.send(talk.files);
    const taken = await face.until(
      () => face.shown().findLast((one) => one.text.startsWith(`Got ${talk.files.length} file`)),
      `word that ${talk.files.length} files are taken`,
    );
    await press(face, plan, 'Done', taken);
  }
  const check = await asked(face, 'T4');
  await press(face, plan, 'Send it', check);
  return numberIn(await asked(face, 'T5'));
}

async function askOperator(face: Face, talk: Question): Promise<string | undefined> {
  await asked(face, 'O1');
  await face.say(talk.question);
  return numberIn(await asked(face, 'O2'));
}

const numberIn = ({ text }: Shown): string | undefined => /The number is (\S+)\.$/.exec(text)?.[1];

/** The marks of the questions and last words each talk shows, in their order. */
export function marksOf({ talk }: Plan): readonly string[] {
  if (talk.does === 'rating') return ['R1', 'R2', 'R3', 'R4', 'R5'];
  return talk.does === 'trouble' ? ['T1', 'T2', 'T3', 'T4', 'T5'] : ['O1', 'O2'];
}
