// The grammar of a button's id: whose talk, which question, which answer. Nothing else in a press is believed.

/** What a button of a question means. `skip` and `done` stand beside the options. */
export interface QuestionButton {
  readonly kind: 'answer';
  readonly run: string;
  readonly step: number;
  /** The node's place in its flow. */
  readonly node: number;
  readonly option: string;
}

/** Buttons that belong to no question. */
export interface CommonButton {
  readonly kind: 'common';
  readonly does: 'menu' | 'operator' | 'locale' | 'resume';
  readonly value?: string;
}

export const SKIP = '~skip';
export const DONE = '~done';

/** Room for an option's own id; a longer one goes by its position. */
const OPTION = 12;

export function questionButton(
  run: string,
  step: number,
  node: number,
  option: string,
  position: number,
): string {
  const short = option.length <= OPTION ? option : `#${position}`;
  return `${run}.${step.toString(36)}.${node.toString(36)}.${short}`;
}

export const commonButton = (does: CommonButton['does'], value = ''): string =>
  value ? `~.${does}.${value}` : `~.${does}`;

/** It belongs to no question. */
export const isCommon = (id: string): boolean => id.startsWith('~.');

export function readButton(id: string): QuestionButton | CommonButton | undefined {
  if (id.length > 64) return undefined;
  const parts = id.split('.');
  if (parts[0] === '~') {
    const [, does, value] = parts;
    if (does !== 'menu' && does !== 'operator' && does !== 'locale' && does !== 'resume') return undefined;
    return value === undefined ? { kind: 'common', does } : { kind: 'common', does, value };
  }
  const [run, step, node, ...option] = parts;
  if (!run || !step || !node || option.length === 0) return undefined;
  const stepNumber = Number.parseInt(step, 36);
  const nodeNumber = Number.parseInt(node, 36);
  if (Number.isNaN(stepNumber) || Number.isNaN(nodeNumber)) return undefined;
  return { kind: 'answer', run, step: stepNumber, node: nodeNumber, option: option.join('.') };
}

/** The option a button means among those now shown. */
export function optionOf<T extends { readonly id: string }>(
  options: readonly T[],
  shown: string,
): T | undefined {
  if (shown.startsWith('#')) return options[Number(shown.slice(1))];
  return options.find((option) => option.id === shown);
}
