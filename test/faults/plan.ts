// Who takes part in a run and what each will do and say, all from the seed; with it, what must come of it. This is the
// reference the results are held against, and it knows nothing of the program.
import { type Random, seededRandom } from '../standins/telegram/random.ts';
import type { ChannelName } from './net.ts';

export interface Rating {
  readonly does: 'rating';
  readonly score: number;
  readonly scoreBy: 'press' | 'words';
  /** Option ids in the order ticked, or words of their own. */
  readonly why: readonly string[] | string;
  readonly comment: string;
  readonly mayContact: boolean;
}

export interface Trouble {
  readonly does: 'trouble';
  readonly area: 'delivery' | 'product' | 'other';
  readonly areaBy: 'press' | 'words';
  readonly what: string;
  readonly files: readonly Uint8Array[];
}

export interface Question {
  readonly does: 'operator';
  readonly question: string;
  /** What they say all at once when an operator has answered, while the operator goes on. */
  readonly replies: readonly string[];
}

export interface Plan {
  readonly id: number;
  readonly channel: ChannelName;
  /** Occurs in all they say, in nobody else's words, and must never be logged. */
  readonly token: string;
  readonly name: string;
  readonly doublePress: boolean;
  readonly talk: Rating | Trouble | Question;
  /** What operators do with their ticket, where there is one. */
  readonly desk: 'nothing' | 'claim' | 'answer' | 'close';
}

export const LABELS = {
  quality: 'Quality',
  delivery: 'Delivery',
  price: 'Price',
  product: 'Product',
  other: 'Something else',
} as const;

export const tokenOf = (id: number): string => `canary${id}end`;
export const operatorWord = (plan: Plan): string => `word for ${plan.token} from the desk`;
/** Said at once, while the customer speaks too: nothing but the lock and the version keeps these apart. */
export const moreWords = (plan: Plan): readonly string[] =>
  ['second', 'third', 'fourth'].map((which) => `${which} ${operatorWord(plan)}`);
export const lastWord = (plan: Plan): string => `goodbye to ${plan.token}`;

export const opensTicket = ({ talk }: Plan): boolean => talk.does !== 'rating' || talk.mayContact;

/** A small picture nobody else sends. */
function picture(id: number, index: number): Uint8Array {
  const name = new TextEncoder().encode(`canary picture ${id}.${index}`);
  const bytes = new Uint8Array(64 + name.length);
  bytes.set([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]);
  bytes.set(name, 32);
  return bytes;
}

export function plansOf(count: number, seed: number, channels: readonly ChannelName[]): readonly Plan[] {
  const random = seededRandom(seed);
  const chance = (share: number): boolean => random() < share;
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    const token = tokenOf(id);
    const share = random();
    const talk =
      share < 0.55 ? rating(random, token) : share < 0.85 ? trouble(random, id, token) : question(token);
    const work = random();
    return {
      id,
      channel: channels[index % channels.length] ?? 'web',
      token,
      name: `Nomen${id}canary`,
      doublePress: chance(0.3),
      talk,
      desk:
        talk.does === 'operator'
          ? work < 0.5
            ? 'answer'
            : 'close'
          : work < 0.4
            ? 'nothing'
            : work < 0.55
              ? 'claim'
              : work < 0.8
                ? 'answer'
                : 'close',
    };
  });
}

function rating(random: Random, token: string): Rating {
  const options = ['quality', 'delivery', 'price'] as const;
  const ticked = options.filter(() => random() < 0.5);
  return {
    does: 'rating',
    score: Math.floor(random() * 11),
    scoreBy: random() < 0.7 ? 'press' : 'words',
    why: random() < 0.25 ? `because ${token} said so at length` : ticked.length > 0 ? ticked : ['price'],
    comment: `comment of ${token} +7 912 345-67-89`,
    mayContact: random() < 0.35,
  };
}

function trouble(random: Random, id: number, token: string): Trouble {
  const areas = ['delivery', 'product', 'other'] as const;
  const count = Math.floor(random() * 4);
  return {
    does: 'trouble',
    area: areas[Math.floor(random() * 3)] ?? 'other',
    areaBy: random() < 0.7 ? 'press' : 'words',
    what: `what happened to ${token}`,
    files: Array.from({ length: count }, (_, index) => picture(id, index)),
  };
}

const question = (token: string): Question => ({
  does: 'operator',
  question: `question of ${token}`,
  replies: ['first', 'second', 'third'].map((which) => `${which} answer of ${token} to the desk`),
});
