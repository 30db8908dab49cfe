// How the messages people really get look in every channel, drawn into docs/messages.md for a reader to judge. A change
// of what is shown shows there as a difference: `npx vitest run test/channels/fit-table.test.ts --update` draws it anew.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Abilities } from '../../src/channels/channel.ts';
import { type FitWords, fit as fitted } from '../../src/channels/fit.ts';
import { MAX } from '../../src/channels/max/wire.ts';
import { rows } from '../../src/channels/rows.ts';
import { TELEGRAM } from '../../src/channels/telegram/wire.ts';
import { TERMINAL_ABILITIES } from '../../src/channels/terminal/adapter.ts';
import { MOST_INLINE } from '../../src/channels/vk/keyboard.ts';
import { VK_ABILITIES } from '../../src/channels/vk/wire.ts';
import { WEB_ABILITIES } from '../../src/channels/web/adapter.ts';
import { WHATSAPP_CLOUD } from '../../src/channels/whatsapp/cloud/outgoing.ts';
import { WHATSAPP } from '../../src/channels/whatsapp/web/wire.ts';
import type { Message } from '../../src/core/message.ts';
import { loadTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CHANNELS: readonly (readonly [string, Abilities])[] = [
  ['Telegram', TELEGRAM],
  ['VK', VK_ABILITIES],
  ['WhatsApp, linked phone', WHATSAPP],
  ['WhatsApp, Business Cloud API', WHATSAPP_CLOUD],
  ['MAX', MAX],
  ['Web chat', WEB_ABILITIES],
  ['Terminal', TERMINAL_ABILITIES],
];

const { resources } = loadTexts(join(ROOT, 'locales'));
const texts = createTexts(resources, { defaultLocale: 'ru' });
const t = (key: string, vars?: Record<string, string>): string => texts.t('ru', key, vars);
const words: FitWords = {
  choose: t('channels:choose'),
  scale: (from, to) => texts.t('ru', 'channels:scale', { from, to }),
};

const choices = (labels: readonly string[]) => labels.map((label, index) => ({ id: `r1.1.${index}`, label }));
const CATEGORIES = [
  'Доставка',
  'Товар с браком',
  'Не тот товар',
  'Возврат денег',
  'Оплата и чеки',
  'Промокоды и бонусы',
  'Работа сотрудника',
  'Работа пункта выдачи',
  'Сайт и приложение',
  'Гарантия и ремонт',
  'Документы для бухгалтерии',
  'Другое',
];
const RULES = `${'Вы можете вернуть товар надлежащего качества в течение четырнадцати дней, если сохранились его вид и чек. '.repeat(8)}`;

const MESSAGES: Readonly<Record<string, Message>> = {
  'The NPS question': {
    text: t('nps:score'),
    choices: choices(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10']),
    layout: 'scale',
  },
  'A list of twelve categories': { text: 'С чем связано обращение?', choices: choices(CATEGORIES) },
  'A long text with a link': {
    text: RULES.trim(),
    choices: [
      { id: '', label: 'Правила возврата', url: 'https://shop.example/returns' },
      { id: 'c.menu', label: t('engine:button.menu') },
    ],
  },
  'A photo with words': {
    text: 'Вот так выглядит накладная: номер заказа в правом верхнем углу.',
    attachments: [{ kind: 'photo', ref: 'media:1', name: 'waybill.jpg' }],
  },
  'A confirmation': {
    text: 'Проверьте обращение:\n\nО чём: Доставка\nЧто случилось: Курьер не приехал',
    choices: choices(['Отправить', 'Исправить', 'Не отправлять']),
  },
};

function draw(message: Message, abilities: Abilities): string {
  const parts = fitted(message, abilities, words);
  return parts
    .map((part) => {
      const files = (part.attachments ?? []).map((file) => `[${file.kind}: ${file.name}]`);
      const body =
        part.text.length > 400 ? `${part.text.slice(0, 120)} … ${part.text.slice(-120)}` : part.text;
      return [...files, body, ...drawChoices(part, abilities)].filter(Boolean).join('\n');
    })
    .join('\n· · ·\n');
}

/** Where the choices stand, as each network's adapter puts them. */
function drawChoices({ choices = [], layout }: Message, abilities: Abilities): readonly string[] {
  if (choices.length === 0) return [];
  if (abilities.polls) return ['(a poll)', ...choices.map(({ label }) => `○ ${label}`)];
  const line = (all: readonly { readonly label: string; readonly url?: string }[]) =>
    all.map(({ label, url }) => (url ? `[ ${label} ↗ ]` : `[ ${label} ]`)).join(' ');
  const lines = rows(choices, layout, abilities).map(line);
  if (abilities === WHATSAPP_CLOUD && choices.length > 3) return ['(a list to open)', ...lines];
  const below = abilities === VK_ABILITIES && choices.length > MOST_INLINE;
  return below ? ['(a keyboard in place of the phone’s own)', ...lines] : lines;
}

it('draws what each channel shows', async () => {
  const pages = Object.entries(MESSAGES).map(([title, message]) => {
    const shown = new Map<string, string[]>();
    for (const [name, abilities] of CHANNELS) {
      const picture = draw(message, abilities);
      shown.set(picture, [...(shown.get(picture) ?? []), name]);
    }
    const parts = [...shown].map(
      ([picture, names]) => `**${names.join(' · ')}**\n\n\`\`\`text\n${picture}\n\`\`\``,
    );
    return `## ${title}\n\n${parts.join('\n\n')}`;
  });
  const whole = `# The same message in every channel\n\nDrawn by \`test/channels/fit-table.test.ts\`.\n\n${pages.join('\n\n')}\n`;
  await expect(whole).toMatchFileSnapshot(join(ROOT, 'docs', 'messages.md'));
});
