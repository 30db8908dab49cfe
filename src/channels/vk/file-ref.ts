// The ref of a file that VK holds: its address. Only VK's own hosts are ever asked for one, whatever a ref says.
const PREFIX = 'vk:';

/** VK's hosts and those it keeps files on. */
const HOSTS = [
  'vk.com',
  'vk.ru',
  'vk.me',
  'userapi.com',
  'vkuser.net',
  'vkuserphoto.ru',
  'vkuservideo.net',
  'vkuserlive.net',
  'vkuseraudio.net',
  'vk-cdn.net',
  'vk-cdn.me',
  'mycdn.me',
];

export const toRef = (url: string): string => `${PREFIX}${url}`;

export function fromRef(ref: string | undefined): string | undefined {
  return ref?.startsWith(PREFIX) ? ref.slice(PREFIX.length) : undefined;
}

/** `apiBaseUrl`: files may lie beside another API server too. */
export function isOwnHost(url: URL, apiBaseUrl: string): boolean {
  if (url.host === new URL(apiBaseUrl).host) return true;
  return (
    url.protocol === 'https:' &&
    HOSTS.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))
  );
}
