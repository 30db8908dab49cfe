// VK's settings and what is wrong with them.
import { checkCalledAt, type Reading, type Setting } from '../settings.ts';

export interface VkConfig {
  readonly token: string;
  /** The community's number. */
  readonly group: number;
  readonly apiBaseUrl: string;
  readonly proxyUrl?: string;
  readonly mode: 'poll' | 'callback';
  readonly secret?: string;
  /** Absent: asked from VK. */
  readonly confirmation?: string;
  /** Comments on the community's wall become tickets. */
  readonly wall: boolean;
}

export const VK_SETTINGS = {
  VK_TOKEN: { about: 'Turns VK on: the access key of the community', default: '' },
  VK_GROUP_ID: { about: 'The number of the community', default: '' },
  VK_API_BASE_URL: { about: 'Another VK API server', default: 'https://api.vk.ru/method' },
  VK_PROXY_URL: { about: 'Proxy for all calls to VK: `http://`, `https://` or `socks5://`', default: '' },
  VK_MODE: { about: '`poll` or `callback`', default: 'poll' },
  VK_SECRET: { about: 'With `callback`: the secret key, 8–50 of `A–Z a–z 0–9 _ -`', default: '' },
  VK_CONFIRMATION: {
    about: 'With `callback`: the string to confirm the server with; asked from VK when empty',
    default: '',
  },
  VK_WALL: { about: '`all`: comments on the wall become tickets; `off`', default: 'off' },
} as const satisfies Record<string, Setting>;

export function readVk(reading: Reading): VkConfig | undefined {
  const { value, url, fault } = reading;
  const token = value('VK_TOKEN');
  const group = value('VK_GROUP_ID').replace(/^(?:-|club|public)/, '');
  const mode = value('VK_MODE');
  const secret = value('VK_SECRET');
  const confirmation = value('VK_CONFIRMATION');
  const wall = value('VK_WALL');
  const apiBaseUrl = url('VK_API_BASE_URL', 'https', 'http');
  const proxyUrl = url('VK_PROXY_URL', 'http', 'https', 'socks', 'socks5', 'socks5h');
  if (token && !/^[\w.-]{16,}$/.test(token)) {
    fault('VK_TOKEN', 'must be the access key as VK shows it: one word of letters, digits, dots, - and _');
  }
  if (token && !/^[1-9]\d{0,11}$/.test(group)) {
    fault('VK_GROUP_ID', 'must be the number of the community, e.g. 123456789');
  }
  if (group && !token) fault('VK_GROUP_ID', 'needs VK_TOKEN too');
  if (mode !== 'poll' && mode !== 'callback') fault('VK_MODE', 'must be poll or callback');
  if (wall !== 'off' && wall !== 'all') fault('VK_WALL', 'must be off or all');
  if (token && mode === 'callback' && !/^[\w-]{8,50}$/.test(secret)) {
    fault('VK_SECRET', 'must be 8–50 of A–Z a–z 0–9 _ - when VK_MODE is callback, the same as set at VK');
  }
  // A person tells VK the address, so it may be unknown here; a known one that VK cannot call is a fault.
  if (token && mode === 'callback' && reading.publicUrl !== undefined)
    checkCalledAt(reading, 'VK', 'VK_MODE is callback');
  if (!token || apiBaseUrl === undefined) return undefined;
  return {
    token,
    group: Number(group),
    apiBaseUrl,
    mode: mode === 'callback' ? 'callback' : 'poll',
    wall: wall === 'all',
    ...(proxyUrl ? { proxyUrl } : {}),
    ...(secret ? { secret } : {}),
    ...(confirmation ? { confirmation } : {}),
  };
}
