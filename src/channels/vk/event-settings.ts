// The kinds of event VK is asked to tell of. Set by ourselves where the access key may; else a person must, and is told.
import { DeliveryError } from '../../core/errors.ts';
import type { Log, VkApi } from './api.ts';

const DIALOGUES = [
  'message_new',
  'message_reply',
  'message_edit',
  'message_event',
  'message_allow',
  'message_deny',
] as const;
const WALL = ['wall_reply_new', 'wall_reply_edit'] as const;
const VERSION = '5.199';

interface LongPollSettings {
  readonly is_enabled: boolean;
  readonly events?: Readonly<Record<string, number>>;
}

/** Never fails: without the settings events may come all the same. */
export async function ensureEvents(deps: {
  readonly api: Pick<VkApi, 'call'>;
  readonly group: number;
  readonly wall: boolean;
  readonly log: Log;
}): Promise<void> {
  const { api, group, log } = deps;
  const wanted = [...DIALOGUES, ...(deps.wall ? WALL : [])];
  let missing: readonly string[] = wanted;
  try {
    const now = await api.call<LongPollSettings>('groups.getLongPollSettings', { group_id: group });
    missing = wanted.filter((kind) => now.events?.[kind] !== 1);
    if (now.is_enabled && missing.length === 0) return;
    await api.call('groups.setLongPollSettings', {
      group_id: group,
      enabled: 1,
      api_version: VERSION,
      ...Object.fromEntries(missing.map((kind) => [kind, 1])),
    });
    log.info({ kinds: missing }, 'VK is asked to tell of more kinds of event');
  } catch (error) {
    // What is passing shows in the calls that follow.
    if (error instanceof DeliveryError && error.verdict !== 'never') return;
    const remedy = "turn them on in the community's settings: API usage, Long Poll API, Event types";
    log.warn({ kinds: missing, remedy }, 'the kinds of event that VK tells of could not be checked');
  }
}
