// How buttons stand in rows so that a phone shows them evenly and readably, and how their labels are cut. Pure.
import type { Choice, Message } from '../core/message.ts';
import type { Abilities } from './channel.ts';
import { shorten } from './split.ts';

type Buttons = NonNullable<Abilities['buttons']>;

/** A label this short may share its row. */
const SHORT = 12;
/** Characters of a row that a narrow phone shows; the buttons of a row are equally wide. */
const ROW_WIDTH = 36;

/** The choices in rows, as an adapter puts them under a message. Fitted choices always find room. */
export function rows(
  choices: readonly Choice[],
  layout: Message['layout'],
  abilities: Abilities,
): Choice[][] {
  const { buttons } = abilities;
  if (!buttons || choices.length === 0) return [];
  const pretty = layout === 'scale' ? scaleRows(choices, buttons) : listRows(choices, buttons);
  if (pretty.length <= buttons.rows) return pretty;
  return even(choices, Math.min(Math.ceil(choices.length / buttons.rows), buttons.perRow));
}

export function capacity(buttons: Buttons): number {
  return Math.min(buttons.rows * buttons.perRow, buttons.most ?? Number.POSITIVE_INFINITY);
}

/** Whether labels that differ would look the same once cut. */
export function sameAfterCut(choices: readonly Choice[], limit: number): boolean {
  const shown = choices.map((choice) => shorten(choice.label, limit));
  return shown.some((label, index) => label !== choices[index]?.label && shown.indexOf(label) !== index);
}

function scaleRows(choices: readonly Choice[], buttons: Buttons): Choice[][] {
  return even(choices, sharing(choices, buttons.scalePerRow));
}

function listRows(choices: readonly Choice[], buttons: Buttons): Choice[][] {
  const result: Choice[][] = [];
  let run: Choice[] = [];
  const endRun = () => {
    if (run.length > 0) result.push(...even(run, sharing(run, buttons.perRow)));
    run = [];
  };
  for (const choice of choices) {
    if (choice.label.length <= SHORT) run.push(choice);
    else {
      endRun();
      result.push([choice]);
    }
  }
  endRun();
  return result;
}

/** How many may stand side by side when all are as wide as the widest. */
function sharing(choices: readonly Choice[], most: number): number {
  const widest = Math.max(...choices.map((choice) => choice.label.length), 1);
  return Math.max(1, Math.min(most, Math.floor(ROW_WIDTH / widest)));
}

/** Rows as equal as can be, the longer ones first: 11 in rows of at most 6 are 6 and 5. */
function even(choices: readonly Choice[], most: number): Choice[][] {
  const count = Math.ceil(choices.length / most);
  const result: Choice[][] = [];
  let taken = 0;
  for (let row = 0; row < count; row++) {
    const size = Math.ceil((choices.length - taken) / (count - row));
    result.push(choices.slice(taken, taken + size));
    taken += size;
  }
  return result;
}
