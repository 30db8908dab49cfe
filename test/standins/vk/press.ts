// Buttons as fingers find them: under the text field or inside a message, and what a silent press becomes.
import type { Press } from './call.ts';
import type { Button } from './keyboard.ts';
import { seenOf } from './seen.ts';
import type { Dialogue, Kept, World } from './world.ts';

export interface Stage {
  readonly world: World;
  readonly presses: Map<string, Press>;
}

/** By its label alone the newest that can be pressed now; with a message id, one that message ever had. */
export type ButtonChoice = string | { readonly id: number; readonly label: string };

/** A press of a callback button, until the bot answers it. */
export interface SilentPress {
  readonly eventId: string;
  /** What the bot answered; undefined until then. */
  readonly answer: { readonly data: unknown } | undefined;
  answered(ms?: number): Promise<unknown>;
}

export function findMessage(world: World, dialogue: Dialogue, id: number): Kept {
  const kept = world.messages.get(id);
  if (kept?.peer !== dialogue.peer) throw new Error(`${dialogue.person.first_name} sees no message ${id}`);
  return kept;
}

export function findButton(
  world: World,
  dialogue: Dialogue,
  choice: ButtonChoice,
): { kept: Kept; button: Button } {
  if (typeof choice !== 'string') {
    // A client that has not heard of a change yet still shows what was there.
    const kept = findMessage(world, dialogue, choice.id);
    const states = [kept.keyboard, ...kept.history.map((one) => one.keyboard)];
    for (const keyboard of states) {
      const button = keyboard?.rows.flat().find((one) => one.label === choice.label);
      if (button !== undefined) return { kept, button };
    }
    throw new Error(`message ${choice.id} never had a button "${choice.label}"`);
  }
  for (const kept of [...dialogue.messages].reverse()) {
    const button = seenOf(dialogue, kept).buttons.find((one) => one.label === choice);
    if (button !== undefined) return { kept, button };
  }
  const labels = dialogue.messages.flatMap((kept) => seenOf(dialogue, kept).buttons.map((one) => one.label));
  const all = labels.join(' | ') || 'none';
  throw new Error(`${dialogue.person.first_name} sees no button "${choice}", only: ${all}`);
}

export function pressSilently({ world, presses }: Stage, kept: Kept, button: Button): SilentPress {
  const { peer } = kept;
  const eventId = `ev${world.nextId('press')}x${kept.id.toString(16)}`;
  const payload: unknown = button.payload === undefined ? {} : JSON.parse(button.payload);
  const press: Press = { eventId, peer, payload, at: world.now(), answer: undefined };
  presses.set(eventId, press);
  world.emit('message_event', {
    user_id: peer,
    peer_id: peer,
    event_id: eventId,
    payload,
    conversation_message_id: kept.cmid,
  });
  return {
    eventId,
    get answer() {
      return press.answer;
    },
    answered: async (ms = 5000) => {
      const answer = await world.changed.until(() => press.answer, ms, 'an answer to a press');
      return answer.data;
    },
  };
}
