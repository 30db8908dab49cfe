// The buttons under a question: one stop for Tab, arrows between them, a scale in even rows.
import type { MessageView } from '../../channels/web/wire.ts';
import { wordNodes } from './bubble.ts';
import { make } from './dom.ts';
import { safeUrl } from './links.ts';
import type { Question } from './talk.ts';

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
    button.append(...wordNodes(choice.label));
    button.dataset.label = choice.label;
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') press(choice);
    });
    group.append(button);
  }
  group.addEventListener('keydown', (event) => move(event, group));
  return group;
}

export function showQuestion(group: HTMLElement, question: Question | undefined): void {
  let first = true;
  for (const button of group.querySelectorAll('button')) {
    const chosen = question?.chosen !== undefined && button.dataset.label === question.chosen;
    // Not `disabled`: whoever is on it with the keyboard would be thrown off the page's order.
    button.setAttribute('aria-disabled', String(!question?.live));
    button.classList.toggle('chosen', chosen);
    button.setAttribute('aria-pressed', String(chosen));
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
