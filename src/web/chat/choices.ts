// The buttons under a question: one stop for Tab, arrows between them, a scale in even rows.
import type { MessageView } from '../../channels/web/wire.ts';
import { wordNodes } from './bubble.ts';
import { make } from './dom.ts';
import { safeUrl } from './links.ts';
import { type Question, tickOf } from './talk.ts';

type Choices = NonNullable<MessageView['choices']>;

export function choiceButtons(
  choices: Choices,
  scale: boolean,
  label: string,
  press: (choice: Choices[number]) => void,
): HTMLElement {
  const group = make('div', {
    class: scale ? 'choices scale' : 'choices',
    role: 'group',
    'aria-label': label,
  });
  // An even row on a wide page; on a phone as few rows as keep a finger's width, none of them nearly empty.
  const rows = Math.ceil(choices.length / 7);
  group.style.setProperty('--all', String(choices.length));
  group.style.setProperty('--row', String(Math.ceil(choices.length / rows)));
  for (const choice of choices) {
    if (choice.url !== undefined) {
      const href = safeUrl(choice.url);
      if (!href) continue;
      const link = make('a', { class: 'choice link', href, target: '_blank', rel: 'noopener noreferrer' });
      link.append(...wordNodes(choice.label));
      link.dir = 'auto';
      group.append(link);
      continue;
    }
    const button = make('button', { type: 'button', class: 'choice', dir: 'auto' });
    const { ticked, words } = tickOf(choice.label);
    // The tick stands beside the words: they stay where they are when it comes and goes.
    if (ticked) button.append(make('span', { class: 'tick', 'aria-hidden': 'true' }, '✓ '));
    button.append(...wordNodes(words));
    button.classList.toggle('ticked', ticked);
    button.classList.toggle('short', isShortEdit(choice.label));
    button.dataset.label = choice.label;
    button.dataset.id = choice.id;
    button.addEventListener('click', () => {
      const idle = button.getAttribute('aria-busy') !== 'true';
      if (idle && button.getAttribute('aria-disabled') !== 'true') press(choice);
    });
    group.append(button);
  }
  if (!scale && choices.filter(({ label }) => isShortEdit(label)).length >= 4) group.classList.add('pairs');
  group.addEventListener('keydown', (event) => move(event, group));
  return group;
}

/** Changes of single answers, many of them under one summary: short enough to stand two in a row on a phone. */
function isShortEdit(label: string): boolean {
  return label.startsWith('✏') && label.length <= 20;
}

export function showQuestion(group: HTMLElement, question: Question | undefined): void {
  let first = true;
  for (const button of group.querySelectorAll('button')) {
    const chosen = question?.chosen !== undefined && button.dataset.label === question.chosen;
    // Not `disabled`: whoever is on it with the keyboard would be thrown off the page's order.
    button.setAttribute('aria-disabled', String(!question?.live));
    const going = question?.pressed.includes(button.dataset.id ?? '') ?? false;
    button.classList.toggle('chosen', chosen || (going && !question?.live));
    button.setAttribute('aria-pressed', String(chosen || button.classList.contains('ticked')));
    button.setAttribute('aria-busy', String(going));
    if (!button.contains(document.activeElement)) button.tabIndex = first ? 0 : -1;
    first = false;
  }
}

function move(event: KeyboardEvent, group: HTMLElement): void {
  const buttons = [...group.querySelectorAll<HTMLElement>('button')];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const last = buttons.length - 1;
  const to = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: last,
  }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const target = buttons[to < 0 ? last : to > last ? 0 : to];
  for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  target?.focus();
}
